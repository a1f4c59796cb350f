"""Fusion, chances and thresholds are chosen by what validation says of them."""

from types import SimpleNamespace

import numpy as np
import pytest
from tests.workflows.found_run import FoundRun, answers_of

from scanwright.image import BoxesTarget, Geometry
from scanwright.inference import Proposals
from scanwright.workflows.box_answers import Proposed
from scanwright.workflows.box_choice import (
    NOTHING_FOUND,
    _choose_fusion,
    _decide,
    choose_boxes,
    precision_of,
)


def proposed(edges: list[float], scores: list[float], truth: list[float]) -> Proposed:
    """Return a case in which squares of ten elements start at some places of a line."""

    def squares(starts: list[float]) -> np.ndarray:  # type: ignore[type-arg]  # edges
        return np.array([[[0.0, 10.0], [at, at + 10.0]] for at in starts]).reshape(-1, 2, 2)

    ids = np.zeros(len(scores), np.int64)
    return Proposed(
        SimpleNamespace(name="a"),  # type: ignore[arg-type]  # only named
        BoxesTarget(()),
        squares(truth),
        np.zeros(len(truth), np.int64),
        source=Geometry.pixels(2),
        size=(100, 100),
        grid=Geometry.pixels(2),
        proposals=Proposals.of(squares(edges), np.array(scores), ids),
    )


def test_precision_is_one_where_all_is_found_and_nothing_else(found_run: FoundRun) -> None:
    answers = answers_of(found_run)
    cases = [proposed([0.0, 40.0], [0.9, 0.8], [0.0, 40.0]), proposed([], [], [])]
    fused = [one.proposals.fused(answers.recipe.fusion) for one in cases]
    assert precision_of(cases, fused, 1, 2) == pytest.approx(1.0)
    nothing = [proposed([5.0], [0.9], [])]
    assert (
        precision_of(nothing, [one.proposals.fused(answers.recipe.fusion) for one in nothing], 1, 2)
        == 0
    )


def test_findings_that_touch_are_kept_apart_where_validation_has_such(
    found_run: FoundRun,
) -> None:
    """True boxes overlap by .43: fused from .3 on, one of each pair would be lost."""
    cases = [proposed([0.0, 4.0], [0.9, 0.8], [0.0, 4.0]) for _ in range(8)]
    chosen = _choose_fusion(answers_of(found_run), cases).recipe
    assert chosen.fusion.overlap > 0.43
    assert "brings the average precision" in chosen.reasons["fusion.overlap"]


def test_the_default_is_kept_where_nothing_is_better(found_run: FoundRun) -> None:
    cases = [proposed([0.0], [0.9], [0.0]) for _ in range(4)]
    before = answers_of(found_run)
    after = _choose_fusion(before, cases).recipe
    assert after.fusion == before.recipe.fusion
    assert "none of" in after.reasons["fusion.method"]


def test_a_threshold_parts_true_from_false_boxes(found_run: FoundRun) -> None:
    cases = [proposed([0.0, 50.0], [0.7, 0.2], [0.0]) for _ in range(20)]
    decision = _decide(answers_of(found_run), cases)
    kept = 1 / (1 + np.exp(-(np.log(0.7 / 0.3) / decision.temperature + decision.shift[0])))
    lost = 1 / (1 + np.exp(-(np.log(0.2 / 0.8) / decision.temperature + decision.shift[0])))
    assert lost < decision.thresholds[0] <= kept
    assert kept > 0.9
    assert lost < 0.1


def test_without_any_box_a_half_is_the_threshold(found_run: FoundRun) -> None:
    decision = _decide(answers_of(found_run), [proposed([], [], [0.0])])
    assert decision.thresholds == (0.5,)
    assert "no box" in decision.rule


def test_views_are_mirrored_only_where_that_pays(found_run: FoundRun) -> None:
    answers, fit = answers_of(found_run), found_run.fit
    answers.recipe = answers.recipe.changed(
        {"inference.tried": "mirrored", "augmentation.flips": (1,)}
    )
    by_name = {entry.name: entry for entry in found_run.prepared.everything()}
    entries = [by_name[name] for name in found_run.course.store.names]
    chosen, validated, _ = choose_boxes(answers, fit, found_run.members, entries)
    reason = chosen.recipe.reasons["inference.flips"]
    assert chosen.recipe.inference.flips == (() if "not kept" in reason else (1,))
    assert len(validated) == len(fit.folds[0].validation)


def test_networks_that_find_nothing_are_told_of(found_run: FoundRun) -> None:
    answers, fit = answers_of(found_run), found_run.fit
    by_name = {entry.name: entry for entry in found_run.prepared.everything()}
    entries = [by_name[name] for name in found_run.course.store.names]
    chosen, _, _ = choose_boxes(answers, fit, found_run.members, entries)
    assert NOTHING_FOUND not in chosen.notes
    answers.recipe = answers.recipe.changed({"fusion.least_score": 0.9})
    chosen, validated, _ = choose_boxes(answers, fit, found_run.members, entries)
    assert not any(len(one.proposals) for one in validated)
    assert chosen.notes == (NOTHING_FOUND,)
