"""Cases on the course of outlines: prepared once, planned inside the budget, concluded."""

import json
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tests.workflows.conftest import OutlinedRun

from scanwright.training import Costs, Fit, Fold
from scanwright.workflows import mask_course
from scanwright.workflows.mask_course import MaskCourse
from scanwright.workflows.prepare import rows_of
from scanwright.workflows.windowed import seconds_per_case


def fit_with(run: OutlinedRun, folds: Sequence[Fold] | None = None, **settings: object) -> Fit:
    changed = {name.replace("__", "."): value for name, value in settings.items()}
    recipe = run.fit.recipe.changed({"inference.flips": (), **changed})
    return replace(run.fit, recipe=recipe, folds=folds or run.fit.folds)


def test_cases_to_learn_from_are_prepared_and_test_cases_are_not(outlined_run: OutlinedRun) -> None:
    names = set(outlined_run.course.store.names)
    tested = {entry.name for entry in outlined_run.prepared.test}
    assert len(names) == 10
    assert not names & tested
    for fold in outlined_run.course.folds:
        assert not set(fold.train.tolist()) & set(fold.validation.tolist())
        assert len(fold.train) + len(fold.validation) == len(names)


def test_a_case_that_could_not_be_prepared_is_left_out_of_its_fold(
    outlined_run: OutlinedRun,
) -> None:
    entries = outlined_run.prepared.plan.folds[0].train
    place = {entry.name: row for row, entry in enumerate(entries) if row != 1}
    assert rows_of(entries, place).tolist() == [0, *range(2, len(entries))]


def test_steps_are_planned_so_that_all_ends_in_time(outlined_run: OutlinedRun) -> None:
    fit = fit_with(outlined_run)
    costs = Costs(step=0.5, validation=0.5)
    recipe = outlined_run.course.plan(fit, costs, 300.0)
    fit.recipe = recipe
    after = outlined_run.course.after_seconds(fit, costs.validation)
    assert recipe.schedule.steps[0] * costs.step + after <= 300
    assert recipe.schedule.steps[0] > 100
    assert outlined_run.course.most_steps(fit) >= recipe.schedule.steps[0]
    assert "schedule.steps" in recipe.reasons


def test_a_shortened_schedule_is_never_lengthened(outlined_run: OutlinedRun) -> None:
    fit = fit_with(outlined_run, schedule__length=0.5, schedule__steps=(12,))
    assert outlined_run.course.most_steps(fit) == 12


def test_mirrored_views_are_tried_only_where_there_is_time(outlined_run: OutlinedRun) -> None:
    fit = fit_with(outlined_run)
    costs = Costs(step=0.1, validation=5.0)
    short = outlined_run.course.plan(fit, costs, 300.0)
    assert short.inference.tried == "none"
    assert "mirrored windows too would take" in short.reasons["inference.tried"]
    assert outlined_run.course.plan(fit, costs, 30_000.0).inference.tried == "mirrored"


@pytest.mark.parametrize(
    ("settings", "factor"),
    [
        ({"inference__tried": "none"}, 1),
        ({"inference__tried": "mirrored"}, 4),  # both axes are mirrored in training
        ({"inference__tried": "none", "inference__flips": (0,)}, 2),
        ({"inference__tried": "mirrored", "augmentation__flips": ()}, 1),
    ],
)
def test_views_cost_what_they_are(
    outlined_run: OutlinedRun, settings: dict[str, object], factor: int
) -> None:
    course, fit = outlined_run.course, fit_with(outlined_run, **settings)
    validation = 1000.0
    tries = fit.recipe.inference.tried == "mirrored" and fit.recipe.augmentation.flips
    trying = validation * (factor + 1) if tries else 0
    each = seconds_per_case(course.material, fit, validation)
    cases = len(fit.folds[0].validation) + len(outlined_run.prepared.test)
    found = course.after_seconds(fit, validation) - course.after_seconds(fit, 0.0)
    assert found == pytest.approx(trying + each * factor * cases)


def test_members_that_share_a_fold_each_look_at_its_cases(outlined_run: OutlinedRun) -> None:
    course, folds = outlined_run.course, outlined_run.fit.folds[:1]
    one = fit_with(outlined_run, folds, inference__tried="none")
    three = fit_with(
        outlined_run, folds, inference__tried="none", training__members=3,
        schedule__steps=(30, 30, 30),
    )  # fmt: skip
    seen = [
        course.after_seconds(fit, 100.0) - course.after_seconds(fit, 0.0) for fit in (one, three)
    ]
    assert seen[1] == pytest.approx(3 * seen[0])
    # Reading, going back to the source's grid and measuring are done once for each case.
    assert course.after_seconds(three, 0.0) == course.after_seconds(one, 0.0)


@pytest.mark.parametrize(("names", "low", "high"), [(1, 30, 60), (50, 90, 180)])
def test_large_volumes_are_left_minutes_not_half_seconds(
    names: int, low: float, high: float, outlined_run: OutlinedRun
) -> None:
    store = SimpleNamespace(
        names=("ct",),
        case=lambda _: SimpleNamespace(source_size=(300, 512, 512)),
        scheme=mask_course_scheme(names),
    )
    course = replace(outlined_run.course, store=store)  # type: ignore[arg-type]  # no more is asked
    one, two = (course._handling_seconds(0, tested) for tested in (1, 2))
    assert low < two - one < high
    # Refinements are bounded however large the cases are.
    many = course._handling_seconds(1000, 0) - 1000 * (two - one)
    assert 0 < many <= mask_course.TRIAL_SECONDS * mask_course.MOST_LOOKED_AT + 1e-6


def mask_course_scheme(names: int) -> object:
    from scanwright.image import LabelScheme

    return LabelScheme.of_classes([f"organ {number}" for number in range(names)])


def test_a_run_ends_in_scores_of_both_parts_and_what_was_chosen(outlined_run: OutlinedRun) -> None:
    scores = outlined_run.result.scores
    assert set(scores) == {"test", "validation"}
    assert scores["test"]["dice"]["value"] > 0.75
    recipe = outlined_run.prepared.recipe
    assert recipe.schedule.steps == (30,)
    assert "postprocessing" in recipe.reasons
    assert "inference.flips" in recipe.reasons
    sealed = json.loads((outlined_run.folder / "bundle" / "scores.json").read_text())
    assert sealed["test"]["dice"] == scores["test"]["dice"]


def test_a_course_is_opened_from_what_an_earlier_one_prepared(outlined_run: OutlinedRun) -> None:
    folder = outlined_run.folder / "state" / "store"
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.b2nd")}
    again = MaskCourse.open(outlined_run.prepared, folder)
    assert before
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.b2nd")} == before
    assert again.store.names == outlined_run.course.store.names
    assert np.array_equal(again.folds[0].train, outlined_run.course.folds[0].train)
