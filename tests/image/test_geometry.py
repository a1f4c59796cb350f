import math
import pickle

import numpy as np
import pytest

from scanwright.base import GeometryError
from scanwright.image import Frame, Geometry, axis_directions


@pytest.mark.parametrize("length", [0.0, -1.0, math.nan, math.inf])
def test_spacing_must_be_positive_and_finite(length: float) -> None:
    with pytest.raises(GeometryError, match="positive"):
        Geometry.axial((1.0, length))


@pytest.mark.parametrize(
    ("directions", "word"),
    [
        (np.eye(3), "shape"),
        (np.eye(2), "shape"),
        (np.full((3, 2), np.nan), "shape"),
        (1.01 * axis_directions(2), "unit vectors"),
        (np.zeros((3, 2)), "unit vectors"),
        (np.array([[1, 1], [0, 0], [0, 0]]), "independent"),
        (np.array([[1, -1], [0, 0], [0, 0]]), "independent"),
    ],
)
def test_directions_must_be_independent_unit_vectors(directions: np.ndarray, word: str) -> None:
    with pytest.raises(GeometryError, match=word):
        Geometry((1.0, 1.0), directions)


def test_directions_in_one_plane_do_not_span_a_volume() -> None:
    half = math.sqrt(0.5)
    with pytest.raises(GeometryError, match="independent"):
        Geometry((1, 1, 1), np.array([[1, 0, half], [0, 1, half], [0, 0, 0]]))


@pytest.mark.parametrize("rank", [0, 4])
def test_a_grid_has_one_to_three_axes(rank: int) -> None:
    with pytest.raises(GeometryError, match="1, 2 or 3 axes"):
        Geometry((1.0,) * rank, np.zeros((3, rank)))


@pytest.mark.parametrize("origin", [(0.0, 0.0), (0.0, 0.0, math.nan), (math.inf, 0.0, 0.0)])
def test_the_origin_is_a_point(origin: tuple[float, ...]) -> None:
    with pytest.raises(GeometryError, match="origin"):
        Geometry((1.0, 1.0), axis_directions(2), origin)  # type: ignore[arg-type]  # that is the point


def test_cosines_with_the_few_digits_of_dicom_are_taken() -> None:
    half = round(math.sqrt(0.5), 4)
    geometry = Geometry((1.0, 1.0), np.array([[half, -half], [half, half], [0, 0]]))
    assert geometry.is_orthogonal


def test_a_tilted_gantry_makes_a_sheared_grid_that_maps_exactly() -> None:
    tilt = math.radians(20)
    slow = [0.0, math.sin(tilt), math.cos(tilt)]
    geometry = Geometry((5.0, 0.5, 0.5), np.array([slow, [0, 1, 0], [1, 0, 0]]).T, (-10, -20, 30))
    assert not geometry.is_orthogonal
    assert geometry.axes == "SPL"
    expected = [-10 + 4 * 0.5, -20 + 2 * 5 * math.sin(tilt) + 3 * 0.5, 30 + 2 * 5 * math.cos(tilt)]
    np.testing.assert_allclose(geometry.to_world((2, 3, 4)), expected)
    np.testing.assert_allclose(geometry.to_index(expected), (2, 3, 4))
    assert geometry.resized((4, 4, 4), (8, 2, 4)).directions[1, 0] == pytest.approx(math.sin(tilt))


def test_an_axial_grid_has_the_axes_of_its_name() -> None:
    geometry = Geometry.axial((3.0, 2.0, 1.0), (10.0, 20.0, 30.0))
    assert geometry.axes == "SPL"
    assert geometry.frame is Frame.PATIENT
    np.testing.assert_array_equal(geometry.to_world((1, 0, 0)), (10, 20, 33))
    np.testing.assert_array_equal(geometry.to_world((0, 1, 0)), (10, 22, 30))
    np.testing.assert_array_equal(geometry.to_world((0, 0, 1)), (11, 20, 30))
    assert Geometry.axial((2.0, 1.0)).axes == "PL"


def test_a_flip_turns_the_letter_of_its_axis() -> None:
    geometry = Geometry.axial((3.0, 2.0, 1.0))
    assert geometry.flipped(0, 5).axes == "IPL"
    assert geometry.flipped(2, 5).axes == "SPR"
    assert geometry.permuted((2, 0, 1)).axes == "LSP"
    assert geometry.permuted((2, 0, 1)).spacing_mm == (1.0, 3.0, 2.0)


def test_only_what_has_millimetres_is_physical() -> None:
    assert Geometry.axial((1.0, 1.0)).is_physical
    assert Geometry.detector((0.2, 0.2)).is_physical
    assert Geometry.detector((0.2, 0.2)).frame is Frame.DETECTOR
    assert not Geometry.pixels(2).is_physical


def test_grids_of_different_frames_or_ranks_are_neither_equal_nor_close() -> None:
    pixels = Geometry.pixels(2)
    same_numbers = Geometry((1.0, 1.0), axis_directions(2))
    assert pixels != same_numbers
    assert not pixels.is_close(same_numbers)
    assert not pixels.is_close(Geometry.pixels(3))
    assert pixels != "grid"


def test_every_change_keeps_the_frame() -> None:
    geometry = Geometry.detector((0.5, 0.25))
    changed = (
        geometry.cropped((1, 1)),
        geometry.flipped(0, 4),
        geometry.permuted((1, 0)),
        geometry.resized((4, 4), (2, 2)),
    )
    assert {one.frame for one in changed} == {Frame.DETECTOR}


def test_resizing_by_half_moves_the_first_centre_by_a_quarter_of_the_new_step() -> None:
    geometry = Geometry.axial((1.0, 1.0), (0.0, 0.0, 0.0)).resized((4, 4), (2, 4))
    assert geometry.spacing_mm == (2.0, 1.0)
    assert geometry.origin_lps == (0.0, 0.5, 0.0)


def test_negative_zero_is_zero() -> None:
    flipped = Geometry.pixels(2).flipped(0, 1)
    by_hand = Geometry((1, 1), np.array([[0, 1], [-1, 0], [0, 0]]), frame=Frame.PIXELS)
    assert flipped == by_hand
    assert hash(flipped) == hash(by_hand)


def test_directions_can_be_changed_neither_here_nor_where_they_came_from() -> None:
    mine = axis_directions(2)
    geometry = Geometry((1.0, 1.0), mine)
    mine[:] = 0
    assert np.array_equal(geometry.directions, axis_directions(2))
    with pytest.raises(ValueError, match="read-only"):
        geometry.directions[0, 0] = 1


def test_a_grid_travels_between_processes() -> None:
    geometry = Geometry.axial((3.0, 2.0, 1.0), (10.0, 20.0, 30.0)).flipped(1, 7)
    assert pickle.loads(pickle.dumps(geometry)) == geometry
