"""Masks are put on the grid of their image exactly, turned or cropped, or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.data.mask_grid import find_placement, grid_words, lie_alike, resample_onto
from scanwright.image import Geometry, Image

AXES = np.eye(3)[:, ::-1]
OBLIQUE = Geometry(
    (3.0, 0.8, 0.7),
    np.linalg.qr(np.array([[0.1, 0.2, 1.0], [0.1, 1.0, -0.2], [1.0, 0.0, 0.1]]))[0],
    (10.0, -20.0, 30.0),
)


def turned(image: Image, order: tuple[int, ...], flips: tuple[bool, ...]) -> Image:
    """Return an image with its axes permuted and reversed, every value in its place."""
    moved = image.with_grid(
        image.array.transpose(0, *(axis + 1 for axis in order)), image.geometry.permuted(order)
    )
    for axis, flip in enumerate(flips):
        moved = moved.flipped(axis) if flip else moved
    return moved


@given(
    order=st.permutations([0, 1, 2]),
    flips=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_a_turned_mask_comes_back_exactly(order: list[int], flips: tuple[bool, bool, bool]) -> None:
    array = np.random.default_rng(0).integers(0, 5, (1, 3, 4, 5))
    image = Image(array, OBLIQUE)
    mask = turned(image, tuple(order), flips)
    placement = find_placement(mask.geometry, mask.size, image.geometry, image.size)
    assert placement is not None
    np.testing.assert_array_equal(placement.apply(mask.array[0], image.size), array[0])


@given(
    start=st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 4)),
    flip=st.booleans(),
)
def test_a_cropped_mask_is_put_where_it_was(start: tuple[int, int, int], flip: bool) -> None:
    array = np.random.default_rng(0).integers(1, 5, (1, 3, 4, 5))
    image = Image(array, OBLIQUE)
    size = tuple(length - first for length, first in zip(image.size, start, strict=True))
    mask = image.cropped(start, size)
    mask = mask.flipped(1) if flip else mask
    placement = find_placement(mask.geometry, mask.size, image.geometry, image.size)
    assert placement is not None
    placed = placement.apply(mask.array[0], image.size)
    box = tuple(slice(first, None) for first in start)
    np.testing.assert_array_equal(placed[box], array[0][box])
    assert np.count_nonzero(placed) == mask.array.size


def test_a_mask_that_reaches_outside_is_cut() -> None:
    image = Image(np.ones((1, 2, 3)), Geometry.axial((1.0, 1.0)))
    wide = Image(np.arange(20).reshape(1, 4, 5), image.geometry.cropped((-1, -1)))
    placement = find_placement(wide.geometry, wide.size, image.geometry, image.size)
    assert placement is not None
    np.testing.assert_array_equal(
        placement.apply(wide.array[0], image.size), wide.array[0][1:3, 1:4]
    )


@pytest.mark.parametrize(
    "other",
    [
        Geometry((3.1, 0.8, 0.7), OBLIQUE.directions, OBLIQUE.origin_lps),
        Geometry(OBLIQUE.spacing_mm, AXES, OBLIQUE.origin_lps),
        Geometry(OBLIQUE.spacing_mm, OBLIQUE.directions, (10.3, -20.0, 30.0)),
    ],
    ids=["spacing", "directions", "origin"],
)
def test_a_grid_between_the_points_of_the_image_has_no_place(other: Geometry) -> None:
    assert find_placement(other, (8, 8, 8), OBLIQUE, (8, 8, 8)) is None


def test_headers_of_few_digits_lie_alike() -> None:
    near = Geometry(OBLIQUE.spacing_mm, OBLIQUE.directions, (10.0004, -20.0, 30.0))
    assert lie_alike(near, OBLIQUE, (100, 100, 100))
    longer = Geometry((3.001, 0.8, 0.7), OBLIQUE.directions, OBLIQUE.origin_lps)
    assert lie_alike(longer, OBLIQUE, (10, 10, 10))
    assert not lie_alike(longer, OBLIQUE, (100, 10, 10))  # 0.1 mm at the far end


def test_pictures_lie_wherever_they_are_put_if_their_size_fits() -> None:
    image, picture = Geometry.axial((1.0, 1.0)), Geometry.pixels(2)
    assert find_placement(picture, (4, 5), image, (4, 5)) is not None
    assert find_placement(picture, (5, 4), image, (4, 5)) is None


def test_resampling_takes_the_nearest_value_as_simpleitk_does() -> None:
    sitk = pytest.importorskip("SimpleITK")
    rng = np.random.default_rng(3)
    sheared = Geometry(
        (2.0, 1.0, 1.1),
        OBLIQUE.directions @ np.array([[1, 0, 0], [0, 1, 0.0], [0, 0, 1]]),
        (8.3, -19.2, 31.7),
    )
    mask = Image(rng.integers(0, 6, (1, 9, 12, 11)).astype(np.uint8), sheared)
    size = (5, 10, 13)
    ours = resample_onto(mask, OBLIQUE, size)

    def theirs_of(array: np.ndarray, grid: Geometry) -> object:
        made = sitk.GetImageFromArray(array)
        made.SetSpacing(grid.spacing_mm[::-1])
        made.SetOrigin(grid.origin_lps)
        made.SetDirection(grid.directions[:, ::-1].reshape(-1).tolist())
        return made

    theirs = sitk.GetArrayFromImage(
        sitk.Resample(
            theirs_of(mask.array[0], sheared),
            theirs_of(np.zeros(size, np.uint8), OBLIQUE),
            sitk.Transform(),
            sitk.sitkNearestNeighbor,
            0,
        )
    )
    # Points half an element outside are rounded apart at the border.
    assert (ours == theirs).mean() > 0.97
    inside = (slice(1, -1), slice(2, -3), slice(1, -4))
    np.testing.assert_array_equal(ours[inside], theirs[inside])


def test_sheared_grids_are_resampled_through_the_world() -> None:
    directions = AXES.copy()
    directions[:, 0] = (0.0, 0.6, 0.8)  # a tilted gantry
    sheared = Geometry((2.0, 1.0, 1.0), directions)
    array = np.random.default_rng(0).integers(0, 9, (1, 4, 12, 6)).astype(np.uint8)
    mask = Image(array, sheared)
    straight = Geometry((1.6, 1.0, 1.0), AXES)
    placed = resample_onto(mask, straight, (4, 12, 6))
    for plane in range(4):  # each plane lies 1.2 mm further to the back than the one below
        shift = round(1.2 * plane)
        np.testing.assert_array_equal(placed[plane, shift:], array[0, plane, : 12 - shift])
        assert not placed[plane, :shift].any()
    assert "sheared" in grid_words((4, 12, 6), sheared)
