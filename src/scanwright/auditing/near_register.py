"""Pairs of pictures laid over each other by scale and shift, many at once."""

from dataclasses import dataclass

import numpy as np

from scanwright.auditing.near_view import Detail, Places, along_axes
from scanwright.auditing.picture import Floats

LARGEST_SCALE = 1.3
LARGEST_SHIFT = 0.25
"""Beyond these two pictures share too little to be called the same."""
LARGEST_STEP = 0.1
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
    count, overlay = len(fixed), start
    still = fixed.reshape(count, -1, 1)
    length = np.linalg.norm(still, axis=1, keepdims=True)
    descent = _descent(fixed)  # (C, 2 D, elements)
    for _ in range(steps):
        moved, mask = warped(moving, overlay)
        held = (moved * mask).reshape(count, -1, 1)
        gain = length / np.maximum(np.linalg.norm(held, axis=1, keepdims=True), TINY)
        difference = (held * gain).reshape(fixed.shape)
        difference -= fixed
        difference *= mask
        step = (descent @ difference.reshape(count, -1, 1))[..., 0]
        overlay = _stepped(overlay, np.clip(step, -LARGEST_STEP, LARGEST_STEP))
    return overlay


def compare(fixed: Floats, moving: Floats, overlay: Overlay, detail: Detail) -> Likeness:
    """Measure how alike overlaid pictures are, as a whole and part by part.

    Parameters
    ----------
    fixed, moving
        Shape (C, *space), the pictures themselves: their details are taken anew from what both
        show, so that a cut leaves no trace.
    detail
        What is taken out of them.
    """
    moved, mask = warped(moving, overlay)
    mask = np.ascontiguousarray(np.broadcast_to(mask, fixed.shape))
    still, moved = (_normalised(detail.within(each, mask), mask) for each in (fixed, moved))
    whole = np.einsum("ij,ij->i", still.reshape(len(still), -1), moved.reshape(len(still), -1))
    common, ours, theirs = (_by_parts(x) for x in (still * moved, still**2, moved**2))
    structure = np.sqrt(ours * theirs)
    telling = structure > FAINT_PART / common.shape[1]
    likeness = np.where(telling, common / np.maximum(structure, TINY), 2)
    likeness.sort(axis=1)  # what says nothing comes last
    weakest = likeness[np.arange(len(likeness)), telling.sum(axis=1) // 5]
    return Likeness(whole, np.minimum(weakest, 1))


def correlate(fixed: Floats, moving: Floats, overlay: Overlay) -> Floats:
    """Return the correlation of overlaid pictures where both lie, shape (C,)."""
    still, moved, _ = _overlaid(fixed, moving, overlay)
    whole: Floats = np.einsum(
        "ij,ij->i", still.reshape(len(still), -1), moved.reshape(len(still), -1)
    )
    return whole


def halved(values: Floats) -> Floats:
    """Return pictures (C, *space) of half the edge."""
    shape = [len(values)]
    for edge in values.shape[1:]:
        shape += [edge // 2, 2]
    half: Floats = values.reshape(shape).mean(axis=tuple(range(2, len(shape), 2)), dtype=np.float32)
    return half


def warped(moving: Floats, overlay: Overlay) -> tuple[Floats, Floats]:
    """Return the moving pictures as they lie on the fixed ones, and where they lie at all."""
    edge = moving.shape[-1]
    places = _places(edge)
    grids, mask = [], np.ones((len(moving),) + (1,) * (moving.ndim - 1), np.float32)
    for axis in range(moving.ndim - 1):
        there = overlay.scale[:, axis, None] * places + overlay.shift[:, axis, None]
        element = ((there + 1) * (edge / 2) - 0.5).astype(np.float32)
        inside = (element >= -0.5) & (element <= edge - 0.5)
        held = np.clip(element, 0, edge - 1)[..., None]
        grid = np.subtract(held, np.arange(edge, dtype=np.float32))
        np.abs(grid, out=grid)
        np.subtract(1, grid, out=grid)
        grids.append(np.maximum(grid, 0, out=grid))
        shape = [len(moving)] + [1] * (moving.ndim - 1)
        shape[axis + 1] = edge
        mask = mask * inside.reshape(shape).astype(np.float32)
    return along_axes(moving, grids), mask


def _overlaid(fixed: Floats, moving: Floats, overlay: Overlay) -> tuple[Floats, Floats, Floats]:
    """Return both pictures, of mean 0 and length 1 where both lie and 0 elsewhere, and where."""
    moved, mask = warped(moving, overlay)
    mask = np.broadcast_to(mask, fixed.shape)
    return _normalised(fixed, mask), _normalised(moved, mask), mask


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


def _stepped(overlay: Overlay, step: Floats) -> Overlay:
    """Undo a step of the fixed picture in the overlay."""
    rank = overlay.scale.shape[1]
    stretch, push = 1 + step[:, :rank], step[:, rank:]
    scale = overlay.scale / stretch
    shift = overlay.shift - scale * push
    return Overlay(
        np.clip(scale, 1 / LARGEST_SCALE, LARGEST_SCALE).astype(np.float32),
        np.clip(shift, -LARGEST_SHIFT, LARGEST_SHIFT).astype(np.float32),
    )


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
