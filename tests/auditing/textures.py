"""Small pictures of random texture, and copies of them, for the search of near duplicates."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image as Pil

from scanwright.auditing import Picture, reduce_image
from scanwright.image import Array, Image


def texture(seed: int, shape: tuple[int, ...] = (96, 120), power: float = 1.6) -> Array:
    """Return uint8 texture with structure at all scales; each seed makes another."""
    noise = np.random.default_rng(seed).standard_normal(shape)
    wave = np.sqrt(sum(np.meshgrid(*[np.fft.fftfreq(n) ** 2 for n in shape], indexing="ij")))
    wave.flat[0] = 1
    made = np.fft.ifftn(np.fft.fftn(noise) / wave**power).real
    low, high = np.percentile(made, [0.5, 99.5])
    return (255 * np.clip((made - low) / (high - low), 0, 1)).astype(np.uint8)


def pictures_of(arrays: list[Array]) -> list[Picture]:
    """Reduce arrays of shape (*space)."""
    return [reduce_image(Image.from_array(np.ascontiguousarray(array)[None])) for array in arrays]


def rescaled(array: Array) -> Array:
    """Return 1.4 times as many rows and 0.7 times as many columns."""
    height, width = array.shape
    size = (int(0.7 * width), int(1.4 * height))
    return np.asarray(Pil.fromarray(array).resize(size, Pil.Resampling.BICUBIC))


def cropped(array: Array) -> Array:
    """Cut 5 % off each side."""
    cuts = [round(0.05 * n) for n in array.shape]
    return array[tuple(slice(cut, n - cut) for cut, n in zip(cuts, array.shape, strict=True))]


def cut_aside(array: Array) -> Array:
    """Cut 8 % off one side of each axis."""
    return array[tuple(slice(round(0.08 * n), None) for n in array.shape)]


def darkened(array: Array) -> Array:
    """Apply a gamma of 1.7."""
    return np.round(255 * (array / 255) ** 1.7).astype(np.uint8)


def brightened(array: Array) -> Array:
    """Reduce the contrast and lift the level."""
    return (0.7 * array + 60).astype(np.uint8)


def recompressed(array: Array) -> Array:
    """Save as JPEG of quality 50."""
    stream = BytesIO()
    Pil.fromarray(array).save(stream, "JPEG", quality=50)
    return np.asarray(Pil.open(stream))


COPIES: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "copy": ("copy", np.copy),
    "rescaled": ("rescaled", rescaled),
    "cropped": ("cropped", cropped),
    "cut aside": ("cropped", cut_aside),
    "darkened": ("brightness", darkened),
    "brightened": ("brightness", brightened),
    "recompressed": ("recompressed", recompressed),
    "mirrored": ("mirrored", lambda array: array[:, ::-1]),
    "upside down": ("mirrored", lambda array: array[::-1]),
    "turned by 90": ("rotated", np.rot90),
    "turned by 180": ("rotated", lambda array: array[::-1, ::-1]),
}
"""Name → kind that must be told, and how the copy is made."""
