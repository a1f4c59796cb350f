"""Chance: a function of seed, case and purpose alone, and numpy's own Philox."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.augmentation.chance import Chance
from scanwright.augmentation.philox import uniforms


@settings(max_examples=30, deadline=None)
@given(*(st.integers(0, 2**64 - 1),) * 4)
def test_numbers_are_those_of_numpy_s_philox(
    first: int, second: int, case: int, stream: int
) -> None:
    key = np.array([first, second], dtype=np.uint64)
    out = np.empty((1, 7))
    uniforms(key, np.uint64(stream), np.array([case], dtype=np.uint64), out)
    words: list[int] = []
    for block in range(2):  # numpy counts up before it draws
        counter = (block + (case << 64) + (stream << 128) - 1) % 2**256
        words += (
            np.random.Philox(counter=counter, key=first + (second << 64)).random_raw(4).tolist()
        )
    assert out[0].tolist() == [(word >> 11) / 2**53 for word in words[:7]]


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
