"""Artefacts of magnetic resonance imaging: bias field, patient motion, ghosts, spikes.

Formulas after R. W. Brown et al., "Magnetic Resonance Imaging", 2nd edition, chapters 11 to 13 and
20: what goes wrong in k-space goes wrong in all of the image. The signal is what lies above the
lowest value, so that standardised images are taken, too.
"""

import math

import numpy as np
import torch
from torch import Tensor

from scanwright.augmentation.drawn import Floats
from scanwright.augmentation.maps import spline_sum

BIAS_POINTS = 4
"""Control values of the field along each axis: a coil's sensitivity has no finer detail."""


def bias(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Multiply the signal, image (C, *space), by a smooth field between exp(±strength)."""
    rank = image.ndim - 1
    values = 2 * form[: BIAS_POINTS**rank].reshape((BIAS_POINTS,) * rank) - 1
    values = values / np.abs(values).max()
    smooth = spline_sum(values, tuple(image.shape[1:]))
    smooth = smooth * (strength / max(float(np.abs(smooth).max()), 1e-6))
    low = image.amin()
    return low + (image - low) * torch.from_numpy(np.exp(smooth)).to(image)


def ghost(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Weaken every n-th line of k-space along an axis, which repeats the image n times along it."""
    rank = image.ndim - 1
    axis = 1 + int(form[0] * rank)
    most = int(form[-1])
    count = 2 + int(form[1] * (most - 1))
    length = image.shape[axis]
    weights = np.ones(length)
    lines = np.fft.fftfreq(length, 1 / length)
    weights[(lines % count == 0) & (lines != 0)] -= strength
    return _filtered(image, axis, torch.from_numpy(weights))


def _filtered(image: Tensor, axis: int, weights: Tensor) -> Tensor:
    """Weigh the lines of k-space along one axis."""
    shape = [-1 if other == axis else 1 for other in range(image.ndim)]
    spectrum = torch.fft.fft(_wide(image), dim=axis)
    spectrum = spectrum * weights.reshape(shape).to(spectrum.real)
    result: Tensor = torch.fft.ifft(spectrum, dim=axis).real.to(image)
    return result


def motion(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Take parts of k-space from an image that was shifted, as a patient moves between lines.

    Three jumps at drawn moments, each to another place; lines come in order along the drawn axis,
    and the middle ones, which carry the most, from where the image is.
    """
    rank = image.ndim - 1
    axis = 1 + int(form[0] * rank)
    length = image.shape[axis]
    order = np.fft.fftshift(np.arange(length))
    jumps = np.sort((form[1:4] * length).astype(np.int64))
    place = np.empty(length, np.int64)
    place[order] = np.searchsorted(jumps, np.arange(length), side="right")
    place -= place[0]  # the line through the middle is where the image is
    low = image.amin()
    signal = _wide(image - low)
    spectrum = torch.fft.fftn(signal, dim=tuple(range(1, image.ndim)))
    for moved in np.unique(place[place != 0]).tolist():
        numbers = form[4 + 3 * (moved % 4) : 4 + 3 * (moved % 4) + rank]
        lines = torch.from_numpy(np.flatnonzero(place == moved)).to(image.device)
        part = spectrum.index_select(axis, lines)
        for other in range(1, image.ndim):
            edge = image.shape[other]
            shift = (2 * float(numbers[other - 1]) - 1) * strength * edge
            turns = torch.fft.fftfreq(edge, device=image.device, dtype=signal.dtype)
            turns = turns[lines] if other == axis else turns
            ramp = torch.polar(torch.ones_like(turns), -2 * math.pi * shift * turns)
            part = part * ramp.reshape([-1 if one == other else 1 for one in range(image.ndim)])
        spectrum.index_copy_(axis, lines, part)
    seen: Tensor = torch.fft.ifftn(spectrum, dim=tuple(range(1, image.ndim))).abs().to(image)
    return low.add(seen)


def spike(image: Tensor, strength: float, form: Floats) -> Tensor:
    """Add one plane wave: a single wrong number in k-space."""
    rank = image.ndim - 1
    phase = torch.full((), float(2 * math.pi * form[0]), dtype=image.dtype, device=image.device)
    waves = phase
    for axis in range(rank):
        turns = 0.1 + 0.35 * float(
            form[1 + axis]
        )  # fine enough to be stripes, coarse enough to show
        steps = torch.arange(image.shape[axis + 1], dtype=image.dtype, device=image.device)
        steps = steps * (2 * math.pi * turns)
        waves = waves + steps.reshape([-1 if one == axis else 1 for one in range(rank)])
    return image + torch.cos(waves) * (strength * image.std(correction=0))


def _wide(image: Tensor) -> Tensor:
    """Return what Fourier transforms take: half floats are widened."""
    return image.float() if image.dtype in (torch.float16, torch.bfloat16) else image
