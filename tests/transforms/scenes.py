"""Scenes whose truth is known by formula: a lesion on shaded tissue, clean and with noise."""

from dataclasses import dataclass

import numpy as np

from scanwright.image import Geometry, Image, Modality


@dataclass(frozen=True, slots=True)
class Scene:
    """A clean array, the same with noise, and where the lesion and its surroundings lie."""

    clean: np.ndarray
    noisy: np.ndarray
    lesion: np.ndarray
    around: np.ndarray

    def contrast_to_noise(self, array: np.ndarray) -> float:
        """Return contrast of lesion and surroundings over their mean spread."""
        one, other = array[self.lesion], array[self.around]
        return float(abs(one.mean() - other.mean()) / np.sqrt((one.var() + other.var()) / 2))

    def similarity(self, array: np.ndarray) -> float:
        """Return the structural similarity to the clean array."""
        from skimage.metrics import structural_similarity

        return float(
            structural_similarity(self.clean, array.astype(float), data_range=np.ptp(self.clean))
        )


def lesion_scene(
    size: tuple[int, ...] = (96, 96), noise: float = 12.0, step: float = 30.0
) -> Scene:
    """Make tissue of 100 with a stripe pattern, a round lesion `step` brighter, and noise."""
    axes = np.meshgrid(*(np.linspace(-1, 1, one) for one in size), indexing="ij")
    away = np.sqrt(sum(axis**2 for axis in axes))
    clean = 100 + 8 * axes[-1] + 40 * (np.abs(axes[-2] - 0.75) < 0.08)
    clean = np.where(away < 0.35, clean + step, clean)
    noisy = clean + np.random.default_rng(0).normal(0, noise, size)
    return Scene(clean, noisy.astype(np.float32), away < 0.28, (away > 0.42) & (away < 0.55))


def picture(array: np.ndarray, modality: Modality = Modality.UNKNOWN, unit: str = "") -> Image:
    """Make an image of 1 mm of one channel."""
    geometry = Geometry.axial((1.0,) * array.ndim, (0.0, 0.0, 0.0))
    return Image(array[None], geometry, modality, unit)
