"""The compiled sums against NumPy."""

import numpy as np
import pytest

from scanwright.transforms import AxisMap
from scanwright.transforms.bands import band
from scanwright.transforms.passes import along_lines, along_rows, vote


def dense(old: int, new: int, interpolation: str) -> tuple[tuple, np.ndarray]:
    made = band(AxisMap.centred(old, new, old / new), interpolation)
    matrix = np.zeros((new, old))
    for row in range(new):
        first, count = made.first[row], made.count[row]
        matrix[row, first : first + count] = made.weights[row, :count]
    return made.part(0, new, 0), matrix


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(3, 20, 5), (1, 9, 1030), (2, 1, 3)])
def test_rows_are_weighed_together(dtype: type, size: tuple[int, int, int]) -> None:
    table, matrix = dense(size[1], 13, "cubic")
    source = np.random.default_rng(0).random(size).astype(dtype)
    out = np.full((size[0], 13, size[2]), np.nan, dtype)
    along_rows(source, table, out)
    np.testing.assert_allclose(out, np.einsum("no,aob->anb", matrix, source), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("lines", [1, 64, 131])
def test_lines_are_weighed_together(dtype: type, lines: int) -> None:
    table, matrix = dense(21, 8, "linear")
    source = np.random.default_rng(0).random((lines, 21)).astype(dtype)
    out = np.full((lines, 8), np.nan, dtype)
    along_lines(source, table, out)
    np.testing.assert_allclose(out, source @ matrix.T, atol=1e-6)


def test_what_is_not_a_number_stays_with_its_neighbours() -> None:
    table, _ = dense(30, 60, "linear")
    source = np.ones((1, 30, 4), np.float32)
    source[0, 10, 2] = np.nan
    out = np.empty((1, 60, 4), np.float32)
    along_rows(source, table, out)
    assert np.isnan(out[0, :, 2]).sum() == 4
    assert np.isfinite(out[0, :, [0, 1, 3]]).all()


@pytest.mark.parametrize("new", [(4, 5, 6), (14, 9, 20), (7, 8, 9)])
def test_a_vote_is_won_by_the_heaviest_label(new: tuple[int, int, int]) -> None:
    labels = np.random.default_rng(0).choice([0, 3, 5, 200], (7, 8, 9)).astype(np.uint8)
    tables, matrices = zip(
        *(dense(a, b, "linear") for a, b in zip(labels.shape, new, strict=True)), strict=True
    )
    out = np.empty(new, np.uint8)
    vote(labels, tables, out)
    known = np.unique(labels)
    weights = [np.einsum("az,by,cx,zyx->abc", *matrices, labels == label) for label in known]
    share = np.take_along_axis(
        np.stack(weights), np.searchsorted(known, out)[None], axis=0
    )  # of the winner
    np.testing.assert_allclose(share[0], np.max(weights, axis=0), atol=2e-6)
    is_clear = np.diff(np.sort(weights, axis=0)[-2:], axis=0)[0] > 1e-5
    winner = known[np.argmax(weights, axis=0)]
    assert np.array_equal(out[is_clear], winner[is_clear])


def test_of_equals_the_nearest_element_wins_and_then_the_lowest() -> None:
    whole, _ = dense(1, 1, "nearest")
    for line, winner in (([4, 9], 9), ([9, 4], 4), ([7, 3, 1, 3, 7], 3)):
        table, _ = dense(len(line), 1, "linear")
        out = np.empty((1, 1, 1), np.int16)
        vote(np.array([[line]], np.int16), (whole, whole, table), out)
        assert out.item() == winner
    # The nearest element is light here, and the others are as heavy as each other.
    first, count, _, nearest = dense(3, 1, "linear")[0]
    table = first, count, np.array([[0.4, 0.2, 0.4]], np.float32), nearest
    vote(np.array([[[8, 1, 5]]], np.int16), (whole, whole, table), out)
    assert out.item() == 5
