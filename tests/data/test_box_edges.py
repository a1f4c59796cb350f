import itertools

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from scanwright.base import GeometryError
from scanwright.data.box_edges import fit_edges, index_edges, is_in_space
from scanwright.data.box_flaw import BoxFault
from scanwright.data.box_given import GivenBoxes, Unit
from scanwright.image import Geometry


def given(
    rows: list[list[list[float]]], unit: Unit = "pixels", *, balls: bool = False
) -> GivenBoxes:
    return GivenBoxes(np.array(rows, dtype=np.float64), ("x",) * len(rows), unit, balls)


def turned(rank: int) -> Geometry:
    """Return a grid whose axes are turned by 30 degrees about z, its rows run backwards."""
    angle = np.deg2rad(30)
    along = {
        "x": np.array([np.cos(angle), np.sin(angle), 0]),
        "y": -np.array([-np.sin(angle), np.cos(angle), 0]),
        "z": np.array([0, 0, 1.0]),
    }
    columns = np.stack([along[name] for name in "zyx"[3 - rank :]], axis=1)
    return Geometry((2.0, 0.5, 0.8)[3 - rank :], columns, (10.0, -20.0, 5.0))


def test_the_first_pixel_runs_from_minus_a_half_to_a_half() -> None:
    edges = index_edges(given([[[0, 1], [2, 5]]]), (8, 9), Geometry.pixels(2))
    assert edges.tolist() == [[[-0.5, 0.5], [1.5, 4.5]]]


def test_shares_of_the_whole_image_are_its_edges() -> None:
    edges = index_edges(given([[[0, 1], [0.5, 1]]], "shares"), (8, 10), Geometry.pixels(2))
    assert edges.tolist() == [[[-0.5, 7.5], [4.5, 9.5]]]


@pytest.mark.parametrize("rank", [2, 3])
def test_a_box_in_mm_becomes_the_box_around_its_corners_on_a_turned_grid(rank: int) -> None:
    world = [[4.0, 9.0], [-30.0, -22.0], [3.0, 14.0]][3 - rank :]  # z, y, x
    geometry = turned(rank)
    edges = index_edges(given([world], "mm"), (20,) * rank, geometry)[0]
    # By hand, from the definition: world = origin + sum of directions × spacing × index.
    matrix = geometry.directions * np.array(geometry.spacing_mm)
    corners = []
    for corner in itertools.product(*world):
        xyz = np.array([*corner[::-1], *[geometry.origin_lps[2]] * (3 - rank)])
        corners.append(np.linalg.lstsq(matrix, xyz - np.array(geometry.origin_lps), rcond=None)[0])
    np.testing.assert_allclose(edges[:, 0], np.min(corners, axis=0), atol=1e-9)
    np.testing.assert_allclose(edges[:, 1], np.max(corners, axis=0), atol=1e-9)


@pytest.mark.parametrize("rank", [2, 3])
def test_a_ball_in_mm_keeps_its_diameter_on_a_turned_grid(rank: int) -> None:
    geometry = turned(rank)
    middle = np.array([3.0, 4.0, 6.0][:rank])
    world = geometry.to_world(middle)[::-1][3 - rank :]  # z, y, x
    box = [[value - 4, value + 4] for value in world.tolist()]
    edges = index_edges(given([box], "mm", balls=True), (20,) * rank, geometry)[0]
    np.testing.assert_allclose(edges.mean(axis=1), middle, atol=1e-9)
    lengths_mm = (edges[:, 1] - edges[:, 0]) * np.array(geometry.spacing_mm)
    np.testing.assert_allclose(lengths_mm, 8.0)


def test_mm_without_a_physical_size_or_in_a_plane_that_stands_up_are_refused() -> None:
    box = given([[[0, 1], [0, 1]]], "mm")
    with pytest.raises(GeometryError, match="no physical size"):
        index_edges(box, (8, 9), Geometry.pixels(2))
    upright = Geometry((1.0, 1.0), np.array([[0, 1], [0, 0], [-1, 0]]))
    with pytest.raises(GeometryError, match="not axial"):
        index_edges(box, (8, 9), upright)
    with pytest.raises(GeometryError, match="another number of axes"):
        index_edges(given([[[0, 1], [0, 1]]]), (4, 8, 9), Geometry.pixels(3))


def test_boxes_are_cut_to_the_image_and_what_is_left_out_is_told() -> None:
    nan = float("nan")
    edges = np.array(
        [
            [[0, 2], [0, 2]],
            [[-3, 2], [0, 2]],
            [[-0.505, 2], [0, 2]],
            [[8, 9], [0, 2]],
            [[2, 2], [0, 2]],
            [[nan, 2], [0, 2]],
            [[0, 1e-6], [3, 3.25]],
        ]
    )
    cut, is_left, faults = fit_edges(edges, (8, 9))
    assert is_left.tolist() == [True, True, True, False, False, False, True]
    assert cut[1].tolist() == [[-0.5, 2], [0, 2]]
    assert faults == {
        1: BoxFault.CUT,
        3: BoxFault.OUTSIDE,
        4: BoxFault.EMPTY,
        5: BoxFault.NOT_A_NUMBER,
    }


@drawn(st.lists(st.floats(-20, 20), min_size=4, max_size=4))
def test_whatever_is_left_lies_inside_and_has_an_area(values: list[float]) -> None:
    edges = np.array(values).reshape(1, 2, 2)
    cut, is_left, faults = fit_edges(edges, (5, 7))
    if is_left[0]:
        assert (cut[0, :, 0] < cut[0, :, 1]).all()
        assert cut.min() >= -0.5
        assert (cut[0, :, 1] <= [4.5, 6.5]).all()
    else:
        assert faults[0].is_lost


def test_only_a_volume_in_the_patient_has_a_place_in_space() -> None:
    assert is_in_space(Geometry.axial((1, 1, 1)))
    assert not is_in_space(Geometry.pixels(3))
    assert not is_in_space(Geometry.axial((1, 1)))
