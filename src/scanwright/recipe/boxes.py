"""What the rules need to know of a data set of findings: grids, and how large findings are."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from scanwright.base import SILENT, LabelError, Options, Progress, ScanwrightError, option
from scanwright.data import Entry, read_case
from scanwright.image import BoxesTarget, Case, Floats, edges_of
from scanwright.recipe.masks import AXES, LEAST_CASES, MOST_ELEMENTS, spread_sample
from scanwright.transforms import Orient

MOST_BOXES = 1000
"""Boxes noted of one case."""


class BoxFacts(Options):
    """Findings in numbers; volumes turned alike."""

    cases: int = option(..., low=1, help="Cases looked at.")
    boxes: int = option(0, low=0, help="Boxes in them.")
    present: dict[str, int] = option({}, help="Cases in which each label occurs.")
    empty: int = option(0, low=0, help="Cases without a finding.")
    size: tuple[int, ...] = option(..., help="Median edge of the images along each axis.")
    spacing_mm: tuple[float, ...] = option((), help="Median spacing, where known.")
    fine_mm: tuple[float, ...] = option((), help="10th percentile of the spacing, where known.")
    shorter: tuple[float, float, float] = option(
        (0.0, 0.0, 0.0),
        help="10th percentile, median and 90th percentile of the shortest edge of a box, in "
        "elements of an image of median size and spacing.",
    )
    longer: tuple[float, float, float] = option(
        (0.0, 0.0, 0.0), help="The same of the longest edge."
    )
    most: int = option(0, low=0, help="Boxes in the case with most of them.")

    @property
    def is_physical(self) -> bool:
        """Whether all have a spacing."""
        return bool(self.spacing_mm)


@dataclass(frozen=True, slots=True)
class Found:
    """What is noted of one case.

    Parameters
    ----------
    size, spacing_mm
        Of the image, turned; spacing 1 where it is not known.
    is_physical
        Whether it is.
    labels
        Those that occur.
    count
        Number of boxes.
    lengths
        Shape (N, D): edges of boxes, in elements.
    """

    size: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    is_physical: bool
    labels: frozenset[str]
    count: int
    lengths: Floats


def look_at_boxes(
    entries: Sequence[Entry], labels: Sequence[str], progress: Progress = SILENT
) -> BoxFacts:
    """Read cases spread over a data set, as many as are needed, and note what the rules need.

    Raises
    ------
    LabelError
        No case has boxes that can be used; the reason of the first is given.
    """
    found: list[Found] = []
    reasons: list[ScanwrightError] = []
    elements = 0.0
    chosen = spread_sample(entries)
    progress.begin("looking at findings", len(chosen), "cases")
    for entry in chosen:
        if len(found) >= LEAST_CASES and elements > MOST_ELEMENTS:
            break
        try:
            case = read_case(entry)
            found.append(look_at_case(case))
            elements += case.image.array.size
        except ScanwrightError as error:
            reasons.append(error)
        progress.step(1)
    progress.end()
    if not found:
        raise reasons[0] if reasons else LabelError("No case has boxes.")
    return gather_boxes(found, labels)


def look_at_case(case: Case) -> Found:
    """Note what the rules need of one case.

    Raises
    ------
    LabelError
        It has no boxes, not even none.
    """
    if case.image.rank == 3 and case.image.geometry.is_physical:
        turn = Orient(axes=AXES)
        case = turn.apply(case, turn.draw(case, np.random.default_rng(0)))
    target = case.target
    if not isinstance(target, BoxesTarget):
        raise LabelError("It is not known what is to be found in the case.", where=case.name)
    edges = edges_of(target.boxes[:MOST_BOXES], case.image.rank)
    return Found(
        size=case.image.size,
        spacing_mm=case.image.geometry.spacing_mm,
        is_physical=case.image.geometry.is_physical,
        labels=frozenset(box.label for box in target.boxes),
        count=len(target.boxes),
        lengths=edges[:, :, 1] - edges[:, :, 0],
    )


def gather_boxes(found: Sequence[Found], labels: Sequence[str]) -> BoxFacts:
    """Put together what was noted of cases."""
    size = tuple(round(median(axis)) for axis in zip(*(one.size for one in found), strict=True))
    spacings = [one.spacing_mm for one in found]
    is_physical = all(one.is_physical for one in found)
    spacing = tuple(median(axis) for axis in zip(*spacings, strict=True))
    lengths = np.concatenate(
        [_in_median_elements(one, size, spacing, is_physical) for one in found]
    )
    return BoxFacts(
        cases=len(found),
        boxes=sum(one.count for one in found),
        present={label: sum(label in one.labels for one in found) for label in labels},
        empty=sum(not one.count for one in found),
        size=size,
        spacing_mm=spacing if is_physical else (),
        fine_mm=tuple(float(np.percentile(axis, 10)) for axis in zip(*spacings, strict=True))
        if is_physical
        else (),
        shorter=_percentiles(lengths.min(axis=1, initial=np.inf)),
        longer=_percentiles(lengths.max(axis=1, initial=0.0)),
        most=max(one.count for one in found),
    )


def _in_median_elements(
    one: Found, size: tuple[int, ...], spacing: tuple[float, ...], is_physical: bool
) -> Floats:
    """Return edges as they would be in an image of median grid: by mm in volumes, else by share."""
    if is_physical and len(size) == 3:
        return np.asarray(one.lengths * np.array(one.spacing_mm) / np.array(spacing))
    return np.asarray(one.lengths * (max(size) / max(one.size)))


def _percentiles(lengths: Floats) -> tuple[float, float, float]:
    if not len(lengths):
        return (0.0, 0.0, 0.0)
    low, middle, high = np.percentile(lengths, (10, 50, 90)).tolist()
    return (low, middle, high)
