"""Laws of grids: indices and places belong together, whatever is done to the grid."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from scanwright.image import Geometry, Image

TOLERANCE_MM = 1e-6
"""Places reach 10⁴ mm; double precision leaves ten digits after a sheared inverse."""


@st.composite
def geometries(draw: st.DrawFn) -> Geometry:
    """Return any grid, sheared ones included."""
    rank = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    directions = np.linalg.qr(rng.normal(size=(3, 3)))[0][:, :rank]
    if rank > 1 and draw(st.booleans()):  # a tilted gantry
        directions[:, 0] += draw(st.floats(-0.8, 0.8)) * directions[:, 1]
        directions[:, 0] /= np.linalg.norm(directions[:, 0])
    spacing = tuple(draw(st.floats(0.05, 10)) for _ in range(rank))
    origin = (draw(st.floats(-500, 500)), draw(st.floats(-500, 500)), draw(st.floats(-500, 500)))
    return Geometry(spacing, directions, origin)


@st.composite
def images(draw: st.DrawFn) -> Image:
    geometry = draw(geometries())
    size = tuple(draw(st.integers(1, 5)) for _ in range(geometry.rank))
    return Image(np.arange(np.prod(size)).reshape(1, *size), geometry)


def indices_of(image: Image) -> np.ndarray:
    """Return all indices, shape (N, D), in the order of the values."""
    return np.indices(image.size).reshape(image.rank, -1).T


def places_by_value(image: Image) -> dict[int, np.ndarray]:
    places = image.geometry.to_world(indices_of(image))
    return dict(zip(image.array.reshape(-1).tolist(), places, strict=True))


def assert_places_kept(changed: Image, image: Image) -> None:
    before, after = places_by_value(image), places_by_value(changed)
    for value, place in after.items():
        np.testing.assert_allclose(place, before[value], atol=TOLERANCE_MM)


@given(geometries(), st.integers(0, 99))
def test_an_index_is_found_again_from_its_place(geometry: Geometry, seed: int) -> None:
    index = np.random.default_rng(seed).uniform(-100, 600, size=(7, geometry.rank))
    world = geometry.to_world(index)
    assert world.shape == (7, 3)
    np.testing.assert_allclose(geometry.to_index(world), index, atol=1e-6)


@given(geometries(), st.integers(0, 99))
def test_a_place_off_the_grids_plane_is_projected_onto_it(geometry: Geometry, seed: int) -> None:
    place = np.random.default_rng(seed).uniform(-300, 300, size=3)
    nearest = geometry.to_world(geometry.to_index(place))
    np.testing.assert_allclose(geometry.directions.T @ (place - nearest), 0, atol=1e-6)


@given(geometries())
def test_a_step_along_an_axis_is_as_long_as_its_spacing(geometry: Geometry) -> None:
    steps = geometry.to_world(np.eye(geometry.rank)) - geometry.to_world(np.zeros(geometry.rank))
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), geometry.spacing_mm, rtol=1e-9)


@given(geometries())
def test_the_affine_says_the_same_as_to_world(geometry: Geometry) -> None:
    index = np.arange(1.0, 1 + geometry.rank)
    through = geometry.affine @ np.append(index, 1.0)
    np.testing.assert_allclose(through, geometry.to_world(index), atol=TOLERANCE_MM)


@given(images(), st.data())
def test_a_flip_keeps_every_value_in_its_place(image: Image, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, image.rank - 1))
    changed = image.flipped(axis)
    assert_places_kept(changed, image)
    assert np.array_equal(np.flip(changed.array, axis + 1), image.array)


@given(images(), st.data())
def test_two_flips_are_the_identity(image: Image, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, image.rank - 1))
    back = image.flipped(axis).flipped(axis)
    assert np.array_equal(back.array, image.array)
    assert back.geometry.is_close(image.geometry, TOLERANCE_MM)
    assert np.array_equal(back.geometry.directions, image.geometry.directions)


@given(images(), st.data())
def test_a_crop_keeps_every_value_in_its_place(image: Image, data: st.DataObject) -> None:
    start = tuple(data.draw(st.integers(0, edge - 1)) for edge in image.size)
    size = tuple(
        data.draw(st.integers(1, edge - first))
        for edge, first in zip(image.size, start, strict=True)
    )
    changed = image.cropped(start, size)
    assert changed.size == size
    assert_places_kept(changed, image)


@given(geometries(), st.data())
def test_cropping_back_is_the_identity(geometry: Geometry, data: st.DataObject) -> None:
    start = tuple(data.draw(st.integers(-9, 9)) for _ in range(geometry.rank))
    back = geometry.cropped(start).cropped(tuple(-first for first in start))
    assert back.is_close(geometry, TOLERANCE_MM)


@given(images(), st.data())
def test_another_order_of_axes_keeps_every_value_in_its_place(
    image: Image, data: st.DataObject
) -> None:
    order = tuple(data.draw(st.permutations(range(image.rank))))
    array = image.array.transpose(0, *(axis + 1 for axis in order))
    assert_places_kept(image.with_grid(array, image.geometry.permuted(order)), image)


@given(geometries(), st.data())
def test_resizing_covers_the_same_extent_from_edge_to_edge(
    geometry: Geometry, data: st.DataObject
) -> None:
    edges = st.integers(1, 40)
    old = tuple(data.draw(edges) for _ in range(geometry.rank))
    new = tuple(data.draw(edges) for _ in range(geometry.rank))
    changed = geometry.resized(old, new)
    for share in (0.0, 0.25, 1.0):
        before = geometry.to_world(np.array(old) * share - 0.5)
        after = changed.to_world(np.array(new) * share - 0.5)
        np.testing.assert_allclose(after, before, atol=TOLERANCE_MM)
    assert changed.resized(new, old).is_close(geometry, TOLERANCE_MM)


@given(geometries(), st.data())
def test_equal_grids_hash_alike(geometry: Geometry, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, geometry.rank - 1))
    flipped = geometry.flipped(axis, 1)
    again = Geometry(flipped.spacing_mm, -geometry.directions, flipped.origin_lps)
    for other in range(geometry.rank):
        if other != axis:
            again = again.flipped(other, 1)
    assume(again == flipped)
    assert hash(again) == hash(flipped)


@given(geometries())
def test_a_grid_is_close_to_itself_and_not_to_one_moved_a_little_too_far(
    geometry: Geometry,
) -> None:
    x, y, z = geometry.origin_lps
    moved = Geometry(geometry.spacing_mm, geometry.directions, (x, y, z + 0.01))
    assert geometry.is_close(geometry, 0)
    assert not geometry.is_close(moved, 0.009)
    assert geometry.is_close(moved, 0.011)
