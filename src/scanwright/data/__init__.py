"""Many cases: recognised, indexed, split and kept."""

from scanwright.data.entry import Entry, Reference, read_case
from scanwright.data.index import (
    Account,
    Index,
    IndexOptions,
    Layout,
    Skipped,
    TaskHint,
    TaskKind,
    Verdict,
)
from scanwright.data.layouts import LAYOUTS, fetch_medmnist
from scanwright.data.recognition import index_data
from scanwright.data.split import Fold, SplitOptions, SplitPlan, split_index
from scanwright.data.store import IMAGES, Store, build_store
from scanwright.data.summary import IndexSummary, Range, describe

__all__ = [
    "IMAGES",
    "LAYOUTS",
    "Account",
    "Entry",
    "Fold",
    "Index",
    "IndexOptions",
    "IndexSummary",
    "Layout",
    "Range",
    "Reference",
    "Skipped",
    "SplitOptions",
    "SplitPlan",
    "Store",
    "TaskHint",
    "TaskKind",
    "Verdict",
    "build_store",
    "describe",
    "fetch_medmnist",
    "index_data",
    "read_case",
    "split_index",
]
