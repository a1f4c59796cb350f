"""What was seen of a picture: one view for frames and channels, one crop for images on a grid."""

import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.image import Case, Image
from scanwright.transforms import CropFan, Pipeline, undo
from scanwright.transforms.aperture import Aperture, aperture_of, blank_value, joined, view
from scanwright.transforms.place import Box


def disc(centre: tuple[int, int], value: int = 200) -> np.ndarray:
    rows, columns = np.mgrid[:64, :80]
    grain = np.random.default_rng(0).integers(-40, 40, (64, 80))
    inside = np.hypot(rows - centre[0], columns - centre[1]) < 18
    return np.where(inside, value + grain, 0).astype(np.uint8)


def test_a_view_is_the_mean_of_channels_and_frames_without_holes() -> None:
    array = np.arange(24, dtype=float).reshape(2, 3, 2, 2)
    array[0, 0, 0, 0] = np.nan
    plane = view(Image.from_array(array))
    assert plane.shape == (2, 2)
    assert plane[1, 1] == np.mean([3, 7, 11, 15, 19, 23])
    assert plane[0, 0] == np.mean([4, 8, 12, 16, 20])
    with pytest.raises(ShapeError, match="rows and columns"):
        view(Image.from_array(np.zeros((1, 5))))


def test_frames_share_a_crop_along_the_last_axes() -> None:
    frames = np.stack([disc((30, 30)), disc((34, 40))])
    changed, trace = Pipeline((CropFan(),)).apply(Case.of(Image.from_array(frames[None])))
    assert changed.image.size[0] == 2
    assert changed.image.size[1] < 50
    back = undo(changed, trace).image
    assert back.size == (2, 64, 80)
    assert (back.array == frames[None]).mean() > 0.98


def test_images_on_one_grid_are_cut_alike_and_hold_both() -> None:
    images = {name: Image.from_array(disc(place)[None]) for name, place in
              {"a": (30, 24), "b": (30, 54)}.items()}  # fmt: skip
    changed, trace = Pipeline((CropFan(),)).apply(Case("x", images))
    assert changed.images["a"].size == changed.images["b"].size
    back = undo(changed, trace)
    for name, image in images.items():
        assert (back.images[name].array == image.array).mean() > 0.98


def test_what_is_seen_of_two_is_what_is_seen_of_either() -> None:
    image = Image.from_array(np.zeros((1, 6, 8)))
    one, two = np.zeros((6, 8), dtype=bool), np.zeros((6, 8), dtype=bool)
    one[1:3, 1:3] = two[2:5, 4:7] = True
    both = joined([aperture_of(image, part, blank=True) for part in (one, two)])
    assert both.box == Box((1, 1), (4, 6))
    assert both.inside is not None
    np.testing.assert_array_equal(both.inside, (one | two)[1:5, 1:7])


@pytest.mark.parametrize("seen", [False, True])
def test_all_or_nothing_seen_is_all_kept(seen: bool) -> None:
    image = Image.from_array(np.zeros((1, 6, 8)))
    found = aperture_of(image, np.full((6, 8), seen), blank=True)
    assert found == Aperture((6, 8), image.geometry, Box((0, 0), (6, 8)))


def test_blank_is_the_lowest_number_there_is() -> None:
    assert blank_value(Image.from_array(np.array([[[np.nan, -3.0]]])), "minimum") == -3
    assert blank_value(Image.from_array(np.array([[[np.nan]]])), "minimum") == 0
    assert blank_value(Image.from_array(np.array([[[5, 6]]])), 0) == 0
