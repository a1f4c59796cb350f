"""All that chance decides about a batch, as it was drawn before any image is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Drawn:
    """One row per image of a batch; a neutral value means that nothing happens.

    K is 1 where all channels of an image are changed alike, and the number of channels where each
    is on its own.

    Parameters
    ----------
    size, window
        Elements of the images along each axis, before and after.
    origin
        Shape (B, D): first element of the window of the images that is kept.
    flips
        Shape (B, D): axes to mirror.
    matrix, shift
        Shapes (B, D, D) and (B, D): content at offset `u` from the middle of the window, in
        elements, moves to `matrix @ u + shift` after mirroring.
    elastic
        Shape (B, D, P, ...): control values of a cubic spline, in elements, whose sum is added to
        where an element is read; empty for none of the batch.
    blur
        Shape (B, K, D): standard deviation in elements, 0 for none.
    coarsen
        Shape (B, K, D): share of the elements kept along each axis, 1 for all.
    noise, seed
        Shapes (B, K) and (B,): standard deviation, relative to the image's own or absolute, and
        where the noise starts.
    multiply, contrast, brightness
        Shape (B, K): factor; factor about the mean; shift in standard deviations.
    gamma, inverted
        Shape (B, K): exponent, and whether it acts on the negative.
    negative
        Shape (B, K): exponent of a gamma of its own on the negative.
    artefacts
        For each kind that happens in the batch, shape (B, 1 + n): strength, 0 for none, and the
        numbers in [0, 1) that decide its form.
    holes
        Shape (B, H, D, 2): first index and end of each hole; empty for none.
    partner, weight
        Shape (B,): with which image of the batch each is mixed, and its own share; 1 for none. The
        target is mixed alike: weight * own + (1 - weight) * partner's.
    patch
        Shape (B, D, 2): window taken from the partner; where empty, values are averaged.
    """

    size: tuple[int, ...]
    window: tuple[int, ...]
    origin: Ints
    flips: Bools
    matrix: Floats
    shift: Floats
    elastic: Floats
    blur: Floats
    coarsen: Floats
    noise: Floats
    seed: Ints
    multiply: Floats
    contrast: Floats
    brightness: Floats
    gamma: Floats
    inverted: Bools
    negative: Floats
    artefacts: Mapping[str, Floats]
    holes: Ints
    partner: Ints
    weight: Floats
    patch: Ints

    def __len__(self) -> int:
        return len(self.flips)

    def only(self, index: int) -> "Drawn":
        """Return what was drawn for one image, as a batch of one, unmixed."""
        here = slice(index, index + 1)
        row = {f.name: getattr(self, f.name) for f in fields(self)}
        row |= {name: one[here] for name, one in row.items() if isinstance(one, np.ndarray)}
        row["artefacts"] = {name: one[here] for name, one in self.artefacts.items()}
        row |= {"partner": np.zeros(1, dtype=np.int64), "weight": np.ones(1)}
        return Drawn(**row)

    @cached_property
    def is_bent(self) -> Bools:
        """Which images are moved along a curved field, shape (B,)."""
        if self.elastic.size == 0:
            return np.zeros(len(self), dtype=np.bool_)
        result: Bools = np.any(self.elastic != 0, axis=tuple(range(1, self.elastic.ndim)))
        return result

    @cached_property
    def is_moved(self) -> Bools:
        """Which images are resampled, not only mirrored and cut, shape (B,)."""
        is_turned = np.any(self.matrix != np.eye(len(self.size)), axis=(1, 2))
        result: Bools = is_turned | np.any(self.shift != 0, axis=1) | self.is_bent
        return result
