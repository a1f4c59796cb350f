"""Changes of value of a batch, each in place on the images of which it was drawn."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from scanwright.augmentation.drawn import Bools, Drawn, Floats
from scanwright.augmentation.engine import DEVIATION, HIGH, LOW, MEAN, engine_for
from scanwright.augmentation.options import AugmentationOptions
from scanwright.augmentation.weights import coarse_band, gaussian_band, stack_bands

Change = Callable[[Tensor, Drawn, AugmentationOptions], None]
"""(images (B, C, *space), what was drawn, options) → nothing; the images are changed in place."""


def blur(images: Tensor, drawn: Drawn, options: AugmentationOptions) -> None:
    """Convolve with a Gaussian."""
    sigmas = _by_volume(images, drawn.blur)  # (V, D)
    rows = np.flatnonzero(np.any(sigmas > 0, axis=1))
    if rows.size:
        bands = [
            gaussian_band(length, sigmas[rows, axis]) for axis, length in enumerate(drawn.window)
        ]
        engine_for(images).sum_neighbours(images.flatten(0, 1), rows, bands)


def coarsen(images: Tensor, drawn: Drawn, options: AugmentationOptions) -> None:
    """Reduce to fewer elements and interpolate back."""
    shares = _by_volume(images, drawn.coarsen)
    rows = np.flatnonzero(np.any(shares < 1, axis=1))
    if rows.size:
        bands = [
            stack_bands(
                [
                    coarse_band(length, _kept(length, share), options.coarsen_means)
                    for share in shares[rows, axis]
                ]
            )
            for axis, length in enumerate(drawn.window)
        ]
        engine_for(images).sum_neighbours(images.flatten(0, 1), rows, bands)


def _by_volume(images: Tensor, strengths: Floats) -> Floats:
    """Return strengths, shape (B, K, D), for each channel of each image, shape (B * C, D)."""
    channels = images.shape[1]
    if strengths.shape[1] != channels:
        strengths = strengths.repeat(channels, axis=1)
    return strengths.reshape(-1, strengths.shape[2])


def _kept(length: int, share: float) -> int:
    return min(length, max(1, round(length * share)))


def tone(images: Tensor, drawn: Drawn, options: AugmentationOptions) -> None:
    """Multiply all values, stretch them about their mean, and shift them."""
    values = _groups(images, drawn)
    factor, contrast, shift = (
        one.reshape(-1) for one in (drawn.multiply, drawn.contrast, drawn.brightness)
    )
    rows = np.flatnonzero((factor != 1) | (contrast != 1) | (shift != 0))
    if rows.size == 0:
        return
    engine = engine_for(images)
    factor, contrast, shift = factor[rows], contrast[rows], shift[rows]
    is_measured = bool(np.any(contrast != 1) or np.any(shift != 0))
    found = engine.measure(values, rows) if is_measured else np.zeros((len(rows), 4))
    found = found * factor[:, None]
    offset = found[:, MEAN] * (1 - contrast) + found[:, DEVIATION] * shift
    low, high = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
    if options.contrast_is_clipped:
        moved = found[:, DEVIATION] * shift
        low = np.where(contrast != 1, found[:, LOW] + moved, low)
        high = np.where(contrast != 1, found[:, HIGH] + moved, high)
    engine.scale(values, rows, np.column_stack([factor * contrast, offset, low, high]))


def noise(images: Tensor, drawn: Drawn, options: AugmentationOptions) -> None:
    """Add Gaussian noise.

    It comes from the processor's generator, an image's own seed each, so that it is the same on
    any device and in any batch. Relative noise is relative to the image before its contrast was
    changed.
    """
    rows = np.flatnonzero(np.any(drawn.noise > 0, axis=1))
    if rows.size == 0:
        return
    amounts = drawn.noise.copy()
    if not options.noise_is_absolute:
        values = _groups(images, drawn)
        groups = (rows[:, None] * drawn.noise.shape[1] + np.arange(drawn.noise.shape[1])).ravel()
        deviation = engine_for(images).measure(values, groups)[:, DEVIATION].reshape(len(rows), -1)
        if "tone" in options.order and options.order.index("tone") < options.order.index("noise"):
            deviation = deviation / drawn.contrast[rows]
        amounts[rows] *= deviation
    for row in rows.tolist():
        generator = torch.Generator().manual_seed(int(drawn.seed[row]))
        added = torch.randn(images.shape[1:], generator=generator).to(images)
        amount = torch.from_numpy(amounts[row]).to(images)
        images[row] += added.mul_(amount.reshape(-1, *(1,) * (images.ndim - 2)))


def negative(images: Tensor, drawn: Drawn, options: AugmentationOptions) -> None:
    """Apply a gamma to the negative."""
    _bend(images, drawn, drawn.negative, np.ones_like(drawn.inverted), options.gamma_keeps_mean)


def gamma(images: Tensor, drawn: Drawn, options: AugmentationOptions) -> None:
    """Apply a gamma between the lowest and the highest value."""
    _bend(images, drawn, drawn.gamma, drawn.inverted, options.gamma_keeps_mean)


def _bend(
    images: Tensor, drawn: Drawn, exponents: Floats, inverted: Bools, keeps_mean: bool
) -> None:
    exponents, inverted = exponents.reshape(-1), inverted.reshape(-1)
    rows = np.flatnonzero(exponents != 1)
    if rows.size == 0:
        return
    curves = np.column_stack([exponents[rows], inverted[rows]])
    engine_for(images).bend(_groups(images, drawn), rows, curves, keeps_mean=keeps_mean)


def _groups(images: Tensor, drawn: Drawn) -> Tensor:
    """Return a view of the values that are changed alike, shape (B * K, N)."""
    return images.view(len(images) * drawn.noise.shape[1], -1)


def punch(images: Tensor, drawn: Drawn) -> None:
    """Fill the drawn holes with the image's mean, in place."""
    is_hole = np.all(drawn.holes[..., 1] > drawn.holes[..., 0], axis=2)
    rows = np.flatnonzero(is_hole.any(axis=1))
    if rows.size == 0:
        return
    means = dict(zip(rows.tolist(), images[rows].flatten(1).mean(dim=1), strict=True))
    for row, hole in np.argwhere(is_hole).tolist():
        window = tuple(slice(first, end) for first, end in drawn.holes[row, hole].tolist())
        images[row][(slice(None), *window)] = means[row]


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "blur": blur,
        "coarsen": coarsen,
        "tone": tone,
        "noise": noise,
        "negative": negative,
        "gamma": gamma,
    }
)
"""By their names in `order`."""
