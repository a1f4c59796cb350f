"""Findings as rows of a table: one for each box, and one for a case in which there is none."""

from collections.abc import Iterator, Sequence

import numpy as np

from scanwright.base import Plain
from scanwright.workflows.answer_rows import AnswerRows
from scanwright.workflows.findings import AXES, Finding, Findings

EDGES = tuple(f"{axis}_{end}" for axis in reversed(AXES) for end in ("min", "max"))
"""Columns of the edges in index units; those of z stay empty in a plane."""
SIZES = tuple(f"size_{axis}_mm" for axis in reversed(AXES))
CENTRE = ("centre_left_mm", "centre_back_mm", "centre_head_mm")
"""Columns of the middle, in LPS."""
BOX = ("label", "score", "reported", *EDGES, *SIZES, "diameter_mm", *CENTRE)
"""Columns that stay empty where nothing was found."""


def _cells(answer: Findings, _: Sequence[str]) -> Iterator[list[str]]:
    before = [answer.case, str(answer.reported)]
    after = ["|".join(str(file) for file in answer.files), "; ".join(answer.warnings)]
    for finding in answer:
        yield [*before, *_box_cells(finding), *after]
    if not len(answer):
        yield [*before, *[""] * len(BOX), *after]


def _box_cells(finding: Finding) -> list[str]:
    missing = len(AXES) - len(finding.low)
    edges = [
        f"{edge:.6g}"
        for pair in zip(reversed(finding.low), reversed(finding.high), strict=True)
        for edge in pair
    ]
    sizes = [f"{length:.6g}" for length in reversed(finding.size_mm)]
    diameter = finding.diameter_mm
    return [
        finding.label,
        f"{finding.score:.6g}",
        "yes" if finding.is_reported else "no",
        *edges, *[""] * (2 * missing),
        *sizes, *[""] * (len(SIZES) - len(sizes)),
        "" if diameter is None else f"{diameter:.6g}",
        *(f"{value:.6g}" for value in finding.centre_lps or ()),
        *[""] * (len(CENTRE) - len(finding.centre_lps)),
    ]  # fmt: skip


def _plain(answer: Findings) -> Plain:
    boxes: list[Plain] = [_box_plain(finding) for finding in answer]
    return {
        "case": answer.case,
        "findings": answer.reported,
        "boxes": boxes,
        "files": [str(file) for file in answer.files],
        "warnings": list(answer.warnings),
    }


def _box_plain(finding: Finding) -> Plain:
    axes = AXES[-len(finding.low) :]
    edges: dict[str, Plain] = {
        axis: [low, high]
        for axis, low, high in zip(axes, finding.low, finding.high, strict=True)
    }  # fmt: skip
    plain: dict[str, Plain] = {
        "label": finding.label,
        "score": finding.score,
        "is_reported": finding.is_reported,
        "edges": edges,
    }
    if finding.size_mm:
        plain["size_mm"] = dict(zip(axes, finding.size_mm, strict=True))
        plain["diameter_mm"] = finding.diameter_mm
    if finding.centre_lps:
        plain["centre_lps"] = list(finding.centre_lps)
    return plain


def _shown(answer: Findings, labels: Sequence[str]) -> dict[str, str]:
    found, is_reported = answer.found, answer.found.is_reported
    words = {"findings": str(answer.reported)}
    for place, label in enumerate(labels):
        scores = found.scores[is_reported & (found.classes == place)]
        words[label] = f"{len(scores)} (up to {np.max(scores):.2f})" if len(scores) else "none"
    return words | {"file": answer.files[0].name if answer.files else ""}


FINDINGS = AnswerRows(
    lambda _: ["case", "findings", *BOX, "files", "warnings"], _cells, _plain, _shown
)
