"""Pictures beside answers run from black to white over what an image holds."""

from unittest.mock import patch

import numpy as np
import pytest

from scanwright.image import Image
from scanwright.workflows import grey
from scanwright.workflows.grey import grey_window, in_grey


def test_strays_do_not_decide_what_is_black_and_white() -> None:
    values = np.linspace(100, 200, 10_000).reshape(1, 100, 100)
    values[0, 0, 0], values[0, 50, 50] = -1e6, 1e6
    low, high = grey_window(Image.from_array(values))
    assert 100 < low < 101
    assert 199 < high < 200


@pytest.mark.parametrize("rank", [2, 3])
def test_of_a_large_image_a_part_is_enough(rank: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, *(64,) * rank)).astype(np.float32)
    image = Image.from_array(values)
    with patch.object(grey, "MOST_ELEMENTS", 64**rank // 4):
        np.testing.assert_allclose(grey_window(image), grey_window(image), atol=0.3)
        part = grey_window(image)
    assert part != grey_window(image)
    np.testing.assert_allclose(part, grey_window(image), atol=0.3)


def test_grey_is_the_mean_of_channels_between_black_and_white() -> None:
    channels = np.array([[[0, 10, 50]], [[0, 30, 70]]], dtype=np.uint8)
    np.testing.assert_allclose(in_grey(channels, (10.0, 30.0)), [[0, 127.5, 255]])


def test_a_flat_image_is_black() -> None:
    assert not in_grey(np.full((1, 3, 3), 7), (7.0, 7.0)).any()
