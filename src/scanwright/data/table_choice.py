"""Which table in a folder is the table of labels."""

from pathlib import Path

from scanwright.base import FileError, LabelError
from scanwright.data.index import IndexOptions
from scanwright.data.table import is_table

COCO_SUFFIX = ".json"
"""Ending of a file of boxes, which --labels may name in place of a table."""
USUAL_STEMS = ("labels", "label", "manifest", "metadata", "annotations", "index")
"""Names of a table of labels, the most telling first."""


def find_table(path: Path, options: IndexOptions) -> Path | None:
    """Return the table of labels that was asked for, that is the path, or that lies in it.

    Raises
    ------
    FileError
        The table that was asked for does not exist.
    LabelError
        Several tables lie in the folder and none has a usual name.
    """
    if options.labels is not None:
        if not options.labels.is_file():
            raise FileError(
                "There is no such table of labels.", next="check --labels", where=options.labels
            )
        return None if options.labels.suffix.lower() == COCO_SUFFIX else options.labels
    if path.is_file():
        return path if is_table(path) else None
    if not path.is_dir():
        return None
    tables = sorted(
        place
        for place in path.iterdir()
        if is_table(place) and place.suffix.lower() != ".txt" and not place.name.startswith(".")
    )
    for stem in USUAL_STEMS:
        named = [table for table in tables if table.stem.lower() == stem]
        if len(named) == 1:
            return named[0]
    if len(tables) > 1:
        raise LabelError(
            "Several tables lie in the folder.",
            got=", ".join(table.name for table in tables[:8]),
            next="name the table of labels with --labels",
            where=path,
        )
    return tables[0] if tables else None
