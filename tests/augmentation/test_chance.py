"""Chance: a function of seed, case and purpose alone."""

import numpy as np
import pytest

from scanwright.augmentation.chance import Chance


def test_a_case_is_drawn_for_alike_in_any_batch_and_order() -> None:
    whole = Chance((1, 2), np.arange(10)).uniform("something", 3, 2)
    some = Chance((1, 2), np.array([7, 3])).uniform("something", 3, 2)
    assert np.array_equal(some, whole[[7, 3]])


def test_purposes_seeds_and_cases_are_apart() -> None:
    numbers = [
        Chance(seed, np.arange(2)).uniform(purpose, 4)
        for seed in ((0,), (1,), (0, 0))
        for purpose in ("a", "b")
    ]
    assert len(np.unique(np.concatenate(numbers))) == 3 * 2 * 2 * 4


def test_even_numbers_are_even() -> None:
    numbers = Chance((0,), np.arange(20000)).uniform("evenness")
    counts, _ = np.histogram(numbers, 20, (0, 1))
    # Five standard deviations of a count of 1000.
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000 * 0.95)


@pytest.mark.parametrize(
    ("spread", "middle"),
    [
        ("log", np.sqrt(0.7 * 1.4)),
        ("even", 1.05),
        ("inverse", 2 / (1 / 0.7 + 1 / 1.4)),
        ("halves", 1.0),
    ],
)
def test_factors_have_their_limits_and_medians(spread: str, middle: float) -> None:
    factors = Chance((0,), np.arange(20000)).factor("scale", (0.7, 1.4), spread)  # type: ignore[arg-type]  # a plain str
    assert factors.min() >= 0.7
    assert factors.max() <= 1.4
    assert np.median(factors) == pytest.approx(middle, abs=0.01)
