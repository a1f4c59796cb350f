"""Cases on the course of findings: planned inside the budget, chosen on validation, concluded."""

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.workflows.found_run import FoundRun, answers_of

from scanwright.inference import Decision
from scanwright.training import Costs
from scanwright.workflows.box_course import INTERIM


def test_a_run_measures_both_parts_and_says_how_it_decided(found_run: FoundRun) -> None:
    scores = found_run.result.scores
    assert set(scores) == {"test", "validation"}
    assert scores["validation"]["ap50"]["value"] > 0.2
    bundle = json.loads((found_run.result.folder / "bundle" / "decision.json").read_text())
    assert "F1" in bundle["rule"]
    assert len(bundle["thresholds"]) == 1
    report = (found_run.result.folder / "report.html").read_text(encoding="utf-8")
    for words in ("finds blob", "fusion.overlap", "mirrored windows bring", "average precision"):
        assert words in report


def test_steps_fill_the_time_that_is_left(found_run: FoundRun) -> None:
    course, costs = found_run.course, Costs(step=0.5, validation=0.5)
    fit = replace(found_run.fit)
    recipe = course.plan(fit, costs, 400.0)
    fit.recipe = recipe
    assert recipe.schedule.steps[0] * costs.step + course.after_seconds(fit, 0.5) <= 400
    assert recipe.schedule.steps[0] > 100
    assert course.most_steps(fit) >= recipe.schedule.steps[0]
    assert course.plan(fit, costs, 4000.0).schedule.steps[0] > recipe.schedule.steps[0]


def test_mirrored_windows_are_not_tried_where_that_takes_too_long(found_run: FoundRun) -> None:
    slow = Costs(step=0.1, validation=60.0)
    recipe = found_run.course.plan(replace(found_run.fit), slow, 300.0)
    assert recipe.inference.tried == "none"
    assert "mirrored windows too would take" in recipe.reasons["inference.tried"]


def test_looking_at_more_networks_takes_longer(found_run: FoundRun) -> None:
    one = replace(found_run.fit)
    two = replace(found_run.fit)
    two.recipe = two.recipe.changed({"training.members": 2, "schedule.steps": (40, 40)})
    course = found_run.course
    assert course.after_seconds(two, 10.0) > course.after_seconds(one, 10.0)


def test_a_bundle_of_a_run_that_goes_on_reports_what_is_likely(found_run: FoundRun) -> None:
    decision = found_run.course.decision(found_run.fit, found_run.members)
    assert decision.thresholds == (INTERIM,)
    assert "not come to its end" in decision.rule


def test_cases_to_learn_from_are_prepared_and_test_cases_are_not(found_run: FoundRun) -> None:
    names = set(found_run.course.store.names)
    assert not names & {entry.name for entry in found_run.prepared.test}
    for fold in found_run.course.folds:
        assert not set(fold.train.tolist()) & set(fold.validation.tolist())


def test_scores_of_an_answer_are_those_of_its_decision(found_run: FoundRun) -> None:
    answers = answers_of(found_run)
    tested = answers.tested(found_run.fit, found_run.members, found_run.prepared.test)
    plain = answers.answers(tested, Decision())
    sure = answers.answers(tested, Decision(shift=(2.0,)))
    for one, other in zip(plain, sure, strict=True):
        assert len(one.prediction) == len(other.prediction)
        assert np.all(other.prediction.scores > one.prediction.scores)


def test_windows_mirrored_along_two_axes_are_four_views(found_run: FoundRun) -> None:
    def looking(flips: tuple[int, ...]) -> float:
        fit = replace(found_run.fit)
        fit.recipe = fit.recipe.changed({"inference.flips": flips, "inference.tried": "none"})
        course = found_run.course
        return course.after_seconds(fit, 100.0) - course.after_seconds(fit, 0.0)

    assert [looking(flips) / looking(()) for flips in ((1,), (0, 1))] == pytest.approx([2, 4])
