import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.classical import FeatureOptions, Sampling
from scanwright.image import Geometry, Image

OPTIONS = FeatureOptions(longest=32)


def test_pictures_get_the_same_longest_edge_and_keep_their_proportions() -> None:
    sampling = Sampling.choose([(100, 50), (64, 64)], [None, None], OPTIONS)
    assert sampling == Sampling(2, None, 32)
    image, _ = sampling.apply(Image.from_array(np.zeros((1, 100, 50))))
    assert image.size == (32, 16)


def test_small_pictures_are_not_enlarged() -> None:
    assert Sampling.choose([(28, 28)] * 3, [None] * 3, OPTIONS).longest == 28


def test_images_with_a_spacing_get_one_isotropic_step() -> None:
    spacings = [(3.0, 1.0, 1.0), (2.0, 1.0, 1.0), (4.0, 1.2, 1.2)]
    sampling = Sampling.choose([(10, 20, 20)] * 3, spacings, OPTIONS)
    assert sampling.spacing_mm == 1.0
    volume = Image(np.zeros((1, 10, 20, 20)), Geometry.axial((3.0, 1.0, 1.0)))
    image, _ = sampling.apply(volume)
    assert image.size == (30, 20, 20)
    assert image.geometry.spacing_mm == pytest.approx((1.0, 1.0, 1.0))


def test_large_images_get_a_wider_step() -> None:
    sampling = Sampling.choose([(512, 512)], [(0.5, 0.5)], OPTIONS)
    assert sampling.spacing_mm == pytest.approx(256 / 32)


def test_an_image_far_larger_than_its_set_is_kept_small() -> None:
    sampling = Sampling.choose([(32, 32)] * 3, [(1.0, 1.0)] * 3, OPTIONS)
    giant = Image(np.zeros((1, 640, 320)), Geometry.detector((1.0, 1.0)))
    assert sampling.apply(giant)[0].size == (64, 32)


def test_a_mean_is_kept_when_an_image_is_reduced() -> None:
    array = np.random.default_rng(0).random((1, 96, 96))
    image, _ = Sampling(2, None, 24).apply(Image.from_array(array))
    assert image.array.mean() == pytest.approx(array.mean(), abs=0.01)


def test_a_mask_moves_with_its_image() -> None:
    array = np.zeros((1, 60, 60))
    array[0, 15:45, 30:60] = 1.0
    image, mask = Sampling(2, None, 20).apply(Image.from_array(array), array[0] > 0)
    assert mask is not None
    assert np.array_equal(mask > 0, image.array[0] > 0.5)


def test_sets_of_mixed_rank_are_refused() -> None:
    with pytest.raises(InputError, match="different rank"):
        Sampling.choose([(9, 9), (9, 9, 9)], [None, None], OPTIONS)


def test_an_image_of_another_rank_is_refused() -> None:
    with pytest.raises(InputError, match="another rank"):
        Sampling(2, None, 20).apply(Image.from_array(np.zeros((1, 5, 5, 5))))
