"""Changes of value of a batch: sharpness, noise, contrast, brightness, gamma, holes."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from scanwright.augmentation.drawn import Drawn, Ints

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]


def blur(images: Tensor, drawn: Drawn) -> None:
    """Convolve with a Gaussian in place where it was drawn.

    At the border the weights are shared among the elements that exist.
    """
    rows = np.flatnonzero(drawn.blur > 0)
    _multiply_axes(images, rows, lambda length: _gaussians(length, drawn.blur[rows]))


def coarsen(images: Tensor, drawn: Drawn) -> None:
    """Average over fewer, larger elements and interpolate back in place where it was drawn."""
    rows = np.flatnonzero(drawn.coarsen < 1)

    def matrices(length: int) -> Weights:
        return np.stack([_coarse(length, _kept(length, drawn.coarsen[row])) for row in rows])

    _multiply_axes(images, rows, matrices)


def _multiply_axes(
    images: Tensor, rows: npt.NDArray[np.intp], matrices: Callable[[int], Weights]
) -> None:
    if rows.size == 0:
        return
    index = torch.from_numpy(rows).to(images.device)
    part = images[index]
    for axis in range(2, part.ndim):
        weights = torch.from_numpy(matrices(part.shape[axis])).to(part)
        part = _along(part, weights, axis)
    images[index] = part


def _along(images: Tensor, matrices: Tensor, axis: int) -> Tensor:
    flat = images.flatten(axis + 1) if axis + 1 < images.ndim else images[..., None]
    flat = flat.reshape(len(images), -1, images.shape[axis], flat.shape[-1])
    if flat.shape[-1] == 1:
        return (flat[..., 0] @ matrices.mT).reshape(images.shape)
    return (matrices[:, None] @ flat).reshape(images.shape)


def _gaussians(length: int, sigmas: Floats) -> Weights:
    distance = np.arange(length)
    by_distance = np.exp(-0.5 * (distance / sigmas[:, None]) ** 2).astype(np.float32)
    weights = by_distance[:, np.abs(distance[:, None] - distance)]
    weights /= weights.sum(axis=2, keepdims=True)
    return weights


def _kept(length: int, share: float) -> int:
    return min(length, max(1, round(length * share)))


@lru_cache(maxsize=32)
def _coarse(length: int, kept: int) -> Weights:
    """Return the matrix that averages over `kept` equal parts and interpolates between them."""
    if kept == length:
        return np.eye(length, dtype=np.float32)
    edges = np.linspace(0, length, kept + 1)[:, None]
    elements = np.arange(length)
    overlap = np.minimum(edges[1:], elements + 1) - np.maximum(edges[:-1], elements)
    down = np.maximum(0, overlap) * kept / length
    places = np.clip((elements + 0.5) * kept / length - 0.5, 0, kept - 1)
    up = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(kept)))
    matrix: Weights = up.astype(np.float32) @ down.astype(np.float32)
    matrix.setflags(write=False)
    return matrix


def vary(images: Tensor, drawn: Drawn) -> None:
    """Change contrast and brightness and add noise in place where it was drawn.

    Noise comes from the processor's generator, an image's own seed each, so that it is the same on
    any device and in any batch.
    """
    is_varied = (drawn.noise > 0) | (drawn.contrast != 1) | (drawn.brightness != 0)
    rows = np.flatnonzero(is_varied)
    if rows.size == 0:
        return
    index = torch.from_numpy(rows).to(images.device)
    part = images[index]
    deviation, mean = torch.std_mean(part, dim=_all_but_first(part), correction=0, keepdim=True)
    contrast = _column(drawn.contrast[rows], part)
    brightness = _column(drawn.brightness[rows], part)
    part = part * contrast + (mean * (1 - contrast) + brightness * deviation)
    for place, row in enumerate(rows.tolist()):
        if drawn.noise[row] > 0:
            generator = torch.Generator().manual_seed(int(drawn.seed[row]))
            noise = torch.randn(part.shape[1:], generator=generator).to(part)
            part[place] += noise * (deviation[place] * float(drawn.noise[row]))
    images[index] = part


def bend(images: Tensor, drawn: Drawn) -> None:
    """Apply gamma in place where it was drawn, between each image's lowest and highest value."""
    rows = np.flatnonzero(drawn.gamma != 1)
    if rows.size == 0:
        return
    index = torch.from_numpy(rows).to(images.device)
    part = images[index]
    low = part.amin(dim=_all_but_first(part), keepdim=True)
    high = part.amax(dim=_all_but_first(part), keepdim=True)
    sign = torch.where(_column(drawn.inverted[rows], part) > 0, -1.0, 1.0)
    zero = torch.where(sign < 0, high, low)  # the end of the range that stays where it is
    span = (high - low).clamp_min(torch.finfo(part.dtype).tiny)
    unit = ((part - zero) * (sign / span)).clamp_(0, 1)
    bent = unit.pow_(_column(drawn.gamma[rows], part)) * (sign * (high - low)) + zero
    images[index] = torch.minimum(torch.maximum(bent, low), high)


def punch(images: Tensor, drawn: Drawn) -> None:
    """Fill the drawn holes with the image's mean, in place."""
    is_hole = np.all(drawn.holes[..., 1] > drawn.holes[..., 0], axis=2)
    for row, hole in np.argwhere(is_hole).tolist():
        images[row][(slice(None), *_slices(drawn.holes[row, hole]))] = images[row].mean()


def _slices(box: Ints) -> tuple[slice, ...]:
    return tuple(slice(first, end) for first, end in box.tolist())


def _column(values: npt.NDArray[np.generic], like: Tensor) -> Tensor:
    return torch.from_numpy(values).to(like).reshape(-1, *(1,) * (like.ndim - 1))


def _all_but_first(images: Tensor) -> tuple[int, ...]:
    return tuple(range(1, images.ndim))
