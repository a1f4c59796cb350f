from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.data import StoredCase, WindowStore
from scanwright.training.window_sampler import Window, WindowSampler
from tests.training.window_builders import REGIONS, TWO, WINDOW, toy_store

STORE = toy_store()
ROWS = np.arange(len(STORE.names))


def sampler(store: WindowStore = STORE, **facts: object) -> WindowSampler:
    given = {
        "store": store, "rows": np.arange(len(store.names)), "window": WINDOW[2], "batch": 4,
        "seed": (0, 0), "foreground": 0.33, **facts,
    }  # fmt: skip
    return WindowSampler(**given)  # type: ignore[arg-type]  # facts by name


def codes_of(store: WindowStore, window: Window, size: tuple[int, ...]) -> set[int]:
    codes = store.case(window.case).read_codes(window.start, size)
    return set(np.unique(codes).tolist())


def centre(window: Window, size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(start + edge // 2 for start, edge in zip(window.start, size, strict=True))


@given(
    batch=st.integers(1, 9),
    foreground=st.floats(0, 1),
    rank=st.sampled_from([2, 3]),
    step=st.integers(0, 5000),
)
@settings(max_examples=30, deadline=None)
def test_windows_lie_in_their_case_or_about_its_middle(
    batch: int, foreground: float, rank: int, step: int
) -> None:
    store = toy_store(rank)
    windows = sampler(store, window=WINDOW[rank], batch=batch, foreground=foreground).batch_at(step)
    assert len(windows) == batch
    for window in windows:
        size = store.case(window.case).size
        for start, edge, whole in zip(window.start, WINDOW[rank], size, strict=True):
            if whole >= edge:
                assert 0 <= start <= whole - edge
            else:
                assert start == (whole - edge) // 2


@given(batch=st.integers(1, 9), foreground=st.floats(0, 1), steps=st.integers(1, 60))
@settings(max_examples=30, deadline=None)
def test_the_share_of_windows_around_labels_is_met_at_every_step(
    batch: int, foreground: float, steps: int
) -> None:
    one = sampler(batch=batch, foreground=foreground)
    around = one._around_before(steps)
    assert around == pytest.approx(steps * batch * foreground, abs=1)
    here = one._around_before(steps + 1) - around
    assert here == pytest.approx(batch * foreground, abs=1)


def test_windows_around_labels_hold_one_and_labels_take_turns() -> None:
    one = sampler(foreground=1.0, batch=6)
    for step in range(10):
        windows = one.batch_at(step)
        assert all(codes_of(STORE, window, WINDOW[2]) & {1, 2} for window in windows)
    labels = Counter(one._holders[one._turn(np.arange(2), n, tag=8)][0] for n in range(60))
    assert labels == {0: 30, 1: 30}


def only_first(case: StoredCase) -> StoredCase:
    """Take label 2 out of a case."""
    return replace(case, counts={c: n for c, n in case.counts.items() if c != 2})


def test_a_label_that_one_case_holds_is_drawn_as_often_as_one_that_all_hold() -> None:
    cases = {name: only_first(STORE.case(name)) for name in STORE.names[1:]}
    store = replace(STORE, cases={STORE.names[0]: STORE.case(STORE.names[0]), **cases})
    one = sampler(store, foreground=1.0, batch=4)
    drawn = [window.case for step in range(40) for window in one.batch_at(step)]
    share = drawn.count(STORE.names[0]) / len(drawn)
    assert share == pytest.approx(1 / 2 + 1 / 2 / len(STORE.names), abs=0.02)


def test_a_window_is_centred_on_an_element_of_the_label_where_there_is_room() -> None:
    store = toy_store(cases=1)
    (case,) = store.cases.values()
    one = sampler(store, window=(4, 4), foreground=1.0)
    for window in (found for step in range(20) for found in one.batch_at(step)):
        assert case.codes[centre(window, (4, 4))] in (1, 2)


def test_regions_that_overlap_are_drawn_by_any_of_their_values() -> None:
    store = toy_store(scheme=REGIONS)
    one = sampler(store, foreground=1.0)
    assert one._codes == [[1, 2], [1]]
    for step in range(10):
        for window in one.batch_at(step):
            assert codes_of(store, window, WINDOW[2]) & {1, 2}


def test_windows_anywhere_visit_every_case_alike() -> None:
    one = sampler(foreground=0.0, batch=4)
    drawn = Counter(window.case for step in range(6) for window in one.batch_at(step))
    assert set(drawn.values()) == {3}
    assert set(drawn) == set(STORE.names)
    starts = {w.start for step in range(40) for w in one.batch_at(step) if w.case == "case 3"}
    assert len(starts) > 10


def test_cases_without_any_label_are_drawn_anywhere() -> None:
    bare = {name: replace(STORE.case(name), counts={0: 1}) for name in STORE.names}
    windows = sampler(replace(STORE, cases=bare), foreground=1.0).batch_at(0)
    assert len(windows) == 4


@given(step=st.integers(0, 10_000), index=st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_a_batch_depends_on_seed_member_and_step_alone(step: int, index: int) -> None:
    used = sampler(seed=(5, index))
    for earlier in (0, step + 3, max(step - 1, 0)):
        used.batch_at(earlier)
    assert used.batch_at(step) == sampler(seed=(5, index)).batch_at(step)
    assert any(
        sampler(seed=(5, index + 1)).batch_at(s) != used.batch_at(s) for s in range(step, step + 2)
    )


def test_an_epoch_holds_as_many_elements_as_the_cases() -> None:
    one = sampler(batch=2)
    expected = sum(max(1, np.prod(STORE.case(name).size) / 256) for name in STORE.names) / 2
    assert one.steps_per_epoch == pytest.approx(expected)
    assert sampler(rows=ROWS[:1], batch=2).steps_per_epoch < one.steps_per_epoch
    assert TWO.names == STORE.scheme.names
