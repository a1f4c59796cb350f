"""Whole images on their course: prepared once, planned, and numbers on one scale."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.recipe.builders import recipe as plain_recipe
from tests.workflows.test_prepare import scans

from scanwright.training import Costs
from scanwright.workflows.course import fit_of
from scanwright.workflows.image_course import ImageCourse, scaled
from scanwright.workflows.prepare import Prepared, RunOptions, prepare

SETTINGS = {"training.members": 2, "network.width": 0.25, "network.size": (16, 16)}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = scans(tmp_path_factory.mktemp("course") / "data")
    return prepare(str(folder), RunOptions(device="cpu", settings=SETTINGS), time.monotonic())


def test_every_fold_learns_from_other_rows_than_it_is_validated_on(
    prepared: Prepared, tmp_path: Path
) -> None:
    course = ImageCourse.open(prepared, tmp_path)
    assert course.material.images.shape[1:] == (prepared.recipe.network.channels, 16, 16)
    for fold in course.folds:
        assert not set(fold.train.tolist()) & set(fold.validation.tolist())
    assert course.scaling == (0.0, 1.0)


def test_a_course_is_opened_from_what_an_earlier_one_prepared(
    prepared: Prepared, tmp_path: Path
) -> None:
    first = ImageCourse.open(prepared, tmp_path)
    written = (tmp_path / "images.npy").stat().st_mtime_ns
    again = ImageCourse.open(prepared, tmp_path)
    assert (tmp_path / "images.npy").stat().st_mtime_ns == written
    assert np.array_equal(first.material.images, again.material.images)


def test_what_follows_training_is_left_its_time(prepared: Prepared, tmp_path: Path) -> None:
    course = ImageCourse.open(prepared, tmp_path / "store")
    fit = fit_of(course, prepared, tmp_path)
    costs = Costs(step=0.5, validation=0.5)
    recipe = course.plan(fit, costs, 200.0)
    fit.recipe = recipe
    after = course.after_seconds(fit, costs.validation)
    rounds = recipe.training.members / recipe.training.workers
    assert recipe.schedule.steps[0] * costs.step * rounds + after <= 200
    assert course.most_steps(fit) >= recipe.schedule.steps[0]
    slower = course.after_seconds(replace(fit, recipe=recipe), 2 * costs.validation)
    assert slower > after


def test_numbers_are_scaled_by_the_cases_that_are_learnt_from_alone() -> None:
    truth = np.array([[1.0], [3.0], [100.0]])
    number = plain_recipe().changed({"task.kind": "number", "task.labels": ("age",)})
    own, scale = scaled(number, truth, np.array([0, 1]))
    assert scale == (2.0, 1.0)
    assert own[:, 0].tolist() == [-1.0, 1.0, 98.0]
    kept, scale = scaled(plain_recipe(), truth, np.array([0, 1]))
    assert kept is truth
    assert scale == (0.0, 1.0)
