"""The ground floor: errors, options, catalogs, progress, the machine, and safe files."""

from scanwright.base.catalog import Catalog
from scanwright.base.compiled import compiled
from scanwright.base.errors import (
    EXIT_CODES,
    BundleError,
    FileError,
    GeometryError,
    InputError,
    LabelError,
    OccupiedError,
    RecipeError,
    ResourceError,
    ScanwrightError,
    ShapeError,
    SplitError,
)
from scanwright.base.files import (
    heal_folder,
    hold_folder,
    replacing,
    replacing_folder,
    sha256_file,
    write_atomic,
    write_error,
    write_json,
)
from scanwright.base.machine import (
    Machine,
    cache_folder,
    free_disk_bytes,
    multiplies_bfloat16,
    read_machine,
    thread_count,
)
from scanwright.base.memory import keep_freed_memory
from scanwright.base.options import Options, Plain, option, unknown_name
from scanwright.base.progress import SILENT, Progress

__all__ = [
    "EXIT_CODES",
    "SILENT",
    "BundleError",
    "Catalog",
    "FileError",
    "GeometryError",
    "InputError",
    "LabelError",
    "Machine",
    "OccupiedError",
    "Options",
    "Plain",
    "Progress",
    "RecipeError",
    "ResourceError",
    "ScanwrightError",
    "ShapeError",
    "SplitError",
    "cache_folder",
    "compiled",
    "free_disk_bytes",
    "heal_folder",
    "hold_folder",
    "keep_freed_memory",
    "multiplies_bfloat16",
    "option",
    "read_machine",
    "replacing",
    "replacing_folder",
    "sha256_file",
    "thread_count",
    "unknown_name",
    "write_atomic",
    "write_error",
    "write_json",
]
