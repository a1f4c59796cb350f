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
from scanwright.data.store import Store, build_store

__all__ = [
    "LAYOUTS",
    "Account",
    "Entry",
    "Index",
    "IndexOptions",
    "Layout",
    "Reference",
    "Skipped",
    "Store",
    "TaskHint",
    "TaskKind",
    "Verdict",
    "build_store",
    "fetch_medmnist",
    "index_data",
    "read_case",
]
