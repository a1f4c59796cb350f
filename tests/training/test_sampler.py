import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.training.sampler import Sampler

ROWS = st.lists(st.integers(0, 1000), min_size=1, max_size=40, unique=True)
BATCH = st.integers(1, 50)


def sampler(rows: list[int], batch: int, seed: int = 0, **facts: object) -> Sampler:
    return Sampler(np.array(rows), batch, (seed, 1), **facts)  # type: ignore[arg-type]  # facts by name


def drawn(of: Sampler, batches: int) -> np.ndarray:
    return np.concatenate([of.batch_at(step) for step in range(batches)])


@given(ROWS, BATCH, st.integers(0, 99))
def test_every_epoch_visits_each_row_once(rows: list[int], batch: int, seed: int) -> None:
    stream = drawn(sampler(rows, batch, seed), batches=3 * len(rows))
    for epoch in range(3):
        visited = stream[epoch * len(rows) : (epoch + 1) * len(rows)]
        assert sorted(visited.tolist()) == sorted(rows)


@given(ROWS, BATCH)
def test_every_batch_is_equally_large(rows: list[int], batch: int) -> None:
    made = sampler(rows, batch)
    assert {len(made.batch_at(step)) for step in range(2 * len(rows))} == {min(batch, len(rows))}
    assert made.steps_per_epoch * made.size == pytest.approx(len(rows))


@given(ROWS, BATCH, st.integers(0, 30))
def test_a_batch_is_a_pure_function_of_seed_and_step(
    rows: list[int], batch: int, step: int
) -> None:
    walked = sampler(rows, batch)
    drawn(walked, 3)
    assert walked.batch_at(step).tolist() == sampler(rows, batch).batch_at(step).tolist()


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    rows = list(range(32))
    made = sampler(rows, 32)
    orders = [made.batch_at(0), made.batch_at(1), sampler(rows, 32, seed=7).batch_at(0)]
    assert len({tuple(order.tolist()) for order in orders}) == 3
    assert all(order.tolist() != rows for order in orders)


def test_weighted_rows_are_drawn_in_proportion_and_repeatably() -> None:
    weights = np.array([1.0, 2.0, 0.0, 5.0])
    made = sampler([10, 11, 12, 13], 4, weights=weights)
    stream = drawn(made, 3000)
    shares = [(stream == row).mean() for row in (10, 11, 12, 13)]
    np.testing.assert_allclose(shares, weights / 8, atol=0.02)
    assert made.batch_at(5).tolist() == made.batch_at(5).tolist()
    assert len(made.batch_at(5)) == 4
