"""The part of a report that shows single findings: true, false and missed ones, and all cases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.image import Floats, Image
from scanwright.report.box_picture import COLUMNS, BoxPicture, findings_svg
from scanwright.report.box_results import BoxResults
from scanwright.report.canvas import Figure, shorten
from scanwright.report.measure import MeasureOptions
from scanwright.report.outcomes import Outcomes
from scanwright.report.section import Grid, Section

CaseImages = Callable[[int], Image | None]
"""Maps the place of a case among the outcomes to its image, or None without one."""

MOST_PICTURES = 2 * COLUMNS
"""Of each group."""

MOST_ROWS = 150
"""Rows of the table of cases; all of them are in cases.csv."""

HEAD = ("Case", "Findings", "Found", "Missed", "False boxes", "Highest score")


Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A box that is shown, in which case, and what is said of it."""

    case: int
    edges: Floats = field(repr=False)
    words: str = ""


def box_section(
    split: str,
    outcomes: Outcomes,
    options: MeasureOptions,
    images: CaseImages = lambda _: None,
) -> Section:
    """Return pictures of false, missed and true findings, and a table of all cases.

    Parameters
    ----------
    split
        Its name, part of the anchors.
    images
        Called for at most eight findings of each of the three kinds.

    Raises
    ------
    InputError
        The outcomes are not those of boxes.
    """
    boxes = outcomes.boxes
    if boxes is None:
        raise InputError("Only boxes have a section of boxes.", got=outcomes.kind)
    groups = (
        ("false", "The surest false boxes", _false_ones(outcomes, boxes)),
        ("missed", "Missed findings", _missed_ones(outcomes, boxes)),
        ("true", "The surest true boxes", _true_ones(outcomes, boxes)),
    )
    figures = [
        _figure(f"{split}-{name}", title, shown, _Painter(outcomes, boxes, options, images))
        for name, title, shown in groups
    ]
    sentences = (
        f"Single findings of the split “{split}”, each of another image where there are enough. "
        "Look at the false ones: a true finding that nobody marked shows here. A volume is cut "
        "through the middle of the finding.",
    )
    drawn = tuple(figure for figure in figures if figure is not None)
    title = f"{'False, missed and true findings' if drawn else 'Cases'} ({split})"
    return Section(
        f"{split}-findings", title, sentences, drawn, (_table(outcomes, boxes, options),)
    )


def _false_ones(outcomes: Outcomes, boxes: BoxResults) -> list[_Shown]:
    matches = boxes.matches
    wrong = np.flatnonzero(boxes.reported & np.isin(boxes.state, (0, -2)))
    order = wrong[np.argsort(-matches.scores[wrong], kind="stable")]
    found = []
    for box in _one_of_each_case(order, matches.case):
        is_again = boxes.state[box] == -2
        why = "found already" if is_again else f"overlap {matches.nearest[box]:.2f}"
        words = f"{_label(outcomes, matches.label[box])} {matches.scores[box]:.2f}, {why}"
        found.append(_Shown(int(matches.case[box]), matches.edges[box], words))
    return found


def _missed_ones(outcomes: Outcomes, boxes: BoxResults) -> list[_Shown]:
    """Return missed findings, the largest first."""
    matches = boxes.matches
    missed = np.flatnonzero(matches.counted & ~boxes.is_found)
    order = missed[np.argsort(-boxes.truth_sides[missed], kind="stable")]
    found = []
    for box in _one_of_each_case(order, matches.truth_case):
        label, side = matches.truth_label[box], boxes.truth_sides[box]
        words = f"{_label(outcomes, label)}, {side:.3g} {boxes.unit}"
        found.append(_Shown(int(matches.truth_case[box]), matches.truth_edges[box], words))
    return found


def _true_ones(outcomes: Outcomes, boxes: BoxResults) -> list[_Shown]:
    matches = boxes.matches
    right = np.flatnonzero(boxes.reported & (boxes.state == 1))
    order = right[np.argsort(-matches.scores[right], kind="stable")]
    found = []
    for box in _one_of_each_case(order, matches.case, COLUMNS):
        words = f"{_label(outcomes, matches.label[box])} {matches.scores[box]:.2f}, "
        words += f"overlap {matches.nearest[box]:.2f}"
        found.append(_Shown(int(matches.case[box]), matches.edges[box], words))
    return found


def _label(outcomes: Outcomes, label: int) -> str:
    return shorten(outcomes.labels[label], 18)


def _one_of_each_case(order: Integers, case: Integers, most: int = MOST_PICTURES) -> list[int]:
    """Return the first boxes, further ones of a case only where too few cases have any."""
    seen: set[int] = set()
    first: list[int] = []
    further: list[int] = []
    for box in order.tolist():
        (further if case[box] in seen else first).append(box)
        seen.add(int(case[box]))
        if len(first) == most:
            break
    return (first + further)[:most]


@dataclass(frozen=True, slots=True)
class _Painter:
    """Makes the pictures of findings."""

    outcomes: Outcomes
    boxes: BoxResults
    options: MeasureOptions
    images: CaseImages

    def picture(self, shown: _Shown) -> BoxPicture | None:
        """Return the image of a finding with all boxes of its case; None without an image."""
        image = self.images(shown.case)
        if image is None:
            return None
        matches = self.boxes.matches
        mine = (matches.case == shown.case) & self.boxes.reported
        name = _case(self.outcomes, shown.case, self.options)
        return BoxPicture(
            image,
            matches.truth_edges[matches.truth_case == shown.case],
            matches.edges[mine],
            matches.scores[mine],
            shown.edges,
            f"{shorten(name, 24)}\n{shown.words}",
        )


def _figure(name: str, title: str, shown: Sequence[_Shown], painter: _Painter) -> Figure | None:
    found = [picture for one in shown if (picture := painter.picture(one)) is not None]
    if not found:
        return None
    caption = {
        "false": "Shown boxes that are on no finding, or on one that another box is on already.",
        "missed": "Findings that no shown box is on, the largest first.",
        "true": "Shown boxes that are on a finding.",
    }[name.rsplit("-", 1)[1]]
    alt = f"{title}: {len(found)} pictures with true and found boxes."
    return Figure(name, title, caption, alt, findings_svg(name, found), is_wide=True)


def _table(outcomes: Outcomes, boxes: BoxResults, options: MeasureOptions) -> Grid:
    """Return one row for each case, those with most mistakes first."""
    true, found, false = boxes.counts
    mistakes = true - found + false
    rows = []
    for case in np.argsort(-mistakes, kind="stable")[:MOST_ROWS].tolist():
        counts = (true[case], found[case], true[case] - found[case], false[case])
        score = outcomes.scores[case].max()
        cells = [*(f"{count:.0f}" for count in counts), f"{score:.3f}" if score else "–"]
        rows.append((_case(outcomes, case, options), *cells))
    part = "" if len(rows) == outcomes.count else f", the {len(rows)} with most mistakes"
    caption = f"{outcomes.count} cases{part}: those with most mistakes first"
    return Grid(caption, HEAD, tuple(rows), tuple(range(1, len(HEAD))), is_folded=True)


def _case(outcomes: Outcomes, index: int, options: MeasureOptions) -> str:
    return outcomes.cases[index] if options.show_names else f"Case {index + 1}"
