import numpy as np
import pytest

from scanwright.base import LabelError, ShapeError
from scanwright.classical.region import Region
from scanwright.image import Geometry, Image


def test_channels_are_averaged() -> None:
    array = np.stack([np.zeros((3, 4)), np.full((3, 4), 3.0), np.full((3, 4), 6.0)])
    assert np.all(Region.of(Image.from_array(array)).grey == 3.0)


def test_values_that_are_not_finite_are_left_out() -> None:
    array = np.arange(12.0).reshape(1, 3, 4)
    array[0, 1, 1], array[0, 2, 2] = np.nan, np.inf
    region = Region.of(Image.from_array(array))
    assert len(region.values) == 10
    assert np.isfinite(region.grey).all()


@pytest.mark.parametrize("shape", [(3, 4), (1, 3, 4)])
def test_a_mask_may_have_a_channel(shape: tuple[int, ...]) -> None:
    image = Image(np.arange(12.0).reshape(1, 3, 4), Geometry.detector((0.5, 0.25)))
    mask = np.zeros(shape, dtype=np.uint8)
    mask[..., 1, :] = 7
    region = Region.of(image, mask)
    assert region.values.tolist() == [4, 5, 6, 7]
    assert region.spacing_mm == (0.5, 0.25)
    assert region.has_mask


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="size of the image"):
        Region.of(Image.from_array(np.zeros((1, 3, 4))), np.ones((4, 3)))


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(LabelError, match="empty"):
        Region.of(Image.from_array(np.zeros((1, 3, 4))), np.zeros((3, 4)))


def test_an_image_without_a_number_is_refused() -> None:
    with pytest.raises(LabelError, match="empty"):
        Region.of(Image.from_array(np.full((1, 3, 4), np.nan)))
