"""Artefacts of ultrasound: speckle, acoustic shadow, gain in depth.

The transducer lies along the first row; depth grows along the slower of the two fast axes. The
signal is what lies above the lowest value.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from scanwright.augmentation.drawn import Floats
from scanwright.augmentation.maps import spline_sum

GRAIN = 3
"""Width of a grain across the beam, in elements: speckle is longer across than along."""


def speckle(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Multiply the signal, image (C, *space), by 1 with a grainy deviation of `strength`."""
    generator = torch.Generator().manual_seed(int(form[0] * 2**53))
    grain = torch.randn((1, *image.shape[1:]), generator=generator)
    lines = F.avg_pool1d(
        grain.flatten(0, -2)[:, None], GRAIN, stride=1, padding=GRAIN // 2, count_include_pad=False
    )
    grain = lines[:, 0].reshape(grain.shape)
    grain = grain / grain.std(correction=0).clamp_min(1e-6)
    low = image.amin()
    return low + (image - low) * (1 + strength * grain).clamp_min(0).to(image)


def shadow(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Weaken the signal behind a drawn place, in a slanted band as wide as what throws it."""
    height, width = image.shape[-2:]
    row = torch.arange(height, dtype=image.dtype, device=image.device)[:, None] / height
    column = torch.arange(width, dtype=image.dtype, device=image.device) / width
    depth, middle = 0.6 * float(form[0]), 0.1 + 0.8 * float(form[1])
    half, slant = 0.04 + 0.12 * float(form[2]), 0.5 * (2 * float(form[3]) - 1)
    off = (column - middle - slant * (row - depth)) / half
    begun = torch.sigmoid((row - depth) * 30)
    factor = 1 - strength * torch.exp(-0.5 * off**4) * begun
    low = image.amin()
    return low + (image - low) * factor


def gain(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Multiply the signal of each depth by a smooth curve between exp(±strength)."""
    curve = spline_sum(2 * form - 1, (image.shape[-2],))
    curve = curve * (strength / max(float(np.abs(curve).max()), 1e-6))
    low = image.amin()
    factor = torch.from_numpy(np.exp(curve)).to(image)[:, None]
    return low + (image - low) * factor
