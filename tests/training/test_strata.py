import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.training.strata import BLOCK, StratifiedSampler, quotas, thin

SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=7)
BATCH = st.integers(1, 40)
POWER = st.sampled_from([0.0, 0.5, 1.0])


def made(sizes: list[int], batch: int, power: float = 0.0, seed: int = 0) -> StratifiedSampler:
    classes = np.repeat(np.arange(len(sizes)), sizes)
    return StratifiedSampler(np.arange(len(classes)) + 100, batch, (seed, 1), classes, power)


def counts_at(sampler: StratifiedSampler, step: int) -> np.ndarray:
    classes = sampler.classes[sampler.batch_at(step) - 100]
    return np.bincount(classes, minlength=sampler.classes.max() + 1)


@given(SIZES, BATCH, POWER, st.integers(0, 3000))
def test_every_batch_holds_each_class_by_its_quota_rounded(
    sizes: list[int], batch: int, power: float, step: int
) -> None:
    sampler = made(sizes, batch, power)
    counts = counts_at(sampler, step)
    quota = quotas(np.array(sizes, dtype=float), sampler.size, power)
    assert counts.sum() == sampler.size == min(batch, sum(sizes))
    assert (counts >= np.floor(quota + 1e-6)).all()
    assert (counts <= np.ceil(quota - 1e-6)).all()


@given(SIZES, BATCH, POWER)
def test_every_batch_holds_each_class_where_there_are_places_for_all(
    sizes: list[int], batch: int, power: float
) -> None:
    sampler = made(sizes, batch, power)
    if len(sizes) <= sampler.size:
        assert all((counts_at(sampler, step) >= 1).all() for step in range(20))


@given(SIZES, BATCH, POWER)
def test_quotas_fill_the_batch(sizes: list[int], batch: int, power: float) -> None:
    quota = quotas(np.array(sizes, dtype=float), batch, power)
    assert quota.sum() == pytest.approx(batch)
    if len(sizes) <= batch:
        assert quota.min() >= 1 - 1e-9


def test_shares_are_those_of_the_rows_or_equal_or_between() -> None:
    sizes = np.array([300.0, 100.0])
    assert quotas(sizes, 32, 0.0).tolist() == [24, 8]
    assert quotas(sizes, 32, 1.0).tolist() == [16, 16]
    between = quotas(sizes, 32, 0.5)
    assert between[0] / between[1] == pytest.approx(3**0.5)


def test_over_many_batches_each_class_comes_as_often_as_its_quota() -> None:
    sampler = made([200, 13, 4], 16, 0.5)
    total = sum(counts_at(sampler, step) for step in range(2000))
    quota = quotas(np.array([200.0, 13.0, 4.0]), 16, 0.5)
    np.testing.assert_allclose(total / 2000, quota, atol=0.01)


@given(SIZES, BATCH, POWER, st.integers(0, 2 * BLOCK))
def test_a_batch_is_a_pure_function_of_seed_and_step(
    sizes: list[int], batch: int, power: float, step: int
) -> None:
    walked = made(sizes, batch, power)
    for earlier in (0, 1, step // 2, step):
        walked.batch_at(earlier)
    afresh = made(sizes, batch, power).batch_at(step)
    assert walked.batch_at(step).tolist() == afresh.tolist()


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_within_a_class_every_row_is_visited_before_any_comes_again(power: float) -> None:
    sampler = made([50, 7, 3], 10, power)
    stream = np.concatenate([sampler.batch_at(step) for step in range(200)])
    for one in range(3):
        rows = sampler.rows[sampler.classes == one]
        visits = np.array([(stream == row).sum() for row in rows])
        assert visits.max() - visits.min() <= 1


def test_all_rows_at_once_are_all_rows_once() -> None:
    sampler = made([20, 5], 25)
    assert sorted(sampler.batch_at(3).tolist()) == list(range(100, 125))


def test_seeds_and_steps_have_orders_of_their_own() -> None:
    orders = [made([30, 10], 16, seed=seed).batch_at(step) for seed in (0, 1) for step in (0, 1)]
    assert len({tuple(order.tolist()) for order in orders}) == 4


@given(SIZES, st.sampled_from([1.0, 1.5, 3.0, 100.0]), st.integers(0, 9))
def test_thinning_keeps_rare_classes_whole_and_others_to_the_ratio(
    sizes: list[int], ratio: float, seed: int
) -> None:
    classes = np.repeat(np.arange(len(sizes)), sizes)
    kept = thin(classes, ratio, (seed, 1))
    left = np.bincount(classes[kept], minlength=len(sizes))
    most = int(ratio * min(sizes))
    assert left.tolist() == [min(size, most) for size in sizes]
    assert kept.tolist() == sorted(set(kept.tolist()))
    assert kept.tolist() == thin(classes, ratio, (seed, 1)).tolist()


def test_each_member_leaves_out_others() -> None:
    classes = np.repeat([0, 1], [100, 5])
    assert thin(classes, 1, (0, 0)).tolist() != thin(classes, 1, (0, 1)).tolist()
