"""Lesions found, missed and invented."""

import numpy as np
import pytest

from scanwright.base import InputError, ShapeError
from scanwright.metrics import Lesions, count_lesions


def spots(*places: tuple[int, int]) -> np.ndarray:
    mask = np.zeros((3, 60), bool)
    for first, length in places:
        mask[1, first : first + length] = True
    return mask


def test_lesions_are_found_by_a_tenth_of_them() -> None:
    truth = spots((0, 10), (20, 20), (50, 5))
    guess = spots((9, 1), (39, 1), (45, 3))
    # One of 10 elements is a tenth, one of 20 is not; a guess is true wherever it lies inside.
    assert count_lesions(truth, guess) == Lesions(3, 1, 3, 2)
    assert count_lesions(truth, guess, covered=0) == Lesions(3, 2, 3, 2)
    assert count_lesions(truth, guess, covered=1) == Lesions(3, 0, 3, 2)


def test_one_guess_may_find_two_lesions_and_two_guesses_one() -> None:
    truth, guess = spots((0, 5), (6, 5)), spots((0, 11))
    assert count_lesions(truth, guess) == Lesions(2, 2, 1, 1)
    assert count_lesions(guess, truth) == Lesions(1, 1, 2, 2)
    assert count_lesions(guess, truth).f1 == 1


def test_elements_that_touch_by_a_corner_are_one_lesion() -> None:
    truth = np.zeros((2, 2, 2), bool)
    truth[0, 0, 0] = truth[1, 1, 1] = True
    assert count_lesions(truth, truth).true == 1


def test_figures_and_conventions() -> None:
    found = Lesions(true=4, found=3, guessed=5, confirmed=3)
    assert (found.sensitivity, found.precision) == (0.75, 0.6)
    assert found.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert np.isnan(Lesions(0, 0, 0, 0).f1)
    assert Lesions(2, 0, 0, 0).f1 == Lesions(0, 0, 2, 0).f1 == Lesions(1, 0, 1, 0).f1 == 0


def test_what_is_unknown_is_cut_out_of_both() -> None:
    truth, guess = spots((0, 9)), spots((0, 9), (30, 4))
    ignored = spots((4, 1), (30, 4))
    assert count_lesions(truth, guess, ignored) == Lesions(2, 2, 2, 2)


def test_bad_arguments_are_told() -> None:
    with pytest.raises(ShapeError):
        count_lesions(spots(), spots()[:2])
    with pytest.raises(InputError):
        count_lesions(spots(), spots(), covered=2)
