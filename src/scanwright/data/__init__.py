"""Many cases: recognised, indexed, split and kept."""

from scanwright.data.box_counts import BoxCounts
from scanwright.data.box_flaw import BoxFault, BoxFlaw
from scanwright.data.entry import Entry, read_case
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
from scanwright.data.label_codes import (
    IGNORED,
    IGNORED_CODE,
    encode_labels,
    outside_code,
    to_codes,
    truth_table,
    values_of_codes,
)
from scanwright.data.layouts import LAYOUTS, fetch_medmnist
from scanwright.data.mask_boxes import MaskBoxes
from scanwright.data.mask_reference import MaskPart, MaskReference
from scanwright.data.quality import truth_key
from scanwright.data.recognition import index_data
from scanwright.data.reference import (
    ChannelsReference,
    FileReference,
    Reference,
    SeriesReference,
)
from scanwright.data.split import Fold, SplitOptions, SplitPlan, split_index
from scanwright.data.store import IMAGES, Store, build_store
from scanwright.data.stored_case import StoredCase
from scanwright.data.summary import IndexSummary, Range, describe
from scanwright.data.window_store import (
    Preparation,
    WindowStore,
    build_window_store,
    open_window_store,
)

__all__ = [
    "IGNORED",
    "IGNORED_CODE",
    "IMAGES",
    "LAYOUTS",
    "Account",
    "BoxCounts",
    "BoxFault",
    "BoxFlaw",
    "ChannelsReference",
    "Entry",
    "FileReference",
    "Fold",
    "Index",
    "IndexOptions",
    "IndexSummary",
    "Layout",
    "MaskBoxes",
    "MaskPart",
    "MaskReference",
    "Preparation",
    "Range",
    "Reference",
    "SeriesReference",
    "Skipped",
    "SplitOptions",
    "SplitPlan",
    "Store",
    "StoredCase",
    "TaskHint",
    "TaskKind",
    "Verdict",
    "WindowStore",
    "build_store",
    "build_window_store",
    "describe",
    "encode_labels",
    "fetch_medmnist",
    "index_data",
    "open_window_store",
    "outside_code",
    "read_case",
    "split_index",
    "to_codes",
    "truth_key",
    "truth_table",
    "values_of_codes",
]
