import numpy as np
import pytest

from scanwright.inference.export_kernels import ALL, label_between, label_planes, label_slices


def block_of(*outputs: list[float]) -> np.ndarray:
    """Return logits (1, K, 1, X)."""
    return np.array(outputs, np.float32).reshape(1, len(outputs), 1, -1)


def test_the_first_of_equal_logits_wins() -> None:
    planes = np.empty((1, 1, 3), np.int32)
    block = block_of([0.0, 1.0, 2.0], [0.0, 2.0, 2.0], [0.0, 2.0, 1.0])
    label_planes(block, ALL, 0.0, planes)
    assert planes.ravel().tolist() == [0, 1, 0]


def test_one_output_is_held_against_the_threshold() -> None:
    planes = np.empty((1, 1, 3), np.int32)
    label_planes(block_of([9.0, 9.0, 9.0], [0.4, 0.5, 0.6]), 1, 0.5, planes)
    assert planes.ravel().tolist() == [0, 0, 1]


@pytest.mark.parametrize(("share", "label"), [(0.0, 0), (0.4, 0), (0.6, 1)])
def test_a_place_between_is_labelled_by_interpolation(share: float, label: int) -> None:
    block = block_of([1.0, 0.0], [0.0, 1.0])
    assert label_between(block, ALL, 0.0, (0, 0, 0), (0.0, 0.0, share)) == label
    assert label_between(block, 1, 0.5, (0, 0, 0), (0.0, 0.0, share)) == label


def test_a_label_that_wins_at_no_element_may_win_between_them() -> None:
    # The last is second at either end, and first in the middle.
    block = block_of([1.0, 0.0], [0.0, 1.0], [0.9, 0.9])
    planes = np.empty((1, 1, 2), np.int32)
    label_planes(block, ALL, 0.0, planes)
    still = (np.zeros(1, np.int64), np.zeros(1, np.float32))
    row = (np.array([0, 0, 1]), np.array([0.0, 0.5, 0.0], np.float32))
    result = np.empty((1, 1, 3), np.uint8)
    values = np.array([0, 1, 2], np.uint8)
    label_slices(block, planes, (still, still, row), (ALL, 0.0, values), result)
    assert result.ravel().tolist() == [0, 2, 1]
