"""Tests of planes that form a grid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import GeometryError
from scanwright.image import Geometry
from scanwright.io.stack import stack_planes
from tests.io.builders import turned


def planes_of(grid: Geometry, count: int) -> list[Geometry]:
    planes = []
    for index in range(count):
        x, y, z = grid.to_world((index, 0, 0)).tolist()
        planes.append(Geometry(grid.spacing_mm[1:], grid.directions[:, 1:], (x, y, z)))
    return planes


@given(order=st.permutations(range(6)), shear=st.sampled_from([0.0, 0.2, 0.5]), turn=st.booleans())
def test_planes_of_a_grid_form_that_grid_in_any_order(
    order: list[int], shear: float, turn: bool
) -> None:
    grid = turned(3, shear)
    normal = np.cross(grid.directions[:, 2], grid.directions[:, 1])
    if (normal @ grid.directions[:, 0] < 0) is not turn:
        grid = grid.flipped(0, 6)
    planes = planes_of(grid, 6)
    found, stacked = stack_planes([planes[index] for index in order], "here")
    rising = normal @ grid.directions[:, 0] > 0
    expected = grid if rising else grid.flipped(0, 6)
    assert stacked.is_close(expected, 1e-9)
    sequence = [order[index] for index in found]
    assert sequence == (list(range(6)) if rising else list(range(5, -1, -1)))


def axial(heights: list[float], **changes: object) -> list[Geometry]:
    return [Geometry.axial((1.0, 1.0), (0.0, 0.0, height)) for height in heights]


def test_uneven_gaps_are_refused_with_numbers() -> None:
    with pytest.raises(GeometryError, match=r"gaps of 2\.5 to 5 mm"):
        stack_planes(axial([0, 2.5, 5, 10]), "here")


def test_gaps_even_within_the_tolerance_are_accepted() -> None:
    _, grid = stack_planes(axial([0, 2.504, 4.996, 7.5]), "here")
    assert grid.spacing_mm[0] == pytest.approx(2.5)
    with pytest.raises(GeometryError):
        stack_planes(axial([0, 2.54, 4.996, 7.5]), "here")


def test_small_gaps_have_an_absolute_tolerance() -> None:
    stack_planes(axial([0, 0.109, 0.2, 0.3]), "here")


def test_copies_are_refused() -> None:
    with pytest.raises(GeometryError, match="1 of 4 repeat"):
        stack_planes(axial([0, 1, 1, 2]), "here")


def test_an_in_plane_jump_is_refused() -> None:
    planes = axial([0, 1, 2, 3])
    planes[2] = Geometry.axial((1.0, 1.0), (0.0, 0.5, 2.0))
    with pytest.raises(GeometryError, match="not evenly spaced"):
        stack_planes(planes, "here")


def test_mixed_orientation_and_spacing_are_refused() -> None:
    planes = axial([0, 1])
    with pytest.raises(GeometryError, match="turned against each other"):
        stack_planes([*planes, turned(2)], "here")
    with pytest.raises(GeometryError, match="different pixel sizes"):
        stack_planes([*planes, Geometry.axial((1.0, 1.01), (0.0, 0.0, 2.0))], "here")
