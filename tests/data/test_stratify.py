from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scanwright.data.stratify import ALL, Group, Wanted, deal

SHARES = st.sampled_from(
    [(0.65, 0.15, 0.2), (0.85, 0.15), (0.5, 0.5), (0.2,) * 5, (0.34, 0.33, 0.33)]
)


def singles(counts: list[int]) -> list[Group]:
    labels = [f"label {n}" for n, count in enumerate(counts) for _ in range(count)]
    return [Group(f"{n:04d}", {ALL: 1, label: 1}) for n, label in enumerate(labels)]


def held(groups: list[Group], parts: list[int], count: int) -> list[Counter[str]]:
    tags: list[Counter[str]] = [Counter() for _ in range(count)]
    for group, part in zip(groups, parts, strict=True):
        tags[part].update(group.tags)
    return tags


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), SHARES, st.integers(0, 5))
def test_single_cases_come_within_two_of_their_share_of_each_label(
    counts: list[int], shares: tuple[float, ...], seed: int
) -> None:
    groups = singles(counts)
    wanted = Wanted(shares, (), {ALL: 0.25})
    tags = held(groups, deal(groups, wanted, np.random.default_rng(seed)), len(shares))
    for part, share in enumerate(shares):
        for number, count in enumerate(counts):
            assert abs(tags[part][f"label {number}"] - share * count) < 2


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2)), min_size=10, max_size=60),
    SHARES,
)
def test_groups_come_within_twice_the_largest_of_their_share(
    groups_of: list[tuple[int, int]], shares: tuple[float, ...]
) -> None:
    groups = [
        Group(f"{n:04d}", {ALL: size, f"label {label}": size})
        for n, (size, label) in enumerate(groups_of)
    ]
    totals: Counter[str] = Counter()
    for group in groups:
        totals.update(group.tags)
    parts = deal(groups, Wanted(shares), np.random.default_rng(0))
    largest = max(group.size for group in groups)
    for have, share in zip(held(groups, parts, len(shares)), shares, strict=True):
        for tag, total in totals.items():
            assert abs(have[tag] - share * total) <= 2 * largest


@given(st.lists(st.integers(1, 20), min_size=2, max_size=4), st.integers(0, 3), st.randoms())
def test_the_order_of_the_groups_does_not_matter(
    counts: list[int], seed: int, chance: object
) -> None:
    groups = singles(counts)
    wanted = Wanted((0.7, 0.3))
    first = dict(zip((g.key for g in groups), deal(groups, wanted, np.random.default_rng(seed))))  # noqa: B905
    chance.shuffle(groups)  # type: ignore[attr-defined]  # random.Random
    again = dict(zip((g.key for g in groups), deal(groups, wanted, np.random.default_rng(seed))))  # noqa: B905
    assert first == again


def test_another_seed_deals_otherwise() -> None:
    groups = singles([30, 30])
    wanted = Wanted((0.7, 0.3))
    assert deal(groups, wanted, np.random.default_rng(0)) != deal(
        groups, wanted, np.random.default_rng(1)
    )


@given(st.lists(st.integers(3, 5), min_size=1, max_size=5), st.integers(0, 9))
def test_every_part_gets_each_required_label_even_when_its_share_is_small(
    counts: list[int], seed: int
) -> None:
    groups = singles(counts)
    required = [f"label {n}" for n in range(len(counts))]
    wanted = Wanted((0.9, 0.05, 0.05), required)
    for have in held(groups, deal(groups, wanted, np.random.default_rng(seed)), 3):
        assert all(have[tag] for tag in required)


def test_a_part_that_would_lack_a_label_is_mended() -> None:
    # The one big group of each label fills the small parts' share of everything.
    groups = [
        Group("a", {ALL: 10, "label x": 9, "label y": 1}),
        Group("b", {ALL: 10, "label x": 1, "label y": 9}),
        Group("c", {ALL: 2, "label x": 2}),
        Group("d", {ALL: 2, "label y": 2}),
        Group("e", {ALL: 1, "label y": 1}),
    ]
    wanted = Wanted((0.5, 0.5), ("label x", "label y"))
    tags = held(groups, deal(groups, wanted, np.random.default_rng(0)), 2)
    assert all(have["label x"] and have["label y"] for have in tags)


def test_sites_are_balanced_within_labels() -> None:
    groups = [
        Group(f"{n:03d}", {ALL: 1, "label a": 1, f"site {n % 2}": 1, f"label a at {n % 2}": 1})
        for n in range(40)
    ]
    weights = {ALL: 0.25, **{f"site {n}": 0.25 for n in (0, 1)}}
    parts = deal(groups, Wanted((0.75, 0.25), (), weights), np.random.default_rng(0))
    tags = held(groups, parts, 2)
    assert [tags[1][f"site {n}"] for n in (0, 1)] == [5, 5]


def test_nothing_is_dealt_to_nobody() -> None:
    assert deal([], Wanted((0.5, 0.5)), np.random.default_rng(0)) == []


def test_a_part_that_will_be_divided_keeps_groups_enough() -> None:
    """Four patients, of whom the largest must not all go to the test part."""
    groups = [
        Group(key, {ALL: size, "label c": size})
        for key, size in (("big", 9), ("one", 1), ("two", 1), ("three", 1))
    ]
    for seed in range(10):
        wanted = Wanted((0.2, 0.8), ("label c",), least=(3, 1))
        parts = deal(groups, wanted, np.random.default_rng(seed))
        assert sorted(parts) == [0, 0, 0, 1]
