"""Artefacts of projection radiography: scattered radiation, and the lines of a grid against it."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from scanwright.augmentation.drawn import Floats

SCATTER_POINTS = 6
"""Means along each axis that scattered radiation keeps of an image: it has no detail."""


def haze(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Replace a share of the image, (C, *space), by its scattered, nearly even part.

    J. A. Seibert and J. M. Boone, J. Nucl. Med. Technol. 33 (2005), "X-ray imaging physics for
    nuclear medicine technologists, part 2": scatter adds a broad veil and lowers contrast by
    1 / (1 + scatter / primary).
    """
    rank = image.ndim - 1
    veil = image[None]
    for pooled in range(1, rank + 1):  # means of parts, along one axis after the other
        veil = _part_means(veil, pooled + 1)
    mode = "bilinear" if rank == 2 else "trilinear"
    veil = F.interpolate(veil, size=image.shape[1:], mode=mode)[0]
    share = strength * (0.5 + 0.5 * float(form[0]))
    return image * (1 - share) + veil * share


def _part_means(images: Tensor, axis: int) -> Tensor:
    lines = images.movedim(axis, -1)
    points = min(SCATTER_POINTS, lines.shape[-1])
    means = F.adaptive_avg_pool1d(lines.reshape(1, -1, lines.shape[-1]), points)
    return means.reshape(*lines.shape[:-1], points).movedim(-1, axis)


def grid(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Add fine even lines along one of the two fast axes."""
    axis = image.ndim - 1 - int(form[0] < 0.5)
    period = 2.2 + 6 * float(form[1])
    steps = torch.arange(image.shape[axis], dtype=image.dtype, device=image.device)
    lines = torch.cos(steps * (2 * math.pi / period) + 2 * math.pi * float(form[2]))
    shape = [-1 if other == axis else 1 for other in range(image.ndim)]
    height = 0.5 * strength * (image.amax() - image.amin())
    return image + height * lines.reshape(shape)
