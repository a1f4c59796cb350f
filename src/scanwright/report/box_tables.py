"""Every box and every case as tables for machines."""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from scanwright.image import Floats, Frame, Geometry
from scanwright.report.box_results import BoxResults
from scanwright.report.outcomes import Outcomes
from scanwright.report.report import SplitReport

AXES = ("x", "y", "z")
"""Index axes, fast → slow; the first D are those of an image."""

CASE_HEAD = ("split", "number", "case", "patient", "size", "findings", "found", "missed", "false")
BOX_HEAD = ("split", "number", "case", "patient", "what", "label", "score", "reported", "overlap")
EDGES = tuple(f"{axis}_{end}" for axis in AXES for end in ("min", "max"))
"""In index units; those of z stay empty in a plane."""

SIZES = tuple(f"size_{axis}_mm" for axis in AXES)
PLACE = tuple(f"{axis}_{end}_mm" for axis in ("left", "back", "head") for end in ("min", "max"))
"""Of the smallest upright box around it, in the patient's frame LPS."""

MOST_BOXES = 100
"""Of each class and case, unless more are reported: as many as average precision looks at."""

WHAT = {1: "hit", 0: "false", -2: "again", -1: "ignored"}
"""Of found boxes: on a finding, on none, a further one on a finding found already, in a crowd."""

Row = list[object]


def box_cases_csv(splits: Sequence[SplitReport]) -> str:
    """Return one row for each case: findings, those found and missed, and false boxes.

    Patients are numbered through, not named: the same number is the same patient.
    """
    rows: list[Sequence[object]] = [CASE_HEAD]
    seen: dict[str, int] = {}
    for split in splits:
        rows.extend(_case_rows(split, seen))
    return _csv(rows)


def findings_csv(splits: Sequence[SplitReport]) -> str:
    """Return one row for each box of each case, true ones first, then the surest found ones.

    "what" is "found" or "missed", or "crowd", of a true box; "hit", "false", "again" (a further one
    on a finding that a surer one is on) or "ignored" (in a crowd) of a found one. "reported" says
    whether a found box reaches the threshold of its class; those that do are kept, and the 100
    surest of each class and case. "overlap" is the highest intersection over union with a finding
    of the same class. Edges are in index units: an element i covers i - 0.5 to i + 0.5.
    """
    rows: list[Sequence[object]] = [(*BOX_HEAD, *EDGES, *SIZES, *PLACE)]
    seen: dict[str, int] = {}
    for split in splits:
        if split.outcomes.boxes is not None:
            rows.extend(_box_rows(split.name, split.outcomes, split.outcomes.boxes, seen))
    return _csv(rows)


def _case_rows(split: SplitReport, seen: dict[str, int]) -> Iterable[Row]:
    outcomes, boxes = split.outcomes, split.outcomes.boxes
    if boxes is None:
        return
    counts = np.stack(boxes.counts, axis=1).astype(int)
    for case, name in enumerate(outcomes.cases):
        patient = seen.setdefault(outcomes.patients[case], len(seen) + 1)
        true, found, false = counts[case].tolist()
        size = "x".join(map(str, boxes.sizes[case]))
        yield [split.name, case + 1, name, patient, size, true, found, true - found, false]


def _box_rows(
    split: str, outcomes: Outcomes, boxes: BoxResults, seen: dict[str, int]
) -> Iterable[Row]:
    matches, state, is_found = boxes.matches, boxes.state, boxes.is_found
    true_order = np.lexsort((matches.truth_origin, matches.truth_case))
    guess_order = np.lexsort((-matches.scores, matches.case))
    starts = [
        np.searchsorted(case[order], np.arange(matches.cases + 1))
        for case, order in ((matches.truth_case, true_order), (matches.case, guess_order))
    ]
    for case, name in enumerate(outcomes.cases):
        patient = seen.setdefault(outcomes.patients[case], len(seen) + 1)
        geometry = boxes.geometries[case]
        begin: Row = [split, case + 1, name, patient]
        for box in true_order[starts[0][case] : starts[0][case + 1]]:
            what = ("found" if is_found[box] else "missed") if matches.counted[box] else "crowd"
            about: Row = [what, outcomes.labels[matches.truth_label[box]], "", "", ""]
            yield [*begin, *about, *_edges(matches.truth_edges[box], geometry)]
        for box in guess_order[starts[1][case] : starts[1][case + 1]]:
            if matches.place[box] >= MOST_BOXES and not boxes.reported[box]:
                continue
            label, score = outcomes.labels[matches.label[box]], repr(float(matches.scores[box]))
            nearest = f"{matches.nearest[box]:.6g}"
            is_reported = "yes" if boxes.reported[box] else "no"
            about = [WHAT[int(state[box])], label, score, is_reported, nearest]
            yield [*begin, *about, *_edges(matches.edges[box], geometry)]


def _edges(edges: Floats, geometry: Geometry) -> list[str]:
    """Return edges, lengths and place; what is not known stays empty."""
    missing = [""] * (len(AXES) - len(edges))
    index = [repr(value) for value in edges[::-1].ravel().tolist()]
    cells = [*index, *missing, *missing]
    if not geometry.is_physical:
        return [*cells, *[""] * (len(SIZES) + len(PLACE))]
    sizes = (edges[:, 1] - edges[:, 0]) * np.array(geometry.spacing_mm)
    cells += [*(f"{length:.6g}" for length in sizes[::-1].tolist()), *missing]
    if geometry.frame is not Frame.PATIENT:
        return [*cells, *[""] * len(PLACE)]
    corners = np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1).reshape(-1, len(edges))
    world = geometry.to_world(corners)
    ends = np.stack([world.min(axis=0), world.max(axis=0)], axis=1)
    return [*cells, *(f"{value:.6g}" for value in ends.ravel().tolist())]


def _csv(rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
