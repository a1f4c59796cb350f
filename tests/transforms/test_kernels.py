"""Resampling along an axis: agreement with independent tools, and what it must never do."""

import numpy as np
import pytest
from PIL import Image as Pillow
from scipy import ndimage
from scipy.ndimage import gaussian_filter
from skimage.transform import resize

from scanwright.transforms import AxisMap, resample, resample_labels
from scanwright.transforms.kernels import psf_sigma


def stretch_maps(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[AxisMap, ...]:
    return tuple(AxisMap.centred(a, b, a / b) for a, b in zip(old, new, strict=True))


def smooth_noise(shape: tuple[int, ...], sigma: float) -> np.ndarray:
    noise = np.random.default_rng(3).normal(size=shape)
    smooth = gaussian_filter(noise, sigma, mode="nearest")
    return (smooth - smooth.min()) / np.ptp(smooth)


@pytest.mark.parametrize("new", [(28, 28), (64, 40), (300, 250), (97, 83)])
def test_linear_is_the_bilinear_filter_of_pillow(new: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((97, 83)).astype(np.float32)
    ours = resample(picture[None], stretch_maps(picture.shape, new), "linear")[0]
    theirs = np.asarray(Pillow.fromarray(picture).resize(new[::-1], Pillow.Resampling.BILINEAR))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


@pytest.mark.parametrize(("interpolation", "tolerance"), [("linear", 0.01), ("cubic", 0.01)])
def test_shrinking_agrees_with_scikit_image_on_smooth_pictures(
    interpolation: str, tolerance: float
) -> None:
    # The low-pass filters differ (triangle, or Gaussian of another width), so the bound is on a
    # picture whose detail is wider than a new element, and away from the border; values span 0..1.
    picture = smooth_noise((120, 90), 5)
    ours = resample(picture[None], stretch_maps((120, 90), (40, 30)), interpolation)[0]
    theirs = resize(picture, (40, 30), order=1, anti_aliasing=True, mode="edge")
    difference = np.abs(ours - theirs)
    assert difference[1:-1, 1:-1].max() < tolerance
    assert difference.max() < 4 * tolerance
    assert difference.mean() < tolerance / 5


def test_cubic_is_the_spline_of_scipy_where_the_grid_becomes_finer() -> None:
    volume = np.random.default_rng(1).random((9, 11, 8))
    new = (18, 22, 24)
    ours = resample(volume[None], stretch_maps(volume.shape, new), "cubic")[0]
    places = np.stack(
        np.meshgrid(
            *(axis_map.places for axis_map in stretch_maps(volume.shape, new)), indexing="ij"
        )
    )
    theirs = ndimage.map_coordinates(volume, places, order=3, mode="mirror")
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_a_pattern_too_fine_for_the_new_grid_becomes_its_mean(interpolation: str) -> None:
    stripes = np.tile([0.0, 1.0], 64)[None]
    shrunk = resample(stripes, stretch_maps((128,), (16,)), interpolation)
    np.testing.assert_allclose(shrunk[0, 3:-3], 0.5, atol=0.02)


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("new", [1, 3, 7, 40])
def test_a_constant_stays_constant(interpolation: str, new: int) -> None:
    flat = np.full((2, 7, 5), 3.25, dtype=np.float32)
    result = resample(flat, stretch_maps((7, 5), (new, new)), interpolation)
    assert result.shape == (2, new, new)
    np.testing.assert_allclose(result, 3.25, rtol=1e-6)


def test_linear_makes_no_value_outside_the_old_range() -> None:
    noise = np.random.default_rng(2).random((1, 30, 31))
    result = resample(noise, stretch_maps((30, 31), (47, 12)), "linear")
    assert result.min() >= noise.min()
    assert result.max() <= noise.max()


def test_sparse_and_dense_weights_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanwright.transforms import kernels

    volume = np.random.default_rng(4).random((2, 20, 30, 25)).astype(np.float32)
    maps = stretch_maps((20, 30, 25), (13, 60, 9))
    results = []
    for bound in (0.0, 2.0):
        monkeypatch.setattr(kernels, "SPARSE_BELOW", bound)
        kernels._matrix.cache_clear()
        results.append(resample(volume, maps, "linear"))
    kernels._matrix.cache_clear()
    np.testing.assert_allclose(results[0], results[1], atol=1e-6)


def test_the_gaussian_turns_one_point_spread_into_the_other() -> None:
    # Widths (FWHM = 2 sqrt(2 ln 2) sigma) add in squares: 1² + (filter)² = step².
    fwhm = psf_sigma(3.0) * 2 * np.sqrt(2 * np.log(2))
    assert fwhm**2 + 1 == pytest.approx(9)


@pytest.mark.parametrize("interpolation", ["nearest", "vote"])
def test_no_label_is_invented(interpolation: str) -> None:
    labels = np.zeros((1, 20, 20), dtype=np.uint8)
    labels[0, :10] = 7
    labels[0, :, 12:] = 40
    result = resample_labels(labels, stretch_maps((20, 20), (33, 9)), interpolation)
    assert result.dtype == np.uint8
    assert set(np.unique(result)) == {0, 7, 40}


def test_a_vote_follows_the_majority() -> None:
    labels = np.array([[1, 1, 2, 0, 0, 0, 2, 2, 2]], dtype=np.int16)
    result = resample_labels(labels, stretch_maps((9,), (3,)), "vote")
    assert result.tolist() == [[1, 0, 2]]


def test_a_vote_keeps_the_share_of_each_label() -> None:
    labels = (smooth_noise((60, 60), 4) > 0.5).astype(np.uint8)[None]
    result = resample_labels(labels, stretch_maps((60, 60), (25, 41)), "vote")
    assert result.mean() == pytest.approx(labels.mean(), abs=0.02)


def test_an_axis_that_stays_is_left_alone() -> None:
    array = np.arange(12, dtype=np.float32).reshape(1, 3, 4)
    result = resample(array, stretch_maps((3, 4), (3, 4)), "cubic")
    assert np.array_equal(result, array)
