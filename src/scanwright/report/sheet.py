"""Images before and after side by side, with their numbers, as one HTML file on its own."""

from dataclasses import dataclass, field

import numpy as np

from scanwright.image import Array
from scanwright.report.template import page_template

BINS = 64
WIDTH, HEIGHT = 224, 96
"""Of a histogram, in pixels."""


@dataclass(frozen=True, slots=True)
class Change:
    """A number before and after, as words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One image of a sheet.

    Parameters
    ----------
    name
        Heading.
    pictures
        Caption → PNG data URI, in the order in which they are shown.
    histogram
        Number of elements in each of some bins, before and after.
    changes
        Numbers below the pictures.
    notes
        Lines below them.
    """

    name: str
    pictures: dict[str, str] = field(repr=False)
    histogram: tuple[tuple[float, ...], tuple[float, ...]] = field(repr=False)
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page says: title, how it came about, the comparisons, and files without one."""

    title: str
    summary: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    comparisons: tuple[BeforeAfter, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def render_sheet(sheet: Sheet) -> str:
    """Return the sheet as a page: self-contained, escaped, without script or network.

    Raises
    ------
    InputError
        A picture is no PNG data URI.
    """
    return page_template("sheet.html.j2").render(sheet=sheet, points=_path)


def joint_histogram(before: Array, after: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return two histograms over the range that holds both, each 1 where it is fullest."""
    parts = [array[np.isfinite(array)].astype(np.float64).ravel() for array in (before, after)]
    if not all(part.size for part in parts):
        return (0.0,) * BINS, (0.0,) * BINS
    low, high = (float(edge(np.concatenate(parts))) for edge in (np.min, np.max))
    counts = [np.histogram(part, BINS, (low, high if high > low else low + 1))[0] for part in parts]
    # The square root lets small heaps be seen beside an empty background.
    one, other = (np.sqrt(count / max(1, count.max())) for count in counts)
    return tuple(one.tolist()), tuple(other.tolist())


def _path(heights: tuple[float, ...]) -> str:
    step = WIDTH / len(heights)
    points = [
        f"{step * place:.1f},{HEIGHT * (1 - height):.1f} {step * (place + 1):.1f},"
        f"{HEIGHT * (1 - height):.1f}"
        for place, height in enumerate(heights)
    ]
    return " ".join(points)
