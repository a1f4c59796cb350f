from pathlib import Path

import blosc2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.base import FileError
from scanwright.data.chunked import ChunkedArray, compress
from tests.data.window_builders import (
    build,
)


def test_a_file_that_vanishes_or_breaks_while_in_use_is_a_clear_error(tmp_path: Path) -> None:
    case = build(tmp_path, 1).case("case 0")
    (file,) = tmp_path.glob("*.image.b2nd")
    file.write_bytes(b"x" * 100)
    with pytest.raises(FileError, match="damaged"):
        case.read((0, 0, 0), (2, 2, 2))
    file.unlink()
    with pytest.raises(FileError, match="damaged"):
        case.read((0, 0, 0), (2, 2, 2))


@settings(max_examples=30, deadline=None)
@given(
    st.tuples(st.integers(1, 3), st.integers(1, 70), st.integers(1, 70), st.integers(1, 70)),
    st.tuples(*[st.integers(1, 80)] * 3),
    st.data(),
)
def test_any_box_of_any_array_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    shape: tuple[int, ...],
    window: tuple[int, ...],
    data: st.DataObject,
) -> None:
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    path = tmp_path_factory.mktemp("chunked") / "a.b2nd"
    path.write_bytes(compress(array, window))
    box = []
    for edge in shape:
        low = data.draw(st.integers(0, edge - 1))
        box.append(slice(low, data.draw(st.integers(low + 1, edge))))
    found = ChunkedArray(path, shape, "float32")[tuple(box)]
    np.testing.assert_array_equal(found, array[tuple(box)])


def test_chunks_are_windows_and_blocks_are_thirds_of_large_ones() -> None:
    for size, window, chunk, block in [
        ((40, 200, 200), (64, 96, 96), (40, 96, 96), (14, 32, 32)),
        ((40, 50, 40), (40, 56, 40), (40, 50, 40), (40, 50, 40)),
    ]:
        packed = compress(np.zeros((2, *size), np.float32), window)
        opened = blosc2.ndarray_from_cframe(packed)
        assert opened.chunks == (2, *chunk)
        assert opened.blocks == (2, *block)


def test_maps_of_few_labels_take_hardly_any_space() -> None:
    codes = np.zeros((64, 64, 64), np.uint8)
    codes[20:40, 20:40, 20:40] = 3
    assert len(compress(codes, (32, 32, 32))) < codes.size / 50
