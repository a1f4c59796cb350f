"""Orient: every orientation is reached, and left again, without touching a value."""

from itertools import permutations, product

import numpy as np
import pytest
from pydantic import ValidationError

from scanwright.image import Case, Geometry, Image
from scanwright.transforms import Orient, Pipeline, coarsest_first, undo

LETTERS = ["".join(letters) for order in permutations(("LR", "PA", "SI"))
           for letters in product(*order)]  # fmt: skip


def volume() -> Image:
    array = np.arange(2 * 3 * 4, dtype=np.int16).reshape(1, 2, 3, 4)
    return Image(array, Geometry.axial((3.0, 2.0, 1.0), (10.0, 20.0, 30.0)))


def world_of_values(image: Image) -> dict[int, tuple[float, ...]]:
    return {
        int(image.array[(0, *index)]): tuple(image.geometry.to_world(index).round(6).tolist())
        for index in np.ndindex(image.size)
    }


@pytest.mark.parametrize("axes", LETTERS)
def test_each_value_keeps_its_place_in_the_world(axes: str) -> None:
    case = Case.of(volume())
    changed, trace = Pipeline((Orient(axes=axes),)).apply(case)
    assert changed.image.geometry.axes == axes
    assert world_of_values(changed.image) == world_of_values(case.image)
    assert undo(changed, trace).image.is_equal(case.image)


def test_there_are_48_orientations() -> None:
    assert len(set(LETTERS)) == 48


def test_every_orientation_comes_to_the_default() -> None:
    for axes in LETTERS:
        turned = Pipeline((Orient(axes=axes),)).apply_image(volume())
        assert Pipeline((Orient(),)).apply_image(turned).is_equal(volume())


def test_a_slice_uses_the_letters_it_has() -> None:
    directions = np.array([[0.0, -1.0], [0.0, 0.0], [-1.0, 0.0]])  # rows to I, columns to R
    coronal = Image(np.arange(6.0).reshape(1, 2, 3), Geometry((1.0, 1.0), directions))
    assert coronal.geometry.axes == "IR"
    assert Pipeline((Orient(),)).apply_image(coronal).geometry.axes == "SL"
    assert Pipeline((Orient(axes="LIP"),)).apply_image(coronal).geometry.axes == "LI"


def test_oblique_axes_go_to_three_different_letters() -> None:
    # Two axes are nearest to the same direction; the best sum decides, and no axis is lost.
    tilt = np.deg2rad(50)
    directions = np.array(
        [[0, 0, 1], [np.sin(tilt), np.cos(tilt), 0], [np.cos(tilt), -np.sin(tilt), 0]]
    )
    image = Image(np.arange(24.0).reshape(1, 2, 3, 4), Geometry((1.0,) * 3, directions))
    turned = Pipeline((Orient(),)).apply_image(image)
    assert sorted(turned.size) == [2, 3, 4]
    assert world_of_values(turned) == world_of_values(image)


def test_a_picture_without_a_patient_stays() -> None:
    image = Image.from_array(np.arange(6.0).reshape(1, 2, 3))
    assert Pipeline((Orient(axes="IAR"),)).apply_image(image).is_equal(image)


@pytest.mark.parametrize("axes", ["SP", "SPP", "SPX", "SILP", ""])
def test_letters_must_name_three_directions(axes: str) -> None:
    with pytest.raises(ValidationError, match="three letters"):
        Orient(axes=axes)


@pytest.mark.parametrize(
    ("spacing", "axes"),
    [((1.0, 1.0, 1.0), "SPL"), ((0.5, 3.0, 0.5), "PSL"), ((0.5, 0.6, 4.0), "LPS")],
)
def test_the_coarsest_axis_can_be_put_first(spacing: tuple[float, ...], axes: str) -> None:
    assert coarsest_first("SPL", spacing) == axes
    image = Image.from_array(np.zeros((1, 4, 5, 6)))
    image = Image(image.array, Geometry.axial(spacing))
    turned = Pipeline((Orient(axes=axes),)).apply_image(image)
    assert turned.geometry.axes == axes
    assert turned.geometry.spacing_mm[0] == max(spacing)
