"""The drawing of all that chance decides about a batch."""

import numpy as np

from scanwright.augmentation.chance import Chance
from scanwright.augmentation.drawn import Bools, Drawn, Floats, Ints
from scanwright.augmentation.options import AugmentationOptions

PLANE, ACROSS_FIRST, ACROSS_SECOND = (1, 2), (0, 2), (0, 1)
"""Pairs of the axes (Z, Y, X) that span the planes of rotation."""

ARTEFACT_NUMBERS = {
    "bias": 64, "motion": 24, "ghost": 4, "spike": 4, "speckle": 1, "shadow": 4, "gain": 8,
    "haze": 1, "grid": 3,
}  # fmt: skip
"""How many numbers decide the form of an artefact beside its strength."""


def draw_batch(
    options: AugmentationOptions,
    shape: tuple[int, ...],
    window: tuple[int, ...],
    spacing: tuple[float, ...],
    chance: Chance,
) -> Drawn:
    """Draw for images of a shape (C, *space), of which a window is kept.

    What is drawn for one change does not depend on whether another is switched on, and the two fast
    axes of three are treated as the axes of two.
    """
    size = shape[1:]
    groups = shape[0] if options.by_channel else 1
    partner, weight, patch = _mixing(options, window, chance)
    matrix = _matrices(options, len(size), chance)
    shift = _shifts(options, window, chance)
    elastic = _elastic(options, window, chance)
    is_still = chance.happens("still", options.still_chance)
    matrix[is_still], shift[is_still], elastic[is_still] = np.eye(len(size)), 0, 0
    return Drawn(
        size=size,
        window=window,
        origin=_origins(options, size, window, chance),
        flips=_flips(options, len(size), chance),
        matrix=matrix * _ratio(spacing),
        shift=shift,
        elastic=elastic,
        blur=_blur(options, len(size), groups, chance),
        coarsen=_coarsen(options, len(size), groups, chance),
        noise=_level("noise", options.noise_chance, options.noise, chance).repeat(groups, axis=1),
        multiply=_factor("multiply", options, options.multiply, groups, chance),
        contrast=_factor("contrast", options, options.contrast, groups, chance),
        brightness=_brightness(options, groups, chance),
        gamma=_factor("gamma", options, options.gamma, groups, chance),
        inverted=chance.happens("inverted", options.gamma_inverted_chance, groups),
        negative=_factor("negative", options, options.gamma, groups, chance),
        seed=(chance.uniform("seed")[..., None] * 2**53).astype(np.int64).reshape(-1),
        artefacts=_artefacts(options, chance),
        holes=_holes(options, window, chance),
        partner=partner,
        weight=weight,
        patch=patch,
    )


def _origins(
    options: AugmentationOptions, size: tuple[int, ...], window: tuple[int, ...], chance: Chance
) -> Ints:
    """Return where each window begins, shape (B, D)."""
    room = np.array(size) - np.array(window)
    if not options.crop_is_random or not room.any():
        return np.tile(room // 2, (len(chance), 1))
    places = chance.uniform("crop", 3)[:, 3 - len(size) :]
    origins: Ints = np.floor(places * (room + 1)).astype(np.int64)
    return origins


def _flips(options: AugmentationOptions, rank: int, chance: Chance) -> Bools:
    flips = chance.happens("flip", options.flip_chance if options.flips else 0, 3)[:, 3 - rank :]
    allowed: Bools = np.array([axis in options.flips for axis in range(rank)])
    return flips & allowed


def _ratio(spacing: tuple[float, ...]) -> Floats:
    """Return the factors that keep moves rigid in mm, whatever the elements."""
    ratio: Floats = np.array(spacing) / np.array(spacing)[:, None]
    return ratio


def _shifts(options: AugmentationOptions, window: tuple[int, ...], chance: Chance) -> Floats:
    rank = len(window)
    is_shifted = chance.happens("shift", options.shift_chance)
    if not is_shifted.any():
        return np.zeros((len(chance), rank))
    shifts = chance.between("shift", (-options.shift, options.shift), 3)[:, 3 - rank :]
    result: Floats = shifts * is_shifted[:, None] * np.array(window)
    return result


def _matrices(options: AugmentationOptions, rank: int, chance: Chance) -> Floats:
    """Return rotation @ shear @ scale over the last axes of (Z, Y, X), shape (B, D, D)."""
    matrix = np.tile(np.eye(3), (len(chance), 1, 1))
    is_turned = chance.happens("rotate", options.rotate_chance)
    is_tilted = is_turned if options.tilt_joins else chance.happens("tilt", options.tilt_chance)
    if is_turned.any():
        matrix = matrix @ _rotation(
            _within(chance, "rotate", is_turned, options.rotate_degrees), PLANE
        )
    if rank == 3 and not options.in_plane and is_tilted.any():
        tilt = chance.between("tilt", (-options.tilt_degrees, options.tilt_degrees), 2)
        tilt *= is_tilted[:, None]
        matrix = matrix @ _rotation(tilt[:, 0], ACROSS_FIRST) @ _rotation(tilt[:, 1], ACROSS_SECOND)
    is_sheared = chance.happens("shear", options.shear_chance)
    if is_sheared.any():
        shear = np.tile(np.eye(3), (len(chance), 1, 1))
        shear[:, 1, 2] = np.tan(
            np.deg2rad(_within(chance, "shear", is_sheared, options.shear_degrees))
        )
        matrix = matrix @ shear
    matrix = matrix * _scales(options, rank, chance)[:, None, :]
    return matrix[:, 3 - rank :, 3 - rank :]


def _within(chance: Chance, purpose: str, where: Bools, most: float) -> Floats:
    return chance.between(purpose, (-most, most)) * where


def _scales(options: AugmentationOptions, rank: int, chance: Chance) -> Floats:
    """Return the factor along each of the axes (Z, Y, X), shape (B, 3)."""
    factors = np.ones((len(chance), 3))
    is_scaled = chance.happens("scale", options.scale_chance)
    if is_scaled.any():
        scale = chance.factor("scale", options.scale, options.scale_spread)
        factors[is_scaled] *= scale[is_scaled, None]
    is_stretched = chance.happens("stretch", options.stretch_chance)
    if is_stretched.any():
        stretch = chance.factor("stretch", options.stretch, "log", 3)
        factors[is_stretched] *= stretch[is_stretched]
    if rank == 3 and options.in_plane:
        factors[:, 0] = 1
    return factors


def _rotation(degrees: Floats, plane: tuple[int, int]) -> Floats:
    radians = np.deg2rad(degrees)
    first, second = plane
    matrix = np.tile(np.eye(3), (len(degrees), 1, 1))
    matrix[:, first, first] = matrix[:, second, second] = np.cos(radians)
    matrix[:, first, second] = -np.sin(radians)
    matrix[:, second, first] = np.sin(radians)
    return matrix


def _elastic(options: AugmentationOptions, window: tuple[int, ...], chance: Chance) -> Floats:
    """Return control values in elements: as many as the spline needs inside, and one beyond."""
    rank = len(window)
    is_bent = chance.happens("elastic", options.elastic_chance)
    if not is_bent.any():
        return np.zeros((len(chance), 0))
    points = options.elastic_points + 2
    values = chance.between("elastic", (-1, 1), rank, *(points,) * rank)
    most = chance.between("elastic height", options.elastic, rank) * np.array(window)
    if rank == 3 and options.in_plane:
        most[:, 0] = 0
    most *= is_bent[:, None]
    result: Floats = values * most.reshape(*most.shape, *(1,) * rank)
    return result


def _factor(
    name: str, options: AugmentationOptions, span: tuple[float, float], groups: int, chance: Chance
) -> Floats:
    happens = chance.happens(name, getattr(options, f"{name}_chance"))
    if not happens.any():
        return np.ones((len(chance), groups))
    factors = chance.factor(name, span, options.spread, groups)
    return np.where(happens[:, None], factors, 1)


def _level(
    name: str, likely: float, span: tuple[float, float], chance: Chance, groups: int = 1
) -> Floats:
    happens = chance.happens(name, likely)
    if not happens.any():
        return np.zeros((len(chance), groups))
    return np.where(happens[:, None], chance.between(name, span, groups), 0)


def _brightness(options: AugmentationOptions, groups: int, chance: Chance) -> Floats:
    span = (-options.brightness, options.brightness)
    return _level("brightness", options.brightness_chance, span, chance, groups)


def _blur(options: AugmentationOptions, rank: int, groups: int, chance: Chance) -> Floats:
    is_blurred = chance.happens("blur", options.blur_chance)
    if not is_blurred.any():
        return np.zeros((len(chance), groups, rank))
    widths = chance.between("blur", options.blur, groups, 3)[..., 3 - rank :]
    if not options.blur_axes:
        widths = chance.between("blur", options.blur, groups)[..., None].repeat(rank, axis=2)
    chosen = chance.happens("blur of channel", options.blur_channel_chance, groups)
    result: Floats = widths * (chosen & is_blurred[:, None])[..., None]
    return result


def _coarsen(options: AugmentationOptions, rank: int, groups: int, chance: Chance) -> Floats:
    is_coarse = chance.happens("coarsen", options.coarsen_chance)
    if not is_coarse.any():
        return np.ones((len(chance), groups, rank))
    shares = chance.between("coarsen", options.coarsen, groups)[..., None].repeat(rank, axis=2)
    chosen = chance.happens("coarsen of channel", options.coarsen_channel_chance, groups)
    if rank == 3 and options.in_plane:
        shares[..., 0] = 1
    return np.where((chosen & is_coarse[:, None])[..., None], shares, 1)


def _artefacts(options: AugmentationOptions, chance: Chance) -> dict[str, Floats]:
    """Return strength and form of each artefact that happens in the batch."""
    found = {}
    for name, count in ARTEFACT_NUMBERS.items():
        happens = chance.happens(name, getattr(options, f"{name}_chance"))
        if happens.any():
            strength = chance.between(name, getattr(options, name)) * happens
            found[name] = np.column_stack([strength, chance.uniform(f"form of {name}", count)])
    return found


def _holes(options: AugmentationOptions, size: tuple[int, ...], chance: Chance) -> Ints:
    rank, edges, count = len(size), np.array(size), options.cutout_count
    happens = chance.happens("cutout", options.cutout_chance)
    if not happens.any():
        return np.zeros((len(chance), count, rank, 2), dtype=np.int64)
    shares = chance.between("cutout", options.cutout, count, 3)[..., 3 - rank :]
    places = chance.uniform("cutout place", count, 3)[..., 3 - rank :]
    lengths = np.maximum(1, np.rint(shares * edges)).astype(np.int64)
    starts = np.floor(places * (edges - lengths + 1)).astype(np.int64)
    lengths *= happens[:, None, None]
    return np.stack([starts, starts + lengths], axis=-1)


def _mixing(
    options: AugmentationOptions, size: tuple[int, ...], chance: Chance
) -> tuple[Ints, Floats, Ints]:
    """Return partners, own weights and patches; an image is averaged or patched, never both."""
    batch, rank, edges = len(chance), len(size), np.array(size)
    is_averaged = chance.happens("mixup", options.mixup_chance)
    is_patched = chance.happens("cutmix", options.cutmix_chance) & ~is_averaged
    weight = np.ones(batch)
    lengths = starts = np.zeros((batch, rank))
    partner = np.arange(batch)
    if is_averaged.any() or is_patched.any():
        partner = np.argsort(chance.uniform("partner"))
    if is_averaged.any():
        own = _beta(chance, "mixup", options.mixup_alpha)
        own = np.maximum(own, 1 - own)  # the own image stays the greater part
        weight = np.where(is_averaged, own, 1)
    if is_patched.any():
        area = _beta(chance, "cutmix", options.cutmix_alpha)
        lengths = np.rint(edges * np.minimum(area, 1 - area)[:, None] ** (1 / rank))
        places = chance.uniform("cutmix place", 3)[:, 3 - rank :]
        starts = np.floor(places * (edges - lengths + 1))
        lengths = lengths * is_patched[:, None]
        weight = weight - lengths.prod(axis=1) / edges.prod()
    patch = np.stack([starts, starts + lengths], axis=-1).astype(np.int64)
    return partner, weight, patch


def _beta(chance: Chance, purpose: str, alpha: float) -> Floats:
    """Return numbers of a symmetric Beta distribution, by its quantiles."""
    from scipy.special import betaincinv

    result: Floats = betaincinv(alpha, alpha, chance.uniform(purpose))
    return result
