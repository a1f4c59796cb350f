import numpy as np
import pytest

from scanwright.classical.planes import gradient_features, pattern_features, thumbnail_features
from scanwright.classical.region import Region
from scanwright.image import Image


def region(array: np.ndarray, mask: np.ndarray | None = None) -> Region:
    return Region.of(Image.from_array(array[None]), mask)


def test_gradients_of_an_edge_point_across_it() -> None:
    upright = np.zeros((64, 64))
    upright[:, 32:] = 1.0
    lying = upright.T
    sums = []
    for array in (upright, lying):
        angles = np.zeros(9)
        for name, value in gradient_features(region(array)).items():
            angles[int(name.rsplit(".", 1)[1])] += value
        sums.append(int(np.argmax(angles)))
    assert sums[0] in (0, 8)
    assert sums[1] == 4


@pytest.mark.parametrize("size", [(28, 28), (64, 64), (50, 91)])
def test_all_sizes_give_the_same_number_of_gradients(size: tuple[int, ...]) -> None:
    assert len(gradient_features(region(np.random.default_rng(0).random(size)))) == 324


def test_a_volume_is_seen_from_three_sides() -> None:
    volume = np.random.default_rng(0).random((9, 12, 10))
    assert len(gradient_features(region(volume))) == 3 * 324
    assert len(pattern_features(region(volume))) == 3 * (10 + 18 + 26)


def test_shares_of_patterns_add_up_at_each_radius() -> None:
    found = pattern_features(region(np.random.default_rng(0).random((20, 22))))
    for radius in (1, 2, 3):
        shares = [value for name, value in found.items() if name.startswith(f"radius_{radius}.")]
        assert sum(shares) == pytest.approx(1.0)


def test_patterns_ignore_brightness_and_contrast() -> None:
    array = np.round(np.random.default_rng(0).random((20, 22)) * 255)
    assert pattern_features(region(array)) == pattern_features(region(3 * array + 40))


def test_patterns_of_a_quarter_turn_are_the_same() -> None:
    array = np.round(np.random.default_rng(0).random((24, 24)) * 255)
    inside = np.zeros((24, 24), dtype=bool)
    inside[5:19, 5:19] = True
    plain = pattern_features(region(array, inside))
    turned = pattern_features(region(np.rot90(array).copy(), inside))
    # Points between elements are interpolated; a quarter turn changes that by rounding only.
    assert max(abs(plain[name] - turned[name]) for name in plain) < 0.03


def test_only_patterns_inside_the_mask_count() -> None:
    array = np.zeros((30, 30))
    array[:, 15:] = np.random.default_rng(0).random((30, 15))
    mask = np.zeros((30, 30), dtype=bool)
    mask[5:25, 3:10] = True
    array[10, 5] = 0.5
    found = pattern_features(region(array, mask))
    assert found["radius_1.8"] > 0.9


def test_a_thumbnail_keeps_what_is_bright() -> None:
    array = np.zeros((24, 48))
    array[:12, :24] = 9.0
    found = thumbnail_features(region(array))
    assert len(found) == 144
    assert found["0.0"] == pytest.approx(1.0)
    assert found["11.11"] == pytest.approx(0.0)


def test_a_constant_image_has_finite_planes() -> None:
    flat = region(np.full((16, 16), 5.0))
    for measure in (gradient_features, pattern_features, thumbnail_features):
        assert np.isfinite(list(measure(flat).values())).all()
