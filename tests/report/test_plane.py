"""Planes as a reader expects them."""

import itertools

import numpy as np
import pytest

from scanwright.image import Frame, Geometry, axis_directions
from scanwright.report.plane import planes_of

ORDERS = list(itertools.permutations(range(3)))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("flips", [(), (0,), (1, 2), (0, 1, 2)])
def test_a_patient_looks_alike_however_the_array_lies(
    order: tuple[int, int, int], flips: tuple[int, ...]
) -> None:
    size = (4, 5, 6)
    plain = Geometry.axial((3.0, 2.0, 1.0))
    points = np.arange(np.prod(size)).reshape(size)
    wanted = [plane.cut(points, 1) for plane in planes_of(plain)]
    geometry, moved = plain.permuted(order), points.transpose(order)
    for axis in flips:
        geometry, moved = geometry.flipped(axis, moved.shape[axis]), np.flip(moved, axis)
    for plane, picture in zip(planes_of(geometry), wanted, strict=True):
        assert plane.across is not None
        index = moved.shape[plane.across] - 2 if plane.across in flips else 1
        np.testing.assert_array_equal(plane.cut(moved, index), picture)


def test_planes_are_seen_as_radiologists_see_them() -> None:
    axial, coronal, sagittal = planes_of(Geometry.axial((1.0, 1.0, 1.0)))  # axes S, P, L
    points = np.indices((4, 5, 6))
    s, p, left = points
    assert axial.name == "axial"
    assert axial.cut(p, 0)[-1, 0] == 4  # the back is below
    assert axial.cut(left, 0)[0, -1] == 5  # the patient's left is on the right
    assert coronal.cut(s, 0)[0, 0] == 3  # the head is above
    assert coronal.cut(left, 0)[0, -1] == 5
    assert sagittal.cut(s, 0)[0, 0] == 3
    assert sagittal.cut(p, 0)[0, -1] == 4  # the face looks to the left
    assert (axial.letters, coronal.letters, sagittal.letters) == (
        ("A", "R"),
        ("S", "R"),
        ("S", "A"),
    )


def test_without_a_patient_axes_run_as_in_the_array() -> None:
    points = np.arange(24).reshape(2, 3, 4)
    planes = planes_of(Geometry((1.0, 1.0, 1.0), axis_directions(3), frame=Frame.PIXELS))
    for axis, plane in enumerate(planes):
        np.testing.assert_array_equal(plane.cut(points, 1), np.take(points, 1, axis))
        assert plane.letters == ("", "")
    (plane,) = planes_of(Geometry.pixels(2))
    np.testing.assert_array_equal(plane.cut(points[0], 0), points[0])
