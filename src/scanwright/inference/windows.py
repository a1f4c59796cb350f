"""Large images cut into overlapping windows, and their logits put together again, slab by slab.

What is finished leaves at once: the memory held is that of a window's depth, not of the image.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt
import torch

from scanwright.base import SILENT, BundleError, Options, Progress, option

Singles = npt.NDArray[np.float32]
"""Single-precision numbers."""

Index = tuple[int, ...]
"""One whole number per spatial axis."""

Read = Callable[[Index, Index], Singles]
"""Gives a box (start, size) of the image as (C, *size), with 0 outside the image."""

Forward = Callable[[torch.Tensor], torch.Tensor]
"""Windows (B, C, *window) to logits (B, outputs, *window)."""

SIGMA_SHARE = 1 / 8
"""Standard deviation of a window's weights as a share of its edge, as in nnU-Net."""

SLAB_BYTES = 2**25
"""About how much one slab holds; a slab has at least one slice."""


DEVICE_SHARE = 0.3
"""Part of a graphics processor's free memory that the sums of logits may take."""


class WindowOptions(Options):
    """How a large image is cut for the network."""

    overlap: float = option(0.5, low=0.0, high=0.9, help="Shared part of neighbouring windows.")
    batch: int = option(1, low=1, high=64, help="Windows that the network sees at once.")
    mirrors: tuple[int, ...] = option(
        (), help="Spatial axes along which windows are also seen mirrored, in all combinations."
    )
    skips_air: bool = option(
        True, help="Leave out windows in which nothing stands out from the image's lowest values."
    )


@dataclass(frozen=True, slots=True)
class Slab:
    """Finished logits of some slices across the slow axis.

    Parameters
    ----------
    start
        Index of the first slice.
    logits
        Shape (outputs, slices, *rest). Belongs to the maker: good until the next slab is asked for.
    """

    start: int
    logits: Singles


@dataclass(frozen=True, slots=True)
class Tiling:
    """Where windows lie on an image; the image is padded about its middle where it is smaller.

    Parameters
    ----------
    size, window
        Edges of the image and of a window, slow axis first.
    starts
        For each axis where windows begin, in indices of the image; below 0 where it is padded.
    batch
        Windows that the network sees at once.
    """

    size: Index
    window: Index
    starts: tuple[Index, ...]
    batch: int = 1

    @classmethod
    def of(cls, size: Index, window: Index, overlap: float, batch: int = 1) -> "Tiling":
        """Place windows so that neighbours share at least `overlap` of their edges."""
        starts = tuple(
            window_starts(length, edge, overlap) for length, edge in zip(size, window, strict=True)
        )
        return cls(size, window, starts, batch)

    @property
    def count(self) -> int:
        """Number of windows."""
        return math.prod(len(starts) for starts in self.starts)


def window_starts(size: int, window: int, overlap: float) -> Index:
    """Return where windows begin along one axis: evenly spaced, from edge to edge.

    Parameters
    ----------
    size, window
        Edge of the image and of a window, in elements.
    overlap
        Least share of a window that it has in common with the next, from 0 to below 1.

    Returns
    -------
    The fewest starts that do; a single one, below 0, for an image smaller than the window.

    Examples
    --------
    >>> window_starts(110, 64, 0.5)
    (0, 23, 46)
    >>> window_starts(10, 16, 0.5)
    (-3,)
    """
    last = size - window
    if last <= 0:
        return (last // 2,)
    steps = math.ceil(last / (window * (1 - overlap)) - 1e-9)
    return tuple(round(last * step / steps) for step in range(steps + 1))


@lru_cache(maxsize=4)
def gaussian_weights(window: Index) -> Singles:
    """Return the weight of each element of a window, highest (1) in the middle.

    Shape `window`. A Gaussian whose standard deviation is an eighth of the edge (F. Isensee et al.,
    nnU-Net, Nature Methods 2021): a network sees least of what surrounds a window's border.
    """
    weights = np.ones((), dtype=np.float64)
    for edge in window:
        offset = (np.arange(edge) - (edge - 1) / 2) / (edge * SIGMA_SHARE)
        weights = weights[..., None] * np.exp(-0.5 * offset**2)
    result: Singles = (weights / weights.max()).astype(np.float32)
    result.setflags(write=False)
    return result


def looked_at(start: Index) -> bool:
    """Say of every window that it is not empty."""
    del start
    return False


def reader(image: npt.NDArray[np.generic]) -> Read:
    """Return a function that reads boxes of an image in memory, shape (C, *size)."""

    def read(start: Index, size: Index) -> Singles:
        box = np.zeros((image.shape[0], *size), dtype=np.float32)
        inner, outer = [slice(None)], [slice(None)]
        for first, length, whole in zip(start, size, image.shape[1:], strict=True):
            low, high = max(first, 0), min(first + length, whole)
            outer.append(slice(low, max(low, high)))
            inner.append(slice(low - first, max(low, high) - first))
        box[tuple(inner)] = image[tuple(outer)]
        return box

    return read


def predict_windows(
    forward: Forward,
    read: Read,
    tiling: Tiling,
    *,
    background: Sequence[float],
    is_empty: Callable[[Index], bool] = looked_at,
    progress: Progress = SILENT,
) -> Iterator[Slab]:
    """Run a network on every window and give its logits, blended, as slabs along the slow axis.

    Parameters
    ----------
    forward
        May be several networks averaged, mirrored views, or one network.
    read
        Gives the network's input, box by box.
    tiling
        Where windows lie.
    background
        One logit per output, for elements that only windows left out cover.
    is_empty
        Whether the window that begins at an index is left out.
    progress
        One step per window.

    Yields
    ------
    Slabs in the order of the slow axis, without gaps, on the image without its padding.

    Raises
    ------
    BundleError
        The network gives values that are not finite, or of another shape.
    """
    blend = _Blend(tiling, np.asarray(background, dtype=np.float32))
    progress.begin("windows", tiling.count)
    for row, first in enumerate(tiling.starts[0]):
        starts = [(first, *rest) for rest in product(*tiling.starts[1:])]
        full = [start for start in starts if not is_empty(start)]
        progress.step(len(starts) - len(full))
        for group in (full[at : at + tiling.batch] for at in range(0, len(full), tiling.batch)):
            boxes = np.stack([read(start, tiling.window) for start in group])
            with torch.inference_mode():
                logits = forward(torch.from_numpy(boxes))
            _check_logits(logits, (len(group), len(background), *tiling.window))
            for start, one in zip(group, logits, strict=True):
                blend.add(start, one)
            progress.step(len(group))
        is_last = row + 1 == len(tiling.starts[0])
        yield from blend.finished(tiling.size[0] if is_last else tiling.starts[0][row + 1])
    progress.end()


class _Blend:
    """Weighted sums over as many slices as a window is deep, kept as a ring."""

    def __init__(self, tiling: Tiling, background: Singles) -> None:
        self._tiling = tiling
        self._background = torch.from_numpy(background)
        self._depth = min(tiling.window[0], tiling.size[0])
        self._done = 0
        plane = tiling.size[1:]
        self._sums: torch.Tensor | None = None  # made where the first logits are
        self._weights = torch.zeros((self._depth, *plane))
        self._window = torch.from_numpy(gaussian_weights(tiling.window).copy())

    def add(self, start: Index, logits: torch.Tensor) -> None:
        """Add the logits (outputs, *window) of the window that begins at `start`."""
        sums = self._place(logits.device)
        logits = logits.to(sums.device)
        source, target = [], []
        for first, edge, whole in zip(start, self._tiling.window, self._tiling.size, strict=True):
            low, high = max(first, 0), min(first + edge, whole)
            source.append(slice(low - first, high - first))
            target.append(slice(low, high))
        for piece in _ring(target[0].start, target[0].stop, self._depth):
            depth = piece.stop - piece.start
            begin = source[0].start
            source[0] = slice(begin, begin + depth)
            box = (piece, *target[1:])
            weight = self._window[tuple(source)]
            sums[(slice(None), *box)].addcmul_(logits[(slice(None), *source)], weight)
            self._weights[box] += weight
            source[0] = slice(begin + depth, None)

    def finished(self, stop: int) -> Iterator[Slab]:
        """Give what lies before slice `stop`, to which no further window adds."""
        if self._sums is None:
            self._place(torch.device("cpu"))
        assert self._sums is not None  # just made
        outputs = len(self._background)
        slices = max(1, SLAB_BYTES // (4 * outputs * math.prod(self._tiling.size[1:])))
        while self._done < stop:
            here = min(stop, self._done + slices)
            piece = next(_ring(self._done, here, self._depth))
            sums, weights = self._sums[:, piece], self._weights[piece]
            sums /= weights
            nowhere = weights == 0
            if bool(nowhere.any()):
                shape = (outputs, *(1,) * nowhere.ndim)
                torch.where(nowhere, self._background.view(shape), sums, out=sums)
            yield Slab(self._done, sums.cpu().numpy())
            sums.zero_()
            weights.zero_()
            self._done += piece.stop - piece.start

    def _place(self, device: torch.device) -> torch.Tensor:
        if self._sums is None:
            shape = (len(self._background), self._depth, *self._tiling.size[1:])
            device = _roomy(device, 4 * math.prod(shape))
            self._sums = torch.zeros(shape, device=device)
            self._weights = self._weights.to(device)
            self._window = self._window.to(device)
            self._background = self._background.to(device)
        return self._sums


def _roomy(device: torch.device, size: int) -> torch.device:
    """Return the device, or the processor where the device's memory is needed for the network."""
    if device.type == "cuda" and size > DEVICE_SHARE * torch.cuda.mem_get_info(device)[0]:
        return torch.device("cpu")
    return device


def _ring(start: int, stop: int, depth: int) -> Iterator[slice]:
    """Give the pieces of a ring of `depth` slices that hold slices `start` to `stop`."""
    while start < stop:
        place = start % depth
        length = min(stop - start, depth - place)
        yield slice(place, place + length)
        start += length


def _check_logits(logits: torch.Tensor, shape: Index) -> None:
    if logits.shape != shape:
        raise BundleError(
            "The network answers in another shape than expected.",
            got=tuple(logits.shape),
            legal=shape,
        )
    if not bool(torch.isfinite(logits.sum())):
        raise BundleError("The network gives values that are not finite.")
