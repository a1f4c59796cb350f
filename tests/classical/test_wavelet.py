import numpy as np
import pytest

from scanwright.classical.region import Region
from scanwright.classical.wavelet import wavelet_features
from scanwright.image import Image


def measured(array: np.ndarray) -> dict[str, float]:
    return wavelet_features(Region.of(Image.from_array(array[None])))


def test_stripes_along_x_have_their_energy_in_the_detail_along_x() -> None:
    stripes = np.tile([0.0, 1.0], (32, 16))
    found = measured(stripes)
    assert found["energy.1.ad"] > found["energy.1.da"] + 3
    turned = measured(stripes.T.copy())
    assert turned["energy.1.da"] == pytest.approx(found["energy.1.ad"])


def test_coarse_structure_lies_at_deeper_levels() -> None:
    rng = np.random.default_rng(0)
    fine = measured(rng.normal(size=(64, 64)))
    coarse = measured(np.kron(rng.normal(size=(8, 8)), np.ones((8, 8))))
    assert coarse["energy.1.ad"] < fine["energy.1.ad"]
    assert coarse["energy.3.ad"] > coarse["energy.1.ad"]


def test_brightness_and_contrast_do_not_matter() -> None:
    array = np.random.default_rng(0).random((16, 20))
    plain, other = measured(array), measured(7 * array - 3)
    assert plain.keys() == other.keys()
    assert max(abs(plain[name] - other[name]) for name in plain) < 1e-6


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 4), (40,), (3, 9, 5)])
def test_small_images_have_as_many_features_as_large_ones(size: tuple[int, ...]) -> None:
    found = measured(np.random.default_rng(0).random(size))
    large = measured(np.random.default_rng(0).random((64,) * len(size)))
    assert found.keys() == large.keys()
    assert np.isfinite(list(found.values())).all()


def test_noise_spread_evenly_has_a_high_entropy() -> None:
    rng = np.random.default_rng(0)
    dots = np.zeros((32, 32))
    dots[10, 10] = 1.0
    assert measured(rng.normal(size=(32, 32)))["entropy.1.dd"] > measured(dots)["entropy.1.dd"]
