"""Sizes of pieces of surface."""

import numpy as np
import pytest

from scanwright.metrics.surface_area import PIECES, element_areas


def test_every_pattern_has_an_area_but_the_two_without_a_surface() -> None:
    areas = element_areas((1.0, 1.0, 1.0))
    assert areas[0] == areas[255] == 0
    assert (areas[1:255] > 0).all()
    assert len(PIECES) == 13  # 14 classes of marching cubes, one of them without a surface


def test_inside_and_outside_may_change_places() -> None:
    areas = element_areas((3.0, 0.7, 1.1))
    np.testing.assert_allclose(areas, areas[::-1])


def test_a_flat_surface_has_the_area_of_its_face() -> None:
    areas = element_areas((2.0, 3.0, 5.0))
    assert areas[0b00001111] == pytest.approx(15)
    assert areas[0b00110011] == pytest.approx(10)
    assert areas[0b01010101] == pytest.approx(6)


def test_a_single_corner_is_cut_by_a_triangle() -> None:
    sides = np.array([[1.0, 0, -1.5], [0, 2.0, -1.5]])  # between middles of edges, in mm
    area = np.linalg.norm(np.cross(*sides)) / 2
    assert element_areas((2.0, 4.0, 3.0))[1] == pytest.approx(area)


def test_lengths_of_contours() -> None:
    lengths = element_areas((3.0, 4.0))[::17]
    assert lengths[[0, 15]].tolist() == [0, 0]
    assert lengths[[0b0011, 0b1100]].tolist() == [4, 4]
    assert lengths[[0b0101, 0b1010]].tolist() == [3, 3]
    assert lengths[[0b0110, 0b1001]].tolist() == [5, 5]
    rest = [code for code in range(1, 15) if code.bit_count() % 2]
    assert set(lengths[rest].tolist()) == {2.5}
