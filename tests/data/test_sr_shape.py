import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.data.sr_shape import is_closed, shape_of
from scanwright.image import Floats

numbers = st.floats(-50, 50)


def flat(*points: tuple[float, ...]) -> Floats:
    return np.array(points, dtype=np.float64).ravel()


def test_a_polyline_reaches_as_far_as_its_corners() -> None:
    shape = shape_of("POLYLINE", flat((1, 2), (4, 2), (3, 7.5), (1, 2)), 2)
    assert shape is not None
    assert shape.bounds.tolist() == [[1, 4], [2, 7.5]]


@pytest.mark.parametrize(
    ("graphic", "coordinates", "rank"),
    [
        ("POINT", flat((1, 2)), 2),
        ("MULTIPOINT", flat((1, 2), (3, 4), (5, 1)), 2),
        ("POLYLINE", flat((1, 2), (4, 5)), 2),
        ("POLYLINE", flat((1, 1), (2, 2), (5, 5), (1, 1)), 2),
        ("POLYLINE", flat((1, 1), (2, 2))[:3], 2),
        ("POLYLINE", flat((1, 1), (2, np.nan), (5, 5)), 2),
        ("CIRCLE", flat((1, 1), (1, 1)), 2),
        ("CIRCLE", flat((1, 1), (2, 2), (3, 3)), 2),
        ("ELLIPSE", flat((1, 1), (2, 2)), 2),
        ("ELLIPSE", flat((0, 0), (4, 0), (2, 0), (2, 0)), 2),
        ("ELLIPSOID", flat((0, 0, 0), (4, 0, 0), (2, 1, 0), (2, 3, 0), (2, 2, 0), (2, 2, 0)), 3),
        ("POLYGON", np.zeros(0), 3),
        ("SQUIRCLE", flat((1, 2), (4, 2), (3, 7)), 2),
    ],
)
def test_what_encloses_nothing_is_no_shape(graphic: str, coordinates: Floats, rank: int) -> None:
    assert shape_of(graphic, coordinates, rank) is None


@given(st.lists(numbers, min_size=9, max_size=9), st.lists(numbers, min_size=12, max_size=12))
def test_a_moved_ellipsoid_reaches_as_far_as_its_moved_surface(
    axes: list[float], affine: list[float]
) -> None:
    radii = np.array(axes).reshape(3, 3)
    centre = np.array([3.0, -4.0, 5.0])
    ends = np.stack([centre - radii, centre + radii], axis=1).ravel()
    shape = shape_of("ELLIPSOID", ends, 3)
    if shape is None:
        return
    matrix, offset = np.array(affine[:9]).reshape(3, 3), np.array(affine[9:])
    bounds = shape.moved(matrix, offset).bounds
    # The furthest point along an axis is known: u is the unit vector along the row of M R.
    images = matrix @ radii.T
    for axis, (low, high) in enumerate(bounds):
        length = np.linalg.norm(images[axis])
        unit = images[axis] / length if length else np.array([1.0, 0, 0])
        far = matrix @ (centre + radii.T @ unit) + offset
        np.testing.assert_allclose(high, far[axis], atol=1e-6)
        other = np.random.default_rng(0).normal(size=(200, 3))
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        inside = (centre + other @ radii) @ matrix.T + offset
        assert (inside[:, axis] <= high + 1e-6).all()
        assert (inside[:, axis] >= low - 1e-6).all()


def test_the_normal_of_a_polygon_or_ellipse_is_across_its_plane() -> None:
    bow_tie = shape_of("POLYGON", flat((0, 1, 0), (4, 1, 3), (4, 1, 0), (0, 1, 3)), 3)
    disc = shape_of("ELLIPSE", flat((0, 1, 0), (4, 1, 0), (2, 1, -1), (2, 1, 1)), 3)
    for shape in (bow_tie, disc):
        assert shape is not None
        assert shape.is_flat
        np.testing.assert_allclose(np.abs(shape.normal), [0, 1, 0], atol=1e-9)


def test_a_line_is_closed_where_it_ends_where_it_began() -> None:
    assert is_closed("POLYLINE", flat((1, 2), (4, 2), (3, 7), (1, 2)), 2)
    assert not is_closed("POLYLINE", flat((1, 2), (4, 2), (3, 7)), 2)
    assert not is_closed("POLYLINE", flat((1, 2), (4, 2), (1, 2)), 2)
    assert is_closed("CIRCLE", flat((1, 2), (4, 2)), 2)
