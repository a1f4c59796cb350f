import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.auditing import NearDuplicates, NearPair
from scanwright.auditing.near_pair import connected

PAIRS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20)


def test_pairs_hang_together_in_groups() -> None:
    pairs = (NearPair(0, 3, 1, "copy"), NearPair(1, 2, 0.9, "cropped"), NearPair(3, 9, 1, "copy"))
    assert NearDuplicates(pairs).groups == ((0, 3, 9), (1, 2))


def test_no_pairs_no_groups() -> None:
    assert NearDuplicates(()).groups == ()


def test_a_pair_is_ordered() -> None:
    with pytest.raises(AssertionError):
        NearPair(2, 1, 1, "copy")


@given(PAIRS)
def test_groups_are_the_components_of_the_graph(pairs: list[tuple[int, int]]) -> None:
    reach = np.eye(13, dtype=int)
    for first, second in pairs:
        reach[first, second] = reach[second, first] = 1
    for _ in range(4):
        reach = np.minimum(reach @ reach, 1)
    touched = {one for pair in pairs for one in pair}
    expected = {tuple(np.flatnonzero(reach[one]).tolist()) for one in touched}
    found = connected(pairs)
    assert set(found) == expected
    assert list(found) == sorted(found)


@given(PAIRS, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_pairs(pairs: list[tuple[int, int]], random) -> None:  # type: ignore[no-untyped-def]  # hypothesis' own type
    shuffled = [pair[::-1] for pair in pairs]
    random.shuffle(shuffled)
    assert connected(shuffled) == connected(pairs)
