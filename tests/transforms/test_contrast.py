"""Adaptive equalisation and the unsharp mask."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from scanwright.image import Geometry, Image
from scanwright.transforms import Clahe, Pipeline, Unsharp
from tests.transforms.scenes import lesion_scene, picture


@pytest.mark.parametrize("size", [(96, 96), (24, 48, 48)])
def test_clahe_raises_the_contrast_of_a_faint_lesion(size: tuple[int, ...]) -> None:
    scene = lesion_scene(size, noise=1, step=8)
    shading = np.linspace(0, 400, size[-1])  # hides the lesion in the whole range
    changed = Pipeline((Clahe(),)).apply_image(picture(scene.noisy + shading)).array[0]
    before = (scene.noisy + shading) / np.ptp(scene.noisy + shading)
    after = changed / np.ptp(changed)

    def contrast(array: np.ndarray) -> float:
        return float(array[scene.lesion].mean() - array[scene.around].mean())

    assert contrast(after) > 1.5 * contrast(before)


def test_clahe_of_scikit_image_is_what_comes_out() -> None:
    from skimage.exposure import equalize_adapthist

    share = np.random.default_rng(0).random((64, 80))
    share = ((share - share.min()) / np.ptp(share)).astype(np.float32)
    theirs = equalize_adapthist(share, (8, 10), 0.02, 256)
    ours = Pipeline((Clahe(clip=0.02),)).apply_image(picture(share)).array[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_a_volume_of_three_columns_is_not_taken_for_colour() -> None:
    array = np.random.default_rng(0).random((20, 20, 3)).astype(np.float32)
    changed = Pipeline((Clahe(),)).apply_image(picture(array)).array[0]
    spread = Pipeline((Clahe(),)).apply_image(picture(array.transpose(2, 0, 1))).array[0]
    np.testing.assert_allclose(changed, spread.transpose(1, 2, 0), atol=1e-3)


def test_a_lower_clip_changes_less() -> None:
    image = picture(lesion_scene().noisy)
    little, much = (
        np.abs(Pipeline((Clahe(clip=clip),)).apply_image(image).array - image.array).mean()
        for clip in (0.002, 0.1)
    )
    assert little < much


@pytest.mark.parametrize("size", [(64, 64), (16, 40, 40)])
def test_unsharp_makes_edges_steeper_and_keeps_flat_parts(size: tuple[int, ...]) -> None:
    scene = lesion_scene(size, noise=0)
    blurred = gaussian_filter(scene.clean, 1.2)
    changed = Pipeline((Unsharp(amount=1.0),)).apply_image(picture(blurred)).array[0]
    steep = [np.abs(np.diff(array, axis=-1)).max() for array in (blurred, changed)]
    assert steep[1] > 1.2 * steep[0]
    assert scene.similarity(changed) > scene.similarity(blurred)


def test_an_amount_of_nothing_changes_nothing_and_small_detail_can_be_left() -> None:
    scene = lesion_scene()
    image = picture(scene.noisy)
    np.testing.assert_allclose(
        Pipeline((Unsharp(amount=0),)).apply_image(image).array, image.array, rtol=1e-6
    )
    gentle = Pipeline((Unsharp(threshold=0.2),)).apply_image(image).array
    plain = Pipeline((Unsharp(),)).apply_image(image).array
    assert np.abs(gentle - image.array).mean() < 0.5 * np.abs(plain - image.array).mean()


def test_a_radius_in_mm_is_the_same_on_any_grid() -> None:
    array = lesion_scene().noisy[None]
    fine = Image(array, Geometry.axial((0.5, 0.5), (0.0, 0.0, 0.0)))
    by_mm = Pipeline((Unsharp(radius_mm=1.5),)).apply_image(fine).array
    by_elements = Pipeline((Unsharp(radius=3.0),)).apply_image(fine).array
    np.testing.assert_array_equal(by_mm, by_elements)


def test_thick_slices_are_sharpened_along_themselves_only() -> None:
    array = np.zeros((1, 9, 9, 9), dtype=np.float32)
    array[0, 4] = 100  # one bright slice between dark ones
    thick = Image(array, Geometry.axial((50.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    changed = Pipeline((Unsharp(),)).apply_image(thick)
    np.testing.assert_allclose(changed.array, array, atol=1e-3)
