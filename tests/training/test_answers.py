from pathlib import Path

import numpy as np
import pytest

from scanwright.inference import Views
from scanwright.training import answers as module
from scanwright.training import outputs_of, outputs_on
from tests.training.builders import toy_fit, toy_folds, toy_images, toy_recipe, toy_truth


def test_every_case_is_answered_about_by_networks_that_did_not_learn_it(tmp_path: Path) -> None:
    recipe = toy_recipe(training__members=3, schedule__steps=(3, 3, 3))
    fit = toy_fit(tmp_path, recipe, folds=toy_folds(2))
    members = fit.run()
    outputs = outputs_of(fit, members)
    assert outputs.rows.tolist() == list(range(16))
    first, second = np.arange(8), np.arange(8, 16)
    both = (outputs_on(fit, members[0], first) + outputs_on(fit, members[2], first)) / 2
    np.testing.assert_allclose(outputs.values[:8], both, atol=1e-6)
    np.testing.assert_allclose(outputs.values[8:], outputs_on(fit, members[1], second), atol=1e-6)


def test_outputs_with_flips_are_the_mean_over_mirrored_images(tmp_path: Path) -> None:
    fit = toy_fit(tmp_path)
    (member,) = fit.run()
    rows = fit.folds[0].validation
    mirrored = toy_fit(tmp_path / "m", images=np.flip(toy_images(), 3).copy())
    expected = (outputs_on(fit, member, rows) + outputs_on(mirrored, member, rows)) / 2
    np.testing.assert_allclose(
        outputs_of(fit, [member], Views(flips=(1,))).values, expected, atol=1e-6
    )
    np.testing.assert_allclose(
        outputs_on(fit, member, rows, Views(flips=(1,))), expected, atol=1e-6
    )


def test_outputs_come_with_the_truth_of_their_rows(tmp_path: Path) -> None:
    fit = toy_fit(tmp_path, toy_recipe("grade"))
    outputs = outputs_of(fit, fit.run())
    assert outputs.truth.tolist() == toy_truth("grade")[outputs.rows].tolist()


def test_a_finished_member_is_asked_once_about_its_validation_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = toy_fit(tmp_path)
    members = fit.run()
    first = outputs_of(fit, members)
    monkeypatch.setattr(module, "predict_rows", None)
    np.testing.assert_array_equal(outputs_of(fit, members).values, first.values)
