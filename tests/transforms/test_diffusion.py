"""Diffusion that stops at edges, for plain noise and for speckle."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import median_filter

from scanwright.image import Geometry, Image
from scanwright.transforms import AnisotropicDiffusion, Pipeline, SpeckleDiffusion
from tests.transforms.scenes import Scene, lesion_scene, picture

RANGE_DB = 50.0


def speckle_scene(size: int = 160, step_db: float = 12.0) -> Scene:
    """Make a disc `step_db` above fully developed speckle, shown as a compressed picture.

    The truth is the logarithm of the mean echo, less what logarithms of speckle lie lower.
    """
    rng = np.random.default_rng(1)
    scene = lesion_scene((size, size), noise=0)
    decibels = np.where(scene.clean > 115, 0.0, -step_db)
    # Fine scatterers, blurred by a point spread: complex Gaussian echoes, correlated as in life.
    waves = np.fft.fftfreq(size)
    spread = np.exp(-2 * np.pi**2 * ((0.8 * waves[:, None]) ** 2 + (1.2 * waves[None]) ** 2))
    grain = rng.normal(size=(2, size, size))
    echo = np.fft.ifft2(np.fft.fft2(grain[0] + 1j * grain[1]) * spread)
    echo /= np.sqrt(np.mean(np.abs(echo) ** 2))
    shown = decibels + 20 * np.log10(np.abs(echo) + 1e-6)
    grey = 255 * np.clip((shown + 40) / RANGE_DB, 0, 1)
    clean = 255 * np.clip((decibels - 2.5 + 40) / RANGE_DB, 0, 1)
    return replace(scene, clean=clean, noisy=np.round(grey).astype(np.uint8))


def error(scene: Scene, array: np.ndarray) -> float:
    """Return the spread of the difference from the truth: a common shift does not count."""
    return float((array - scene.clean).std())


def test_speckle_diffusion_beats_every_median() -> None:
    scene = speckle_scene()
    ours = Pipeline((SpeckleDiffusion(range_db=RANGE_DB),)).apply_image(picture(scene.noisy))
    medians = [median_filter(scene.noisy.astype(np.float32), edge) for edge in (3, 5, 7, 9, 11)]
    found = ours.array[0]
    assert error(scene, found) < 0.95 * min(error(scene, one) for one in medians)
    best = max(scene.similarity(one) for one in medians)
    assert scene.similarity(found) > best
    assert scene.contrast_to_noise(found) > 2 * scene.contrast_to_noise(scene.noisy)


def test_speckle_diffusion_of_plain_echoes_needs_no_range() -> None:
    scene = speckle_scene()
    echo = 10 ** ((scene.noisy / 255 * RANGE_DB - RANGE_DB) / 20)
    changed = Pipeline((SpeckleDiffusion(range_db=0),)).apply_image(picture(echo)).array[0]
    assert scene.contrast_to_noise(changed) > 2 * scene.contrast_to_noise(echo)
    assert changed.mean() == pytest.approx(echo.mean(), rel=0.01)  # nothing is lost on the way


def test_speckle_diffusion_works_in_space() -> None:
    rng = np.random.default_rng(0)
    scene = lesion_scene((24, 40, 40), noise=0, step=100)
    echo = scene.clean * rng.rayleigh(0.8, scene.clean.shape)
    changed = Pipeline((SpeckleDiffusion(range_db=0),)).apply_image(picture(echo)).array[0]
    assert scene.contrast_to_noise(changed) > 2 * scene.contrast_to_noise(echo)


def test_more_steps_smooth_more_and_the_longest_step_is_stable() -> None:
    image = picture(speckle_scene(64).noisy)
    rough = [
        np.abs(np.diff(Pipeline((step,)).apply_image(image).array, axis=-1)).mean()
        for step in (
            SpeckleDiffusion(iterations=5),
            SpeckleDiffusion(iterations=60),
            SpeckleDiffusion(iterations=60, time_step=1.0),
        )
    ]
    assert rough[0] > rough[1] > rough[2] > 0


@pytest.mark.parametrize("equation", ["curvature", "gradient"])
@pytest.mark.parametrize("size", [(96, 96), (20, 48, 48)])
def test_anisotropic_diffusion_raises_contrast_to_noise_and_keeps_structure(
    equation: str, size: tuple[int, ...]
) -> None:
    scene = lesion_scene(size)
    step = AnisotropicDiffusion.model_validate({"equation": equation})
    changed = Pipeline((step,)).apply_image(picture(scene.noisy)).array[0]
    assert scene.contrast_to_noise(changed) > 1.3 * scene.contrast_to_noise(scene.noisy)
    assert scene.similarity(changed) > scene.similarity(scene.noisy) + 0.03


@pytest.mark.parametrize("step", [AnisotropicDiffusion(), SpeckleDiffusion(iterations=10)])
def test_thick_slices_are_not_mixed(step: AnisotropicDiffusion | SpeckleDiffusion) -> None:
    rng = np.random.default_rng(0)
    array = rng.normal(100, 5, (1, 6, 32, 32)).astype(np.float32)
    array[0, 3] += 20
    thin, thick = (
        Pipeline((step,))
        .apply_image(Image(array, Geometry.axial((across, 1.0, 1.0), (0.0, 0.0, 0.0))))
        .array[0]
        for across in (1.0, 20.0)
    )
    steps = [one[3].mean() - one[2].mean() for one in (thin, thick)]
    assert steps[1] > 15
    assert steps[1] > steps[0] + 2
