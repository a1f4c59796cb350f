import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import RecipeError, ShapeError
from scanwright.boxes import overlap_matrix, paired_overlaps
from tests.boxes.phantoms import scattered


def rastered(one: np.ndarray, other: np.ndarray) -> tuple[int, int, int]:
    """Count the elements common to two boxes with whole edges, and those of each."""
    masks = []
    for box in (one, other):
        mask = np.zeros((12,) * len(box), dtype=bool)
        mask[tuple(slice(int(low), int(high)) for low, high in box)] = True
        masks.append(mask)
    return (masks[0] & masks[1]).sum(), masks[0].sum(), masks[1].sum()


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_overlaps_are_those_of_counted_elements(rank: int) -> None:
    rng = np.random.default_rng(rank)
    sets = [np.sort(rng.integers(0, 12, (9, rank, 2)), axis=2).astype(float) for _ in range(2)]
    for over in ("union", "one", "other"):
        found = overlap_matrix(*sets, over=over)
        for row, one in enumerate(sets[0]):
            for column, other in enumerate(sets[1]):
                shared, first, second = rastered(one, other)
                whole = {"union": first + second - shared, "one": first, "other": second}[over]
                assert found[row, column] == pytest.approx(shared / whole if shared else 0.0)


@pytest.mark.parametrize("rank", [2, 3])
def test_overlaps_are_those_of_monai(rank: int) -> None:
    peer = pytest.importorskip("monai.data.box_utils")
    one, other = scattered(40, rank, 1), scattered(50, rank, 2)
    flat = [
        torch.from_numpy(boxes.transpose(0, 2, 1).reshape(-1, 2 * rank)) for boxes in (one, other)
    ]
    # MONAI computes in single precision.
    assert np.allclose(overlap_matrix(one, other), peer.box_iou(*flat).numpy(), atol=1e-5)


def test_boxes_without_volume_overlap_nothing() -> None:
    boxes = np.array([[[1.0, 1.0], [0.0, 4.0]], [[0.0, 2.0], [0.0, 4.0]], [[2.0, 0.0], [0.0, 4.0]]])
    for over in ("union", "one", "other"):
        found = overlap_matrix(boxes, boxes, over=over)
        assert found[1, 1] == 1.0
        found[1, 1] = 0.0
        assert not found.any()


def test_a_box_within_another_is_wholly_shared() -> None:
    inner, outer = [[[2.0, 4.0], [2.0, 4.0]]], [[[0.0, 8.0], [0.0, 8.0]]]
    assert overlap_matrix(inner, outer, over="one") == 1.0
    assert overlap_matrix(inner, outer, over="other") == 4 / 64


@given(st.integers(0, 10**6), st.integers(1, 3))
def test_overlap_is_symmetric_and_keeps_under_shift_and_scale(seed: int, rank: int) -> None:
    one, other = scattered(5, rank, seed, room=20), scattered(6, rank, seed + 1, room=20)
    found = overlap_matrix(one, other)
    assert np.array_equal(found, overlap_matrix(other, one).T)
    assert np.allclose(found, overlap_matrix(one * 3 - 7, other * 3 - 7), atol=1e-12)
    assert ((found >= 0) & (found <= 1)).all()


def test_pairs_are_the_diagonal_of_the_matrix() -> None:
    one, other = scattered(30, 3, 3, room=10), scattered(30, 3, 4, room=10)
    pairs = paired_overlaps(one, other)
    assert pairs.any()
    assert np.array_equal(pairs, overlap_matrix(one, other).diagonal())


def test_empty_sets_have_empty_overlaps() -> None:
    assert overlap_matrix(np.zeros((0, 3, 2)), scattered(4, 3, 0)).shape == (0, 4)
    assert paired_overlaps(np.zeros((0, 3, 2)), np.zeros((0, 3, 2))).shape == (0,)


def test_sets_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError):
        overlap_matrix(scattered(2, 2, 0), scattered(2, 3, 0))
    with pytest.raises(ShapeError):
        paired_overlaps(scattered(2, 2, 0), scattered(3, 2, 0))
    with pytest.raises(RecipeError):
        overlap_matrix(scattered(2, 2, 0), scattered(2, 2, 0), over="both")  # type: ignore[arg-type]  # on purpose
