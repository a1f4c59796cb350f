"""Hold two finished runs against each other on the cases that both answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scanwright.base import Catalog, InputError
from scanwright.recipe import TASKS
from scanwright.report import Contender, Difference, MeasureOptions, Outcomes, compare_outcomes
from scanwright.workflows.box_outcomes import box_outcomes, boxes_apart, case_mistakes
from scanwright.workflows.compare import Compared, Match, Seconds, match_of
from scanwright.workflows.contest import run_outcomes
from scanwright.workflows.finished import FinishedRun, read_finished
from scanwright.workflows.mask_outcomes import case_scores, classes_apart, mask_outcomes

MOST_SHOWN = 10
"""Cases in which two models differ most."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the answers of a run are read back and looked at.

    Parameters
    ----------
    outcomes
        (run, split) → what was measured.
    parts
        Outcomes of each class by itself, where classes are measured apart.
    scores
        One figure for each case by which cases can be told apart, shape (N,); none if there is no
        such figure.
    """

    outcomes: Callable[[FinishedRun, str], Outcomes]
    parts: Callable[[Outcomes], Mapping[str, Outcomes]]
    scores: Callable[[Outcomes], Mapping[str, float]]


READINGS: Catalog[Reading] = Catalog(
    "reading",
    {
        "case": Reading(run_outcomes, lambda _: {}, lambda _: {}),
        "element": Reading(mask_outcomes, classes_apart, case_scores),
        "box": Reading(box_outcomes, boxes_apart, case_mistakes),
    },
)
"""By what a network gives."""


def compare_runs(first: Path, second: Path, options: MeasureOptions, seed: int = 0) -> Compared:
    """Compare two finished runs on the test cases that both answered, else on validation.

    Raises
    ------
    InputError
        Their cases, truths or labels differ.
    """
    runs = read_finished(first), read_finished(second)
    splits = [name for name in ("test", "validation") if all(name in r.answers for r in runs)]
    names = (first.name, second.name) if first.name != second.name else (str(first), str(second))
    matches = []
    notes = []
    for split in splits:
        pair = (_contender(names[0], runs[0], split), _contender(names[1], runs[1], split))
        if split == "validation" and pair[0].outcomes.cases != pair[1].outcomes.cases:
            notes.append("the runs were validated on other cases, so only the test part counts")
            continue
        matches.append(_match(split, pair, _reading(runs[0]), options, seed))
    if not matches:
        raise InputError(
            "The two runs have no test part in common.",
            next="train both on the same data with the same split",
            where=second,
        )
    seconds = {
        name: Seconds(run.training_seconds, None) for name, run in zip(names, runs, strict=True)
    }
    return Compared(f"{names[0]} and {names[1]}", tuple(matches), seconds, tuple(notes))


def _reading(run: FinishedRun) -> Reading:
    return READINGS[TASKS[run.recipe.task.kind].answer]


def _contender(name: str, run: FinishedRun, split: str) -> Contender:
    return Contender(name, _reading(run).outcomes(run, split))


def _match(
    split: str,
    pair: tuple[Contender, Contender],
    reading: Reading,
    options: MeasureOptions,
    seed: int,
) -> Match:
    match = match_of(split, pair, options, seed)
    first, second = (reading.parts(one.outcomes) for one in pair)
    parts: dict[str, tuple[Difference, ...]] = {}
    for label, outcomes in first.items():
        rng = np.random.default_rng([seed, 17])
        parts[label] = compare_outcomes(outcomes, second[label], options, rng)
    one, other = (reading.scores(contender.outcomes) for contender in pair)
    order = sorted(
        one.keys() & other.keys(), key=lambda case: (-abs(one[case] - other[case]), case)
    )
    apart = tuple((case, one[case], other[case]) for case in order[:MOST_SHOWN])
    return replace(match, parts=parts, apart=apart)
