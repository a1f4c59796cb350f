from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.base import LabelError
from scanwright.data import (
    IGNORED_CODE,
    Preparation,
    WindowStore,
    build_window_store,
)
from scanwright.image import Case, LabelScheme
from tests.data.window_builders import (
    GEOMETRY,
    PIPELINE,
    SCHEME,
    Reader,
    build,
    expected_codes,
    made,
    whole,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> WindowStore:
    return build(tmp_path_factory.mktemp("store"), 3)


def test_a_case_is_found_whole_with_its_grids(store: WindowStore) -> None:
    assert store.names == ("case 0", "case 1", "case 2")
    for seed in range(3):
        case = store.case(f"case {seed}")
        assert (case.channels, case.size) == (2, (9 + seed, 17, 14))
        found = case.read((0, 0, 0), case.size)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, whole(seed))
        assert case.geometry == case.source_geometry == GEOMETRY
        assert case.source_size == case.size


STARTS = st.tuples(*(st.integers(-12, 30) for _ in range(3)))
SIZES = st.tuples(*(st.integers(1, 20) for _ in range(3)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2), STARTS, SIZES, st.booleans())
def test_a_window_equals_the_slice_of_the_whole(
    store: WindowStore, seed: int, start: tuple[int, ...], size: tuple[int, ...], held: bool
) -> None:
    case = store.case(f"case {seed}")
    case = case.held() if held else case
    padding = [(32, 64)] * 3
    image = np.pad(whole(seed), [(0, 0), *padding])
    part = tuple(slice(32 + a, 32 + a + n) for a, n in zip(start, size, strict=True))
    np.testing.assert_array_equal(case.read(start, size), image[:, *part])
    codes = np.pad(expected_codes(seed), padding)
    np.testing.assert_array_equal(case.read_codes(start, size), codes[part])


def test_a_window_may_be_changed_without_changing_the_case(store: WindowStore) -> None:
    case = store.case("case 1").held()
    case.read((0, 0, 0), case.size)[:] = 7
    case.read_codes((0, 0, 0), case.size)[:] = 7
    np.testing.assert_array_equal(case.read((0, 0, 0), case.size), whole(1))
    np.testing.assert_array_equal(case.read_codes((0, 0, 0), case.size), expected_codes(1))


@pytest.mark.parametrize("held", [False, True])
def test_places_are_all_places_of_a_code_while_they_are_few(store: WindowStore, held: bool) -> None:
    case = store.case("case 2")
    case = case.held() if held else case
    codes = expected_codes(2)
    for code in (0, 1, 2):
        np.testing.assert_array_equal(case.places(code), np.argwhere(codes == code))
        assert case.places(code).dtype == np.int32
        assert case.counts[code] == (codes == code).sum()
    assert len(case.places(IGNORED_CODE)) == 0
    assert case.places(77).shape == (0, 3)


def test_planes_are_stored_as_planes(tmp_path: Path) -> None:
    store = build(tmp_path, 1, Reader(size=(40, 30), channels=3), window=(16, 16))
    case = store.case("case 0")
    np.testing.assert_array_equal(
        case.read((30, -2), (16, 8))[:, :10, 2:],
        whole(0, size=(40, 30), channels=3)[:, 30:, :6],
    )


def test_a_case_without_a_label_map_has_an_image_only(tmp_path: Path) -> None:
    def read(seed: int) -> Case:
        return replace(made(seed), target=None)

    preparation = Preparation(read, PIPELINE, SCHEME, (4, 8, 8))
    case = build_window_store([("a", 0)], preparation, tmp_path).case("a").held()
    np.testing.assert_array_equal(case.read((0, 0, 0), case.size), whole(0))
    assert case.places(1).shape == (0, 3)
    with pytest.raises(LabelError, match="no label map"):
        case.read_codes((0, 0, 0), (1, 1, 1))


def test_outside_is_unknown_where_zero_means_unknown(tmp_path: Path) -> None:
    scheme = LabelScheme(("a", "b", "c"), ((2,), (5,), (9,)), ignore=0)
    preparation = Preparation(made, PIPELINE, scheme, (4, 8, 8))
    case = build_window_store([("a", 0)], preparation, tmp_path).case("a")
    assert (case.read_codes((-4, 0, 0), (4, 17, 14)) == IGNORED_CODE).all()
    assert sorted(case.counts) == [0, 1, 2, IGNORED_CODE]


def test_threads_read_the_same_case_side_by_side(store: WindowStore) -> None:
    case = store.case("case 0")

    def read(number: int) -> bool:
        start = (number % 5, number % 7, number % 3)
        part = tuple(slice(first, first + 4) for first in start)
        return np.array_equal(case.read(start, (4, 4, 4)), whole(0)[:, *part])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(60)))
