"""Denoising: lesions stand out more, structure comes nearer to the truth."""

import numpy as np
import pytest

from scanwright.transforms import (
    FilterTransform,
    NonLocalMeans,
    Pipeline,
    TotalVariation,
    WaveletDenoise,
)
from tests.transforms.scenes import lesion_scene, picture

STEPS = [TotalVariation(), NonLocalMeans(), WaveletDenoise(), WaveletDenoise(threshold="visu")]


@pytest.mark.parametrize("size", [(96, 96), (20, 48, 48)])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step.kind))
def test_contrast_to_noise_rises_and_structure_is_kept(
    step: FilterTransform, size: tuple[int, ...]
) -> None:
    scene = lesion_scene(size)
    changed = Pipeline((step,)).apply_image(picture(scene.noisy)).array[0]
    assert scene.contrast_to_noise(changed) > 1.5 * scene.contrast_to_noise(scene.noisy)
    assert scene.similarity(changed) > scene.similarity(scene.noisy) + 0.1
    error = [np.sqrt(np.mean((array - scene.clean) ** 2)) for array in (scene.noisy, changed)]
    assert error[1] < 0.6 * error[0]
    assert changed.mean() == pytest.approx(scene.noisy.mean(), abs=1)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step.kind))
def test_an_image_without_noise_is_hardly_changed(step: FilterTransform) -> None:
    scene = lesion_scene(noise=0)
    changed = Pipeline((step,)).apply_image(picture(scene.clean)).array[0]
    assert scene.similarity(changed) > 0.99


@pytest.mark.parametrize("kind", [TotalVariation, NonLocalMeans, WaveletDenoise])
def test_strength_smooths_more(kind: type[FilterTransform]) -> None:
    scene = lesion_scene((64, 64))
    spread = [
        Pipeline((kind.model_validate({"strength": strength}),))
        .apply_image(picture(scene.noisy))
        .array[0][scene.around]
        .std()
        for strength in (0.2, 0.5, 1.0)
    ]
    assert spread[0] > spread[1] > spread[2]
