import numpy as np
import pytest

from scanwright.classical import (
    Table,
    cross_fit,
    learning_curve,
    learning_parts,
    panel_merit,
)
from scanwright.classical.learning import part_of
from tests.classical.conftest import blobs
from tests.classical.test_cross import FAST, folds_of


def test_a_learning_curve_rises_and_its_parts_are_nested() -> None:
    values, truth = blobs(240, 2, 0, gap=1.5)
    table = Table(values, truth, range(240), tuple(f"a.{i}" for i in range(6)), "classes", 2)
    points = learning_curve(table, folds_of(table), (0.02, 0.1, 1.0), FAST)
    assert [point.cases for point in points] == sorted(point.cases for point in points)
    rows = np.arange(240)
    merits = [panel_merit(table, rows, point.scores) for point in points]
    assert merits[-1] > 0.9
    assert merits[-1] >= max(merits) - 0.02


def test_parts_are_nested_stratified_and_keep_patients_whole(two_classes: Table) -> None:
    train = np.arange(80)
    order = np.random.default_rng(0).permutation(80)
    half = part_of(two_classes, train, order, 0.5)
    quarter = part_of(two_classes, train, order, 0.25)
    assert set(quarter.tolist()) < set(half.tolist())
    assert np.mean(two_classes.truth[half]) == pytest.approx(0.5)
    names = np.array(two_classes.patients)
    assert not set(names[half]) & set(names[np.setdiff1d(train, half)])


def test_a_part_with_too_few_patients_is_left_out_of_the_curve(two_classes: Table) -> None:
    points = learning_curve(two_classes, folds_of(two_classes), (0.01, 1.0), FAST)
    assert [point.share for point in points] == [1.0]


def test_others_get_the_very_parts_that_the_curve_was_learnt_from(two_classes: Table) -> None:
    folds = folds_of(two_classes)
    parts = learning_parts(two_classes, folds, (0.5, 1.0), FAST.seed)
    points = learning_curve(two_classes, folds, (0.5, 1.0), FAST)
    for part, point in zip(parts, points, strict=True):
        own = [(rows, held) for rows, (_, held) in zip(part.rows, folds, strict=True)]
        assert np.array_equal(cross_fit(two_classes, own, FAST).scores, point.scores)
    for smaller, larger in zip(parts[0].rows, parts[1].rows, strict=True):
        assert set(smaller.tolist()) < set(larger.tolist())
    other = learning_parts(two_classes, folds, (0.5,), FAST.seed + 1)
    assert not np.array_equal(other[0].rows[0], parts[0].rows[0])
