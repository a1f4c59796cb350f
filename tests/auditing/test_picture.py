from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.auditing import Picture, reduce_image
from scanwright.auditing.picture import EDGES, digest_of, resampling
from scanwright.image import Array, Image


def smooth(shape: tuple[int, ...], seed: int = 0) -> Array:
    """Return waves that are the same at every resolution, shape (1, *shape)."""
    axes = [np.linspace(0, 1, n, endpoint=False) + 0.5 / n for n in shape]
    phases = np.random.default_rng(seed).uniform(0, 6, len(shape))
    waves = np.meshgrid(
        *[np.sin(9 * x + a) for x, a in zip(axes, phases, strict=True)], indexing="ij"
    )
    return (100 + 50 * np.sum(waves, axis=0)).astype(np.float32).reshape(1, *shape)


@pytest.mark.parametrize("shape", [(100,), (256, 200), (31, 80, 40)])
def test_every_rank_becomes_one_small_picture(shape: tuple[int, ...]) -> None:
    picture = reduce_image(Image.from_array(smooth(shape)))
    assert picture.values.shape == (EDGES[len(shape)],) * len(shape)
    assert picture.size == shape
    assert picture.rank == len(shape)
    assert picture.values.min() == 0
    assert picture.values.max() == 1
    assert not picture.values.flags.writeable


def test_resolution_hardly_matters() -> None:
    coarse = reduce_image(Image.from_array(smooth((100, 100))))
    fine = reduce_image(Image.from_array(smooth((400, 400))))
    assert np.abs(coarse.values - fine.values).max() < 0.02


def test_a_slice_repeated_looks_like_its_slice() -> None:
    flat = smooth((60, 60))
    volume = np.repeat(flat[:, None], 10, axis=1)
    picture = reduce_image(Image.from_array(volume))
    assert np.allclose(picture.values, picture.values[:1], atol=1e-5)


@given(st.integers(1, 600), st.sampled_from([24, 64]))
def test_resampling_keeps_a_constant_and_the_middle(length: int, edge: int) -> None:
    grid = resampling(length, edge)
    assert np.allclose(grid.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(grid, grid[::-1, ::-1], atol=1e-5)


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_constant_is_seen_as_one(value: int) -> None:
    picture = reduce_image(Image.from_array(np.full((1, 40, 50), value, np.uint8)))
    assert picture.is_constant
    assert not picture.values.any()


def test_a_small_spot_is_not_a_constant() -> None:
    array = np.zeros((1, 200, 200), np.uint8)
    array[0, 90:95, 90:95] = 200
    assert not reduce_image(Image.from_array(array)).is_constant


def test_what_is_not_finite_is_dark() -> None:
    array = smooth((80, 80))
    array[0, :5] = np.nan
    array[0, -1, 0] = np.inf
    picture = reduce_image(Image.from_array(array))
    assert np.isfinite(picture.values).all()
    assert reduce_image(Image.from_array(np.full((1, 9, 9), np.nan))).is_constant


def test_grey_colours_are_grey() -> None:
    grey = smooth((70, 70)).astype(np.uint8)
    colours = Image.from_array(np.repeat(grey, 3, axis=0))
    assert np.allclose(
        reduce_image(colours).values, reduce_image(Image.from_array(grey)).values, atol=1e-4
    )


def test_brightness_and_contrast_are_taken_out_and_kept_beside() -> None:
    array = smooth((70, 70))
    plain = reduce_image(Image.from_array(array))
    bright = reduce_image(Image.from_array(3 * array + 10))
    assert np.allclose(plain.values, bright.values, atol=1e-4)
    assert bright.dark == pytest.approx(3 * plain.dark + 10, rel=1e-4)
    assert bright.bright == pytest.approx(3 * plain.bright + 10, rel=1e-4)


def test_large_volumes_are_reduced_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.from_array(smooth((40, 30, 20)))
    whole = reduce_image(image)
    monkeypatch.setattr("scanwright.auditing.picture.CHUNK_ELEMENTS", 700)
    assert np.allclose(reduce_image(image).values, whole.values, atol=1e-5)


def test_the_digest_tells_values_shape_and_type_apart() -> None:
    zeros = np.zeros((1, 4, 6), np.uint8)
    arrays = [zeros, zeros.reshape(1, 6, 4), zeros.astype(np.int8), zeros + np.uint8(1)]
    assert len({digest_of(array) for array in arrays}) == 4
    assert digest_of(zeros[:, :, ::2]) == digest_of(np.zeros((1, 4, 3), np.uint8))


def test_real_pictures_are_reduced(shared_data: Callable[[str], object]) -> None:
    from scanwright.data import index_data, read_case

    index = index_data(shared_data("classification/breastmnist/breastmnist.npz"))  # type: ignore[arg-type]  # a path
    picture = reduce_image(read_case(index.entries[0]).images["image"])
    assert isinstance(picture, Picture)
    assert picture.size == (28, 28)
