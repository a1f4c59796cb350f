from dataclasses import replace

import numpy as np

from scanwright.classical import (
    RivalOptions,
    Table,
    cross_fit,
    family_importance,
    panel_merit,
)
from scanwright.classical.cross import Rows
from tests.classical.conftest import blobs

FAST = RivalOptions(families=("logistic",), blend=False)
Folds = list[tuple[Rows, Rows]]


def folds_of(table: Table, count: int = 3) -> Folds:
    """Deal patients to folds in turn."""
    people = {name: at % count for at, name in enumerate(dict.fromkeys(table.patients))}
    place = np.array([people[name] for name in table.patients])
    return [(np.flatnonzero(place != k), np.flatnonzero(place == k)) for k in range(count)]


def test_every_held_out_case_is_answered_once(two_classes: Table) -> None:
    fitted = cross_fit(two_classes, folds_of(two_classes), FAST)
    assert fitted.rows.tolist() == list(range(80))
    assert fitted.scores.shape == (80, 2)
    assert len(fitted.panels) == 3
    assert panel_merit(two_classes, fitted.rows, fitted.scores) > 0.85


def test_answers_out_of_fold_do_not_use_the_held_out_truth(two_classes: Table) -> None:
    folds = folds_of(two_classes)
    plain = cross_fit(two_classes, folds, FAST)
    held = folds[0][1]
    lied = two_classes.truth.copy()
    lied[held] = 1 - lied[held]
    other = cross_fit(replace(two_classes, truth=lied), folds, FAST)
    assert np.array_equal(plain.scores[held], other.scores[held])
    assert not np.array_equal(plain.scores, other.scores)


def test_chance_stays_chance(two_classes: Table) -> None:
    """Choosing by inner folds must not let the choice see the outer ones."""
    rng = np.random.default_rng(0)
    noise = replace(two_classes, values=rng.normal(size=(80, 6)))
    fitted = cross_fit(noise, folds_of(noise), FAST)
    assert 0.25 < panel_merit(noise, fitted.rows, fitted.scores) < 0.75


def test_findings_have_a_rival_each_and_a_constant_one_needs_none() -> None:
    values, truth = blobs(90, 2, 0, gap=3.0)
    findings = np.stack([truth, 1 - truth, np.zeros(90, int)], axis=1)
    table = Table(values, findings, range(90), tuple(f"a.{i}" for i in range(6)), "findings", 3)
    fitted = cross_fit(table, folds_of(table), FAST)
    assert fitted.scores.shape == (90, 3)
    assert np.all(fitted.scores[:, 2] == 0)
    assert panel_merit(table, fitted.rows, fitted.scores) > 0.9
    assert fitted.panels[0].rivals[2] is None


def test_numbers_are_estimated_out_of_fold() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 3))
    table = Table(values, 5 * values[:, 1] + 40, range(60), ("a.1", "a.2", "b.1"), "number", 1)
    fitted = cross_fit(table, folds_of(table), FAST)
    assert fitted.scores.shape == (60, 1)
    assert np.abs(fitted.scores[:, 0] - table.truth).mean() < 1


def test_new_cases_get_the_mean_answer_of_the_folds(two_classes: Table) -> None:
    fitted = cross_fit(two_classes, folds_of(two_classes), FAST)
    each = [panel.predict(two_classes.values[:4]) for panel in fitted.panels]
    assert np.allclose(fitted.predict(two_classes.values[:4]), np.mean(each, axis=0))


def test_a_time_limit_still_answers_every_case(two_classes: Table) -> None:
    hurried = cross_fit(two_classes, folds_of(two_classes), RivalOptions(seconds=1e-3))
    assert hurried.scores.shape == (80, 2)


def test_the_family_that_matters_is_the_important_one(two_classes: Table) -> None:
    folds = folds_of(two_classes)
    fitted = cross_fit(two_classes, folds, FAST)
    found = family_importance(two_classes, folds, fitted, np.random.default_rng(0))
    assert [one.family for one in found] == ["a", "b"]
    assert found[0].loss > 0.2
    assert abs(found[1].loss) < 0.1
