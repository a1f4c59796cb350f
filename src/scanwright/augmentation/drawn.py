"""All that chance decides about a batch, drawn before any image is touched."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.options import AugmentationOptions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PLANE, ACROSS_FIRST, ACROSS_SECOND = (1, 2), (0, 2), (0, 1)
"""Pairs of the axes (Z, Y, X) that span the planes of rotation."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One row per image of a batch; a neutral value means that nothing happens.

    Parameters
    ----------
    flips
        Shape (B, D): axes to mirror.
    matrix, shift
        Shapes (B, D, D) and (B, D): content at offset `u` from the middle, in elements, moves to
        `matrix @ u + shift`.
    blur
        Shape (B,): standard deviation in elements, 0 for none.
    coarsen
        Shape (B,): share of the elements kept along each axis, 1 for all.
    noise, seed
        Shape (B,): standard deviation relative to the image's own, and where its noise starts.
    contrast, brightness
        Shape (B,): factor about the mean; shift in standard deviations of the image.
    gamma, inverted
        Shape (B,): exponent, and whether it acts on the negative.
    holes
        Shape (B, H, D, 2): first index and end of each hole; empty for none.
    partner, weight
        Shape (B,): with which image of the batch each is mixed, and its own share; 1 for none. The
        target is mixed alike: weight * own + (1 - weight) * partner's.
    patch
        Shape (B, D, 2): window taken from the partner; where empty, values are averaged.
    """

    flips: Bools
    matrix: Floats
    shift: Floats
    blur: Floats
    coarsen: Floats
    noise: Floats
    seed: Ints
    contrast: Floats
    brightness: Floats
    gamma: Floats
    inverted: Bools
    holes: Ints
    partner: Ints
    weight: Floats
    patch: Ints

    def __len__(self) -> int:
        return len(self.flips)

    def only(self, index: int) -> "Drawn":
        """Return what was drawn for one image, as a batch of one, unmixed."""
        row = {f.name: getattr(self, f.name)[index : index + 1] for f in fields(self)}
        row |= {"partner": np.zeros(1, dtype=np.int64), "weight": np.ones(1)}
        return Drawn(**row)


def draw_batch(
    options: AugmentationOptions,
    batch: int,
    size: tuple[int, ...],
    spacing: tuple[float, ...],
    rng: np.random.Generator,
) -> Drawn:
    """Draw for `batch` images of a size in elements, whose elements are `spacing` apart.

    What is drawn for one change does not depend on whether another is switched on, and the two fast
    axes of three are treated as the axes of two.
    """
    rank = len(size)
    matrix = _matrices(options, batch, options.tilt_chance * (rank == 3), rng)
    shift = _where(rng, batch, options.shift_chance)[:, None] * rng.uniform(-1, 1, (batch, 3))
    flips = rng.random((batch, 3)) < options.flip_chance
    ratio = np.array(spacing) / np.array(spacing)[:, None]  # rigid in mm, whatever the elements
    may_flip = np.isin(np.arange(rank), options.flips)
    partner, weight, patch = _mixing(options, batch, size, rng)
    return Drawn(
        flips=flips[:, 3 - rank :] & may_flip,
        matrix=matrix[:, 3 - rank :, 3 - rank :] * ratio,
        shift=shift[:, 3 - rank :] * options.shift * np.array(size),
        blur=_where(rng, batch, options.blur_chance) * rng.uniform(*options.blur, batch),
        coarsen=_or(1, rng, options.coarsen_chance, rng.uniform(*options.coarsen, batch)),
        noise=_where(rng, batch, options.noise_chance) * rng.uniform(*options.noise, batch),
        seed=rng.integers(0, 2**62, batch),
        contrast=_ratio(rng, batch, options.contrast_chance, options.contrast),
        brightness=_symmetric(rng, batch, options.brightness_chance, options.brightness),
        gamma=_ratio(rng, batch, options.gamma_chance, options.gamma),
        inverted=_where(rng, batch, options.gamma_inverted_chance),
        holes=_holes(options, batch, size, rng),
        partner=partner,
        weight=weight,
        patch=patch,
    )


def _where(rng: np.random.Generator, batch: int, chance: float) -> Bools:
    return rng.random(batch) < chance


def _or(neutral: float, rng: np.random.Generator, chance: float, value: Floats) -> Floats:
    return np.where(_where(rng, len(value), chance), value, neutral)


def _ratio(
    rng: np.random.Generator, batch: int, chance: float, span: tuple[float, float]
) -> Floats:
    return _or(1, rng, chance, _log_uniform(rng, span, (batch,)))


def _log_uniform(
    rng: np.random.Generator, span: tuple[float, float], shape: tuple[int, ...]
) -> Floats:
    low, high = np.log(span).tolist()
    return np.exp(rng.uniform(low, high, shape))


def _symmetric(rng: np.random.Generator, batch: int, chance: float, most: float) -> Floats:
    return _or(0, rng, chance, rng.uniform(-most, most, batch))


def _matrices(
    options: AugmentationOptions, batch: int, tilt_chance: float, rng: np.random.Generator
) -> Floats:
    """Return rotation @ shear @ scale over the axes (Z, Y, X), shape (B, 3, 3)."""
    turn = _symmetric(rng, batch, options.rotate_chance, options.rotate_degrees)
    tilted = _where(rng, batch, tilt_chance)
    tilt = tilted[:, None] * rng.uniform(-options.tilt_degrees, options.tilt_degrees, (batch, 2))
    scale = _ratio(rng, batch, options.scale_chance, options.scale)
    stretched = _where(rng, batch, options.stretch_chance)
    stretch = _log_uniform(rng, options.stretch, (batch, 3))
    factors = scale[:, None] * np.where(stretched[:, None], stretch, 1)
    shear = np.tile(np.eye(3), (batch, 1, 1))
    angle = _symmetric(rng, batch, options.shear_chance, options.shear_degrees)
    shear[:, 1, 2] = np.tan(np.deg2rad(angle))
    rotation = _rotation(turn, PLANE)
    rotation = rotation @ _rotation(tilt[:, 0], ACROSS_FIRST) @ _rotation(tilt[:, 1], ACROSS_SECOND)
    result: Floats = rotation @ shear * factors[:, None, :]
    return result


def _rotation(degrees: Floats, plane: tuple[int, int]) -> Floats:
    radians = np.deg2rad(degrees)
    first, second = plane
    matrix = np.tile(np.eye(3), (len(degrees), 1, 1))
    matrix[:, first, first] = matrix[:, second, second] = np.cos(radians)
    matrix[:, first, second] = -np.sin(radians)
    matrix[:, second, first] = np.sin(radians)
    return matrix


def _holes(
    options: AugmentationOptions, batch: int, size: tuple[int, ...], rng: np.random.Generator
) -> Ints:
    shape, rank, edges = (batch, options.cutout_count, 3), len(size), np.array(size)
    shares = rng.uniform(*options.cutout, shape)[..., 3 - rank :]
    places = rng.random(shape)[..., 3 - rank :]
    lengths = np.maximum(1, np.rint(shares * edges)).astype(np.int64)
    starts = np.floor(places * (edges - lengths + 1)).astype(np.int64)
    lengths *= _where(rng, batch, options.cutout_chance)[:, None, None]
    return np.stack([starts, starts + lengths], axis=-1)


def _mixing(
    options: AugmentationOptions, batch: int, size: tuple[int, ...], rng: np.random.Generator
) -> tuple[Ints, Floats, Ints]:
    """Return partners, own weights and patches; an image is averaged or patched, never both."""
    partner = rng.permutation(batch)
    averaged = rng.beta(options.mixup_alpha, options.mixup_alpha, batch)
    averaged = np.maximum(averaged, 1 - averaged)  # the own image stays the greater part
    weight = _or(1, rng, options.mixup_chance, averaged)
    area = rng.beta(options.cutmix_alpha, options.cutmix_alpha, batch)
    edges = np.array(size)
    lengths = np.rint(edges * np.minimum(area, 1 - area)[:, None] ** (1 / len(size)))
    places = rng.random((batch, 3))[:, 3 - len(size) :]
    starts = np.floor(places * (edges - lengths + 1))
    patched = _where(rng, batch, options.cutmix_chance) & (weight == 1)
    lengths *= patched[:, None]
    weight = weight - lengths.prod(axis=1) / edges.prod()
    patch = np.stack([starts, starts + lengths], axis=-1).astype(np.int64)
    return partner, weight, patch
