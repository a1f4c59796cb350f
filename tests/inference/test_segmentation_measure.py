import numpy as np
import pytest
from scipy.spatial.distance import pdist

from scanwright.image import Geometry, LabelScheme
from scanwright.inference import Outlines, element_mm, measure

SCHEME = LabelScheme.of_classes(("a", "b"))


def ball(radius_mm: float, spacing_mm: tuple[float, ...]) -> np.ndarray:
    axes = [np.arange(-radius_mm - 3, radius_mm + 3, step) for step in spacing_mm]
    grid = np.meshgrid(*axes, indexing="ij")
    return np.asarray(sum(axis**2 for axis in grid) <= radius_mm**2)[None].astype(np.uint8)


def test_a_ball_has_the_volume_and_the_diameter_of_a_ball() -> None:
    spacing = (1.5, 1.0, 0.8)
    sizes = measure(Outlines(ball(15.0, spacing), SCHEME), Geometry.axial(spacing))
    assert sizes.volumes_ml["a"] == pytest.approx(4 / 3 * np.pi * 15**3 / 1000, rel=0.02)
    assert 28 < sizes.diameters_mm["a"] <= 30
    assert sizes.areas_mm2 == {}


def test_a_disc_has_an_area() -> None:
    sizes = measure(Outlines(ball(20.0, (0.5, 0.5)), SCHEME), Geometry.detector((0.5, 0.5)))
    assert sizes.areas_mm2["a"] == pytest.approx(np.pi * 400, rel=0.01)
    assert sizes.diameters_mm["a"] == pytest.approx(40, abs=1)
    assert sizes.volumes_ml == {}


def test_what_is_absent_measures_nothing() -> None:
    sizes = measure(Outlines(ball(9.0, (1.0,) * 3), SCHEME), Geometry.axial((1.0,) * 3))
    assert sizes.volumes_ml["b"] == sizes.diameters_mm["b"] == 0


def test_pixels_have_no_size() -> None:
    sizes = measure(Outlines(ball(9.0, (1.0, 1.0)), SCHEME), Geometry.pixels(2))
    assert (sizes.volumes_ml, sizes.areas_mm2, sizes.diameters_mm) == ({}, {}, {})


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", [(1, 30), (1, 6, 7), (1, 4, 5, 6), (1, 1, 5, 6), (1, 1, 1, 9)])
def test_the_diameter_is_the_greatest_of_all_distances(shape: tuple[int, ...], seed: int) -> None:
    labels = (np.random.default_rng(seed).random(shape) < 0.15).astype(np.uint8)
    geometry = Geometry.axial((2.0, 1.3, 0.7)[: len(shape) - 1])
    points = geometry.to_world(np.argwhere(labels[0]))
    expected = pdist(points).max() if len(points) > 1 else 0.0
    got = measure(Outlines(labels, SCHEME), geometry).diameters_mm["a"]
    assert got == pytest.approx(expected)


def test_a_sheared_grid_keeps_its_volume() -> None:
    directions = np.array([[0, 0, 1.0], [0.6, 1.0, 0], [0.8, 0, 0]])
    assert element_mm(Geometry((2.0, 1.0, 1.0), directions)) == pytest.approx(1.6)
