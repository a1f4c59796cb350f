"""Curves of boxes against plain transcriptions."""

import numpy as np
import pytest

from scanwright.metrics.box_curve_kernels import froc_sensitivities, precision_means

STATES = np.array([1, 0, -2, 1, -1, 1, 0], dtype=np.int8)[:, None]
CASE = np.array([0, 1, 0, 1, 2, 2, 0])


def test_the_mean_precision_is_that_of_the_steps() -> None:
    weights, found, recalls = np.ones((1, 3)), np.empty((1, 1)), np.empty((1, 1))
    precision_means(weights, np.array([4.0]), (CASE, STATES), found, recalls)
    # Hits at recalls .25, .5, .75 with 1, 2/4, 3/5 of the boxes true, of which the highest later
    # one counts; 26, 25 and 25 of the 101 recalls.
    assert found[0, 0] == pytest.approx((26 * 1 + 25 * 0.6 + 25 * 0.6) / 101)
    assert recalls[0, 0] == 0.75


def test_cases_without_weight_are_as_if_they_were_not_there() -> None:
    weights = np.array([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    found, recalls = np.empty((2, 1)), np.empty((2, 1))
    precision_means(weights, np.array([3.0, 0.0]), (CASE, STATES), found, recalls)
    # A hit that counts twice, two false ones (a further one on it), a hit.
    assert found[0, 0] == pytest.approx((67 * 1 + 34 * 3 / 5) / 101)
    assert recalls[0, 0] == 1
    assert np.isnan(found[1, 0])


def test_sensitivities_lie_on_lines_between_cuts_of_the_score() -> None:
    is_last = np.array([True, True, True, True, True, True, True])
    found = np.array([[0.0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 8.0]])
    froc_sensitivities(np.ones((1, 3)), np.array([[4.0, 3.0]]), (CASE, STATES), is_last, found)
    # (0, 1), then a false box of three images, two hits, and a last false one; no line runs over
    # the further box and the one of no account.
    assert found[0].tolist() == pytest.approx([0.25, 0.25, 0.75, 0.75, 0.75, 0.75])


def test_boxes_of_one_score_are_cut_together() -> None:
    is_last = np.array([False, False, False, True, True, True, True])
    found = np.array([[1 / 6, 1 / 3]])
    froc_sensitivities(np.ones((1, 3)), np.array([[4.0, 3.0]]), (CASE, STATES), is_last, found)
    assert found[0].tolist() == pytest.approx([0.25, 0.75])
