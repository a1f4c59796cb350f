import numpy as np
import pytest

from scanwright.inference.export_kernels import between, label_planes, label_slices


def test_the_first_of_equal_logits_wins() -> None:
    block = np.array([[0.0, 1.0, 2.0], [0.0, 2.0, 2.0], [0.0, 2.0, 1.0]], np.float32)
    planes = np.empty((1, 1, 3), np.int32)
    label_planes(block.reshape(3, 1, 1, 3), 0.0, planes)
    assert planes.ravel().tolist() == [0, 1, 0]


def test_one_output_is_held_against_the_threshold() -> None:
    planes = np.empty((1, 1, 3), np.int32)
    block = np.array([0.4, 0.5, 0.6], np.float32).reshape(1, 1, 1, 3)
    label_planes(block, 0.5, planes)
    assert planes.ravel().tolist() == [0, 0, 1]


@pytest.mark.parametrize(("share", "label"), [(0.0, 0), (0.4, 0), (0.6, 1)])
def test_a_place_between_is_labelled_by_interpolation(share: float, label: int) -> None:
    block = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32).reshape(2, 1, 1, 2)
    assert between(block, (0, 0, 0), (0.0, 0.0, share), 0.0) == label


def test_a_label_that_wins_at_no_element_may_win_between_them() -> None:
    # 2 is second at both ends, and first in the middle.
    block = np.array([[1.0, 0.0], [0.0, 1.0], [0.9, 0.9]], np.float32).reshape(3, 1, 1, 2)
    planes = np.empty((1, 1, 2), np.int32)
    label_planes(block, 0.0, planes)
    still = (np.zeros(1, np.int64), np.zeros(1, np.float32))
    row = (np.array([0, 0, 1]), np.array([0.0, 0.5, 0.0], np.float32))
    result = np.empty((1, 1, 3), np.uint8)
    values = np.array([0, 1, 2], np.uint8)
    label_slices(block, planes, (still, still, row), 0.0, values, result)
    assert result.ravel().tolist() == [0, 2, 1]
