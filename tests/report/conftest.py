"""Invented cases of each kind of task."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from scanwright.report import (
    MeasureOptions,
    Outcomes,
    SplitReport,
    measure_scores,
    measure_subgroups,
    report_split,
)

from .builders import box_outcomes, mask_outcomes

QUICK = MeasureOptions(replicates=60)


def invent_binary(count: int = 120, seed: int = 0, shift: float = 2.0) -> Outcomes:
    rng = np.random.default_rng(seed)
    truth = (rng.random(count) < 0.4).astype(int)
    truth[:4] = [0, 0, 1, 1]
    chance = 1 / (1 + np.exp(-(rng.normal(size=count) + shift * truth - 1)))
    return Outcomes(
        "classes",
        ("normal", "ill"),
        truth,
        np.stack([1 - chance, chance], axis=1),
        patients=tuple(f"p{index // 2}" for index in range(count)),
        columns={"site": tuple("AB"[index % 2] for index in range(count))},
        thresholds=(0.4,),
        rule="by decree",
    )


def invent_classes(labels: tuple[str, ...] = ("a", "b", "c"), count: int = 90) -> Outcomes:
    rng = np.random.default_rng(1)
    truth = np.arange(count) % len(labels)
    logits = rng.normal(size=(count, len(labels))) + 2 * np.eye(len(labels))[truth]
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Outcomes("classes", labels, truth, scores)


def invent_findings(count: int = 80) -> Outcomes:
    rng = np.random.default_rng(2)
    truth = (rng.random((count, 3)) < 0.4).astype(int)
    scores = np.clip(0.3 * truth + 0.7 * rng.random((count, 3)), 0, 1)
    return Outcomes("findings", ("mass", "fluid", "air"), truth, scores, thresholds=(0.4, 0.5, 0.6))


def invent_grades(count: int = 80) -> Outcomes:
    outcomes = invent_classes(("none", "mild", "severe"), count)
    return Outcomes("grade", outcomes.labels, outcomes.truth, outcomes.scores)


def invent_numbers(count: int = 60) -> Outcomes:
    rng = np.random.default_rng(3)
    truth = 100 + 20 * rng.normal(size=count)
    return Outcomes("number", ("age",), truth, truth + 5 * rng.normal(size=count), unit="months")


INVENTED: dict[str, Callable[[], Outcomes]] = {
    "binary": invent_binary,
    "classes": invent_classes,
    "findings": invent_findings,
    "grade": invent_grades,
    "number": invent_numbers,
    "segmentation": mask_outcomes,
    "detection": box_outcomes,
}


def bare_split(name: str, outcomes: Outcomes, rng: np.random.Generator) -> SplitReport:
    """A split without its figures, which take most of the time."""
    scores = measure_scores(outcomes, QUICK, rng)
    groups = measure_subgroups(outcomes, scores.scores, QUICK, rng)
    return SplitReport(name, outcomes, scores, groups, (), ())


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@cache
def full_split(kind: str) -> SplitReport:
    """A split with its figures, made once however the tests are ordered."""
    return report_split("test", INVENTED[kind](), QUICK, np.random.default_rng(0))


@pytest.fixture(params=list(INVENTED))
def any_split(request: pytest.FixtureRequest) -> SplitReport:
    return full_split(request.param)
