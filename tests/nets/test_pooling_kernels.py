"""The loops on plain numbers, without torch."""

import numpy as np

from scanwright.nets.pooling_kernels import NOTHING, pool_backward, pool_forward


def test_the_largest_is_chosen_and_gets_the_gradient() -> None:
    values = np.array([[[1.0], [5.0]], [[-2.0], [5.0]]], np.float32)[None]
    pooled = np.zeros((1, 1, 1, 1), np.int32)
    choice = np.zeros((1, 1, 1, 1), np.int8)
    pool_forward(values.view(np.int32), pooled, choice, np.int32(-0x800000), np.int32(0x7FFFFFFF))
    assert pooled.view(np.float32).item() == 5.0
    assert choice.item() == 1, "of equal ones the first"
    slope = np.full((1, 2, 2, 1), 7, np.int32)
    pool_backward(np.array([[[[3]]]], np.int32), choice, slope)
    assert slope[0, :, :, 0].tolist() == [[0, 3], [0, 0]]


def test_where_nothing_is_positive_nothing_is_chosen() -> None:
    values = np.full((1, 2, 2, 3), -1.5, np.float32)
    pooled = np.ones((1, 1, 1, 3), np.int32)
    choice = np.zeros((1, 1, 1, 3), np.int8)
    pool_forward(values.view(np.int32), pooled, choice, np.int32(-0x800000), np.int32(0x7FFFFFFF))
    assert not pooled.any()
    assert (choice == NOTHING).all()
