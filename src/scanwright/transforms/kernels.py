"""Resampling of arrays, axis by axis and slab by slab; 2-D and 3-D are one body of code.

A grid change that keeps axes apart is one short row of weights for each new element of each axis.
Slabs along the slow axis bound what is held beside the input and the result.
"""

from collections.abc import Iterator, Sequence
from math import prod
from typing import TypeVar

import numpy as np

from scanwright.image import Array
from scanwright.transforms.axis_map import AxisMap, Interpolation, LabelInterpolation
from scanwright.transforms.bands import Band, Table, band

Kind = TypeVar("Kind", bound=str)

SLAB_BYTES = 2**24
"""About what a slab may hold; the neighbours that its edges need come on top."""


def resample(
    array: Array,
    maps: tuple[AxisMap, ...],
    interpolation: Interpolation | Sequence[Interpolation],
    *,
    low_pass: bool = True,
) -> Array:
    """Resample the spatial axes of an array.

    Parameters
    ----------
    array
        Shape (C, *space).
    maps
        One per spatial axis.
    interpolation
        One, or one per axis. "linear": a triangle as wide as the larger of the two steps, hence an
        area-correct low pass where the grid becomes coarser (the filter of Pillow's BILINEAR; at
        steps that are no whole number its centre of weight wavers by up to a tenth of an element).
        "cubic": cubic B-spline interpolation mirrored at the first and last element (SciPy's order
        3, mode "mirror"), after a Gaussian where the grid becomes coarser (see `psf_sigma`).
        "nearest": no filter.
    low_pass
        Whether detail too fine for a coarser grid is filtered away; without, it is folded into
        patterns that are not there (aliasing).

    Returns
    -------
    Shape (C, *new space); float32 (float64 stays), or the number type given if all axes are
    "nearest".

    Notes
    -----
    Beside input and result it holds a slab of `SLAB_BYTES` and, for cubic, about 25 planes.
    """
    kinds = _each(interpolation, len(maps))
    if set(kinds) == {"nearest"}:
        return _take_nearest(array, maps)
    dtype = np.float64 if array.dtype == np.float64 else np.float32
    bands = tuple(
        None if axis.is_identity else band(axis, kind, low_pass)
        for axis, kind in zip(maps, kinds, strict=True)
    )
    if not any(bands):
        return array.astype(dtype, copy=False)
    result = np.empty((len(array), *(axis.new for axis in maps)), dtype=dtype)
    for source, out in zip(array, result, strict=True):
        _fill(source, bands, out)
    return result


def resample_labels(
    array: Array,
    maps: tuple[AxisMap, ...],
    interpolation: LabelInterpolation | Sequence[LabelInterpolation],
) -> Array:
    """Resample a label map, shape (C, *space), without making labels that are not there.

    "vote" takes the label that has most of a new element: by volume where the grid becomes
    coarser, by linear interpolation where it becomes finer. So borders do not move, and what is
    thin does not depend on which elements happen to be hit. Of labels equally heavy (to a
    millionth), as often at half the old resolution, that of the nearest element is taken, the
    later of two, so that no structure grows or shrinks; failing that the lowest. Memory does not
    grow with the number of labels.
    """
    kinds = _each(interpolation, len(maps))
    if set(kinds) == {"nearest"}:
        return _take_nearest(array, maps)
    bands = [
        band(axis, "nearest" if kind == "nearest" or axis.is_identity else "area")
        for axis, kind in zip(maps, kinds, strict=True)
    ]
    while len(bands) < 3:
        bands.insert(0, band(AxisMap(1, 1, 0.0, 1.0), "nearest"))
    result = np.empty((len(array), *(axis.new for axis in maps)), dtype=_plain(array).dtype)
    for source, out in zip(_plain(array), result, strict=True):
        thin = (1,) * (4 - array.ndim)
        _vote(source.reshape(*thin, *source.shape), bands, out.reshape(*thin, *out.shape))
    return result.view(bool) if array.dtype == bool else result


def _each(given: Kind | Sequence[Kind], count: int) -> tuple[Kind, ...]:
    kinds: tuple[Kind, ...] = (given,) * count if isinstance(given, str) else tuple(given)
    assert len(kinds) == count
    return kinds


def _take_nearest(array: Array, maps: tuple[AxisMap, ...]) -> Array:
    shrinking_first = sorted(range(len(maps)), key=lambda axis: maps[axis].new / maps[axis].old)
    for axis in shrinking_first:
        if not maps[axis].is_identity:
            array = array.take(band(maps[axis], "nearest").first, axis=axis + 1)
    return array


def _plain(array: Array) -> Array:
    """View truth values as bytes; the compiled code knows numbers only."""
    return array.view(np.uint8) if array.dtype == bool else array


def _vote(source: Array, bands: list[Band], out: Array) -> None:
    from scanwright.transforms.passes import vote

    native = source.dtype.newbyteorder("=")
    for start, end in _slabs(out.shape, source[:1].nbytes * len(source) / len(out)):
        low, high = bands[0].span(start, end)
        # Always a copy: the compiled code has one form for arrays that may be written.
        slab = np.array(source[low:high], dtype=native, order="C")
        middle, fast = (one.part(0, len(one), 0) for one in bands[1:])
        made = np.empty(out[start:end].shape, dtype=native)
        vote(slab, (bands[0].part(start, end, low), middle, fast), made)
        out[start:end] = made


def _fill(source: Array, bands: tuple[Band | None, ...], out: Array) -> None:
    slow, others = bands[0], bands[1:]
    if slow is None:
        for start, end in _slabs(out.shape, _bytes(out.dtype, source.shape[1:])):
            _across(np.array(source[start:end], out.dtype, order="C"), others, out[start:end])
    elif not any(others) or len(out) * prod(source.shape[1:]) < len(source) * prod(out.shape[1:]):
        _slow_axis_first(source, bands, out)
    else:
        _slow_axis_last(source, bands, out)


def _slow_axis_first(source: Array, bands: tuple[Band | None, ...], out: Array) -> None:
    slow, others = bands[0], bands[1:]
    assert slow is not None
    plane = _bytes(out.dtype, source.shape[1:]) * max(1, len(source) / len(out))
    for start, end in _slabs(out.shape, plane):
        low, high = slow.span(start, end)
        slab = np.array(source[low:high], out.dtype, order="C")
        if any(others):
            made = np.empty((end - start, *source.shape[1:]), out.dtype)
            _along(slab, slow.part(start, end, low), 0, made)
            _across(made, others, out[start:end])
        else:
            _along(slab, slow.part(start, end, low), 0, out[start:end])


def _slow_axis_last(source: Array, bands: tuple[Band | None, ...], out: Array) -> None:
    slow, others = bands[0], bands[1:]
    assert slow is not None
    held, held_low = np.empty((0, *out.shape[1:]), out.dtype), 0
    plane = _bytes(out.dtype, out.shape[1:]) * max(1, len(source) / len(out))
    for start, end in _slabs(out.shape, plane):
        low, high = slow.span(start, end)
        slab = np.empty((high - low, *out.shape[1:]), out.dtype)
        known = held[low - held_low :][: high - low]
        slab[: len(known)] = known
        fresh = np.array(source[low + len(known) : high], out.dtype, order="C")
        if len(fresh):
            _across(fresh, others, slab[len(known) :])
        _along(slab, slow.part(start, end, low), 0, out[start:end])
        held, held_low = slab, low


def _across(slab: Array, bands: tuple[Band | None, ...], out: Array) -> None:
    """Resample all axes of a slab but the first."""
    moved = [(axis, one) for axis, one in enumerate(bands, start=1) if one is not None]
    moved.sort(key=lambda pair: len(pair[1]) / slab.shape[pair[0]])
    for place, (axis, one) in enumerate(moved, start=1):
        size = (*slab.shape[:axis], len(one), *slab.shape[axis + 1 :])
        made = out if place == len(moved) else np.empty(size, out.dtype)
        _along(slab, one.part(0, len(one), 0), axis, made)
        slab = made
    if not moved:
        out[...] = slab


def _along(source: Array, table: Table, axis: int, out: Array) -> None:
    from scanwright.transforms.passes import along_lines, along_rows

    outer, inner = prod(source.shape[:axis]), prod(source.shape[axis + 1 :])
    if inner == 1:
        along_lines(source.reshape(outer, -1), table, out.reshape(outer, -1))
    else:
        size = (outer, -1, inner)
        along_rows(source.reshape(size), table, out.reshape(size))


def _bytes(dtype: np.dtype[np.generic], size: tuple[int, ...]) -> int:
    return prod(size) * dtype.itemsize


def _slabs(size: tuple[int, ...], plane_bytes: float) -> Iterator[tuple[int, int]]:
    planes = max(1, int(SLAB_BYTES / max(plane_bytes, 1)))
    for start in range(0, size[0], planes):
        yield start, min(start + planes, size[0])
