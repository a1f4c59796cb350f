"""What every strategy of selection must do: rank all, and alike for any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.selection.builders import made_pool

from scanwright.selection import STRATEGIES, ChooseOptions, ScoreKind, choose

ALL = sorted(STRATEGIES)
KINDS: tuple[ScoreKind, ...] = ("exclusive", "independent", "number")


RANKED = [(name, kind) for name in ALL for kind in KINDS if (name, kind) != ("margin", "number")]


@pytest.mark.parametrize(("name", "kind"), RANKED)
def test_every_candidate_is_ranked_once(name: str, kind: ScoreKind) -> None:
    pool = made_pool(15, kind=kind)
    chosen = choose(pool, ChooseOptions(strategy=name, count=15))
    assert sorted(one.place for one in chosen) == list(range(15))


@pytest.mark.parametrize("name", ALL)
def test_gains_are_finite_where_all_images_are_one(name: str) -> None:
    pool = made_pool(6)
    same = type(pool)(
        pool.names, np.full((2, 6, 3), 1 / 3), np.zeros((6, 1)), np.zeros((2, 1)), pool.kind
    )
    chooser = STRATEGIES[name].start(same, np.random.default_rng(0))
    for place in range(6):
        assert np.isfinite(chooser.gains()).all()
        chooser.take(place)


@pytest.mark.parametrize("name", ALL)
def test_a_strategy_says_what_it_prefers(name: str) -> None:
    assert STRATEGIES[name].meaning
    assert isinstance(STRATEGIES[name].asks_networks, bool)


@given(st.permutations(range(14)), st.sampled_from(ALL), st.integers(0, 5))
def test_the_order_of_the_candidates_does_not_matter(
    order: list[int], name: str, seed: int
) -> None:
    patients = tuple("aabbbcdefghijk")
    pool = made_pool(14, seed=seed, patients=patients, alike=(0, 0, *[-1] * 12))
    options = ChooseOptions(strategy=name, count=14, seed=seed)
    turned = pool.only(order)
    assert [pool.names[one.place] for one in choose(pool, options)] == [
        turned.names[one.place] for one in choose(turned, options)
    ]


@given(st.sampled_from(ALL), st.integers(1, 13))
def test_a_shorter_list_is_the_start_of_a_longer_one(name: str, count: int) -> None:
    pool = made_pool(14)
    whole = choose(pool, ChooseOptions(strategy=name, count=14))
    assert choose(pool, ChooseOptions(strategy=name, count=count)) == whole[:count]
