import itertools

import numpy as np
import pytest

from scanwright.image import Geometry, Image, LabelScheme, MaskPrediction
from scanwright.inference import Found, Tiling

SCHEME = LabelScheme.of_classes(("a",))


def prediction(labels: np.ndarray, geometry: Geometry) -> MaskPrediction:
    return MaskPrediction("one", Image(labels[None].astype(np.uint8), geometry), SCHEME)


@pytest.mark.parametrize("size", [(60, 44), (30, 60, 44)])
@pytest.mark.parametrize("margin_mm", [0.0, 5.0])
def test_no_window_near_what_was_found_is_missed(size: tuple[int, ...], margin_mm: float) -> None:
    spacing = (2.0, 1.0, 1.5)[: len(size)]
    geometry = Geometry.axial(spacing, (3.0, -4.0, 5.0))
    labels = np.zeros(size)
    place = tuple(edge // 3 for edge in size)
    labels[place] = 1
    found = Found.by(prediction(labels, geometry))
    fine_size = tuple(2 * edge for edge in size)
    fine = geometry.resized(size, fine_size)
    tiling = Tiling.of(fine_size, (12,) * len(size), 0.5)
    is_missed = found.misses(tiling, fine, margin_mm)
    target = geometry.to_world(place)
    missed = 0
    for start in itertools.product(*tiling.starts):
        low, high = fine.to_world(start), fine.to_world(np.array(start) + 11)
        low, high = np.minimum(low, high), np.maximum(low, high)
        distance = np.maximum(np.maximum(low - target, target - high), 0).max()
        if distance <= margin_mm:
            assert not is_missed(start)
        missed += is_missed(start)
    assert missed > 0.5 * tiling.count


def test_a_turned_grid_is_understood() -> None:
    geometry = Geometry.axial((1.0, 1.0))
    labels = np.zeros((64, 64))
    labels[3, 60] = 1
    found = Found.by(prediction(labels, geometry))
    turned = geometry.flipped(1, 64).permuted((1, 0))
    is_missed = found.misses(Tiling.of((64, 64), (8, 8), 0.0), turned, 0.0)
    assert not is_missed((0, 0))
    assert is_missed((0, 56))
    assert is_missed((56, 0))


def test_nothing_found_leaves_nothing() -> None:
    found = Found.by(prediction(np.zeros((16, 16)), Geometry.axial((1.0, 1.0))))
    assert found.is_empty
    tiling = Tiling.of((16, 16), (8, 8), 0.5)
    assert found.misses(tiling, Geometry.axial((1.0, 1.0)), 100.0)((0, 0))
