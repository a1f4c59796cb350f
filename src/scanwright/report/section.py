"""A part of the report that a workflow adds: words, tables and figures under a heading."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scanwright.report.canvas import Figure


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of words.

    Parameters
    ----------
    caption
        What it shows.
    head
        One word per column; those of `numbers` are set to the right.
    rows
        As many cells each as there are columns.
    numbers
        Places of the columns that hold numbers, from 0.
    is_folded
        Whether the reader opens it first: for long tables.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part with its heading.

    Parameters
    ----------
    name
        Short and unique within a report; the page's anchor.
    sentences
        Paragraphs, above all else.
    """

    name: str
    title: str
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()

    def to_plain(self) -> dict[str, Any]:  # Any: words, numbers and lists of them
        """Return it for JSON."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Section":  # Any: as JSON holds it
        """Return what `to_plain` gave."""
        grids = tuple(
            Grid(
                caption=grid["caption"],
                head=tuple(grid["head"]),
                rows=tuple(tuple(row) for row in grid["rows"]),
                numbers=tuple(grid["numbers"]),
                is_folded=grid["is_folded"],
            )
            for grid in plain["grids"]
        )
        figures = tuple(Figure(**figure) for figure in plain["figures"])
        return cls(plain["name"], plain["title"], tuple(plain["sentences"]), figures, grids)
