"""Pairs of pictures laid over each other by scale and shift, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanwright.auditing.near_view import Detail, Places
from scanwright.auditing.picture import Floats

DAMPING = 1e-3
"""Share of the mean curvature that is added to each, for pictures without structure."""
PARTS = 4
"""Parts per axis whose likeness is judged one by one."""
FAINT_PART = 0.15
"""A part with less than this share of the mean structure says nothing."""
TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Overlay:
    """Where the pictures of C pairs lie on each other.

    Parameters
    ----------
    scale, shift
        Shape (C, D): a place x of the fixed picture, -1 to 1 on each axis, is the place
        `scale` * x + `shift` of the moving one.
    """

    scale: Floats
    shift: Floats

    def only(self, chosen: Places) -> "Overlay":
        """Return those of some pairs."""
        return Overlay(self.scale[chosen], self.shift[chosen])


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike the overlaid pictures of C pairs are.

    Parameters
    ----------
    whole
        Shape (C,): correlation where both lie.
    weakest_parts
        Shape (C,): correlation that a fifth of the parts with structure stay below.
    """

    whole: Floats
    weakest_parts: Floats


def register(fixed: Floats, moving: Floats, start: Overlay, steps: int) -> Overlay:
    """Refine scale and shift by Gauss-Newton steps on the normalised difference.

    The inverse compositional scheme of Baker and Matthews, "Lucas-Kanade 20 Years On",
    IJCV 56 (2004), section 3.2, for scale and shift of each axis.

    Parameters
    ----------
    fixed, moving
        Shape (C, *space), details without brightness.
    """
    each = np.arange(len(fixed))
    overlay, _ = _laid_over((fixed, moving), (each, each), start, (-2.0,) * (steps + 1))
    return overlay


def sift(
    pictures: tuple[Floats, Floats],
    pairs: tuple[Places, Places],
    start: Overlay,
    least: Sequence[float],
) -> tuple[Overlay, Places]:
    """Register pairs as `register` does, but give up those that stay unlike.

    Parameters
    ----------
    pictures
        Details of those that stay and of those that are moved, shape (N, *space).
    pairs
        Which of each make a pair, shape (C,).
    start
        Where they lie at first.
    least
        For S steps S + 1 correlations, at least one step: what must be reached before each step
        and after the last.

    Returns
    -------
    Where those lie that came to the end, and which they are.
    """
    used, places = np.unique(pairs[0], return_inverse=True)
    fixed = pictures[0][used]
    overlay, likeness = _laid_over((fixed, pictures[1]), (places, pairs[1]), start, least)
    kept = np.flatnonzero(likeness >= least[-1])
    return overlay.only(kept), kept


def _laid_over(
    pictures: tuple[Floats, Floats],
    pairs: tuple[Places, Places],
    start: Overlay,
    least: Sequence[float],
) -> tuple[Overlay, Floats]:
    from scanwright.auditing.near_steps import lay_over

    scale, shift = _by_volume(start)
    likeness = lay_over(
        (_volumes(pictures[0]), _volumes(pictures[1])),
        pairs,
        _descent(pictures[0]),
        (scale, shift),
        np.array(least, np.float32),
    )
    rank = start.scale.shape[1]
    overlay = Overlay(scale[:, 3 - rank :], shift[:, 3 - rank :])
    return overlay, np.where(likeness >= least[-1], likeness, -2).astype(np.float32)


def _volumes(pictures: Floats) -> Floats:
    """Return pictures as the kernels take them: (N, Z, Y, X)."""
    alone = (1,) * (4 - pictures.ndim)
    volumes: Floats = np.ascontiguousarray(pictures, np.float32)
    return volumes.reshape(len(pictures), *alone, *pictures.shape[1:])


def _by_volume(overlay: Overlay) -> tuple[Floats, Floats]:
    """Return scale and shift of three axes, shape (C, 3)."""
    count, rank = overlay.scale.shape
    scale, shift = np.ones((count, 3), np.float32), np.zeros((count, 3), np.float32)
    scale[:, 3 - rank :], shift[:, 3 - rank :] = overlay.scale, overlay.shift
    return scale, shift


def compare(fixed: Floats, moving: Floats, overlay: Overlay, detail: Detail) -> Likeness:
    """Measure how alike overlaid pictures are, as a whole and part by part.

    Parameters
    ----------
    fixed, moving
        Shape (C, *space), the pictures themselves: their details are taken anew from what both
        show, so that a cut leaves no trace; grey levels of one are mapped to those of the other.
    detail
        What is taken out of them.
    """
    from scanwright.auditing.near_levels import match_levels

    moved, mask = warped(moving, overlay)
    match_levels(*(one.reshape(len(one), -1) for one in (moved, fixed, mask)))
    still, moved = (_normalised(detail.within(each, mask), mask) for each in (fixed, moved))
    whole = np.einsum("ij,ij->i", still.reshape(len(still), -1), moved.reshape(len(still), -1))
    common, ours, theirs = (_by_parts(x) for x in (still * moved, still**2, moved**2))
    structure = np.sqrt(ours * theirs)
    telling = structure > FAINT_PART / common.shape[1]
    likeness = np.where(telling, common / np.maximum(structure, TINY), 2)
    likeness.sort(axis=1)  # what says nothing comes last
    weakest = likeness[np.arange(len(likeness)), telling.sum(axis=1) // 5]
    return Likeness(whole, np.minimum(weakest, 1))


def halved(values: Floats) -> Floats:
    """Return pictures (C, *space) of half the edge."""
    shape = [len(values)]
    for edge in values.shape[1:]:
        shape += [edge // 2, 2]
    half: Floats = values.reshape(shape).mean(axis=tuple(range(2, len(shape), 2)), dtype=np.float32)
    return half


def warped(moving: Floats, overlay: Overlay) -> tuple[Floats, Floats]:
    """Return the moving pictures as they lie on the fixed ones, and where they lie at all."""
    from scanwright.auditing.near_steps import warp_all

    volumes = _volumes(moving)
    moved, mask = np.empty_like(volumes), np.empty_like(volumes)
    warp_all(volumes, _by_volume(overlay), (moved, mask))
    return moved.reshape(moving.shape), mask.reshape(moving.shape)


def _normalised(values: Floats, mask: Floats) -> Floats:
    rest = _centred(values, mask)
    length = np.sqrt((rest * rest).sum(axis=tuple(range(1, values.ndim)), keepdims=True))
    unit: Floats = rest / np.maximum(length, TINY)
    return unit


def _centred(values: Floats, mask: Floats) -> Floats:
    axes = tuple(range(1, values.ndim))
    count = np.maximum(mask.sum(axis=axes, keepdims=True), 1)
    rest: Floats = (values - (values * mask).sum(axis=axes, keepdims=True) / count) * mask
    return rest


def _descent(fixed: Floats) -> Floats:
    """Return what turns a difference into a step of D scales and D shifts: (C, 2 D, elements)."""
    edge, rank = fixed.shape[-1], fixed.ndim - 1
    by_shift = [np.gradient(fixed, 2 / edge, axis=axis + 1) for axis in range(rank)]
    by_scale = []
    for axis, slope in enumerate(by_shift):
        shape = [1] * fixed.ndim
        shape[axis + 1] = edge
        by_scale.append(slope * _places(edge).reshape(shape))
    slopes = np.stack([*by_scale, *by_shift], axis=1, dtype=np.float32)
    slopes = slopes.reshape(len(fixed), 2 * rank, -1)
    curvature = slopes @ slopes.transpose(0, 2, 1)
    mean = np.trace(curvature, axis1=1, axis2=2) / curvature.shape[1]
    curvature += np.eye(2 * rank, dtype=np.float32) * (DAMPING * mean + TINY)[:, None, None]
    descent: Floats = np.linalg.inv(curvature) @ slopes
    return descent


def _by_parts(values: Floats) -> Floats:
    """Sum (C, *space) over each of PARTS ** D parts: (C, parts)."""
    shape = [len(values)]
    for edge in values.shape[1:]:
        shape += [PARTS, edge // PARTS]
    sums: Floats = values.reshape(shape).sum(axis=tuple(range(2, len(shape), 2)))
    return sums.reshape(len(values), -1)


def _places(edge: int) -> Floats:
    """Return the centres of the elements of an axis that runs from -1 to 1."""
    places: Floats = ((np.arange(edge) + 0.5) * 2 / edge - 1).astype(np.float32)
    return places
