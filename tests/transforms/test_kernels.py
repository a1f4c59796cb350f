"""Resampling along an axis: agreement with independent tools, and what it must never do."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image as Pillow
from scipy import ndimage
from scipy.ndimage import gaussian_filter
from skimage.transform import resize

from scanwright.transforms import AxisMap, resample, resample_labels


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


@pytest.mark.parametrize(
    "new", [(13, 60, 9), (45, 11, 30), (20, 12, 40), (33, 30, 25), (9, 30, 25)]
)
@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_slabs_of_any_thickness_give_the_same(
    new: tuple[int, ...], interpolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanwright.transforms import kernels

    volume = np.random.default_rng(4).random((2, 20, 30, 25)).astype(np.float32)
    maps = stretch_maps((20, 30, 25), new)
    whole = resample(volume, maps, interpolation)
    for limit in (1, 3 * 30 * 25 * 4):
        monkeypatch.setattr(kernels, "SLAB_BYTES", limit)
        assert np.array_equal(resample(volume, maps, interpolation), whole)


def test_each_axis_may_have_its_own_interpolation() -> None:
    volume = np.random.default_rng(4).random((1, 6, 12, 10))
    maps = stretch_maps((6, 12, 10), (14, 20, 7))
    mixed = resample(volume, maps, ("nearest", "cubic", "linear"))
    keep = stretch_maps((14, 20, 7), (14, 20, 7))
    taken = resample(volume, (maps[0], *stretch_maps((12, 10), (12, 10))), "nearest")
    rows = resample(taken, (keep[0], maps[1], stretch_maps((10,), (10,))[0]), "cubic")
    both = resample(rows, (keep[0], keep[1], maps[2]), "linear")
    np.testing.assert_allclose(mixed, both, atol=1e-6)


@pytest.mark.parametrize("new", [(15, 22, 24), (5, 7, 20), (30, 11, 8)])
@pytest.mark.parametrize(("interpolation", "order"), [("linear", 1), ("cubic", 3)])
def test_without_a_low_pass_it_is_the_interpolation_of_scipy(
    new: tuple[int, ...], interpolation: str, order: int
) -> None:
    volume = np.random.default_rng(1).random((9, 11, 20))
    maps = stretch_maps(volume.shape, new)
    ours = resample(volume[None], maps, interpolation, low_pass=False)[0]
    places = np.stack(np.meshgrid(*(one.places for one in maps), indexing="ij"))
    theirs = ndimage.map_coordinates(volume, places, order=order, mode="mirror")
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_views_and_integers_are_taken_as_they_are() -> None:
    numbers = np.random.default_rng(5).integers(-1000, 3000, (1, 12, 14, 16)).astype(">i2")
    turned = np.flip(numbers, 2).transpose(0, 3, 2, 1)
    maps = stretch_maps(turned.shape[1:], (20, 9, 10))
    plain = np.ascontiguousarray(turned).astype(np.float32)
    made = resample(turned, maps, "cubic")
    assert made.dtype == np.float32
    assert np.array_equal(made, resample(plain, maps, "cubic"))
    votes = resample_labels(turned > 0, maps, "vote")
    assert votes.dtype == bool
    assert np.array_equal(votes, resample_labels((plain > 0).astype(np.uint8), maps, "vote") > 0)


@pytest.mark.parametrize("new", [(300, 96, 90), (60, 96, 130)])
def test_what_is_held_beside_the_result_does_not_grow_with_the_volume(
    new: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanwright.transforms import kernels

    monkeypatch.setattr(kernels, "SLAB_BYTES", 2**16)
    held = []
    for copies in (1, 3):
        volume = np.zeros((1, 150 * copies, 96, 96), dtype=np.int16)
        maps = stretch_maps(volume.shape[1:], (new[0] * copies, *new[1:]))
        resample(volume, maps, "cubic")  # compiled, and its weights known
        tracemalloc.start()
        made = resample(volume, maps, "cubic")
        held.append(tracemalloc.get_traced_memory()[1] - made.nbytes)
        tracemalloc.stop()
    assert held[1] < 1.1 * held[0]
    assert held[0] < 80 * made[0, 0].nbytes + 2**19  # neighbours: to come, in use, from before


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


def test_a_vote_goes_along_any_number_of_axes() -> None:
    labels = np.random.default_rng(6).integers(0, 3, (1, 8, 9, 10)).astype(np.int32)
    keep = stretch_maps((8, 9, 10), (8, 9, 10))
    assert np.array_equal(resample_labels(labels, keep, "vote"), labels)
    plane = resample_labels(labels[:, 0], stretch_maps((9, 10), (5, 23)), "vote")
    maps = (keep[0], *stretch_maps((9, 10), (5, 23)))
    assert np.array_equal(resample_labels(labels, maps, "vote")[:, 0], plane)
    line = resample_labels(labels[:, 0, 0], stretch_maps((10,), (23,)), "vote")
    assert line.shape == (1, 23)


def test_a_vote_takes_the_nearest_slice_where_it_is_asked_to() -> None:
    labels = np.zeros((1, 2, 6, 6), dtype=np.uint8)
    labels[0, 0, :3] = 1
    labels[0, 1] = 2
    moved = resample_labels(labels, stretch_maps((2, 6, 6), (6, 6, 6)), ("nearest", "vote", "vote"))
    assert np.array_equal(moved[0], labels[0].repeat(3, axis=0))


def test_small_structures_neither_grow_nor_shrink_at_half_the_resolution() -> None:
    rng = np.random.default_rng(0)
    index = np.stack(np.meshgrid(*[np.arange(32)] * 3, indexing="ij"), axis=-1)
    before = after = 0
    for _ in range(40):
        middle, radius = rng.uniform(12, 20, 3), rng.uniform(4, 9)
        ball = ((index - middle) ** 2).sum(axis=-1) < radius**2
        halved = resample_labels(ball[None], stretch_maps(ball.shape, (16, 16, 16)), "vote")
        before, after = before + ball.sum(), after + 8 * halved.sum()
    # The rest is the curvature that a coarse grid cannot hold.
    assert after / before == pytest.approx(1, abs=0.02)
