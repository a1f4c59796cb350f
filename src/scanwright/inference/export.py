"""Logits on the network's grid turned into labels on the image's own, slab by slab.

Nowhere do logits of the whole image exist: memory is the label map and a few slices, whatever the
number of classes. Where all logits around an element agree on a label, so does any mean of them;
hence only elements at borders are interpolated.
"""

import math
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scanwright.base import GeometryError, ShapeError
from scanwright.image import Array, Geometry
from scanwright.inference.export_kernels import ALL, Labels, label_planes, label_slices
from scanwright.inference.windows import Index, Singles, Slab
from scanwright.transforms import coarse_axis

ANISOTROPY = 3.0
"""A grid whose longest step exceeds its shortest by more than this has a coarse axis (nnU-Net)."""

SLACK = 0.251
"""How far, in elements beyond the edge, an image may reach past the network's grid.

Preprocessing rounds the number of elements, which moves either edge by a quarter at most.
"""

BLOCK_BYTES = 2**23
"""About how many logits are worked on at once; at least one slice."""

SMALL = 1e-6
"""Distances below, in elements, are rounding."""

SPACE = 3
"""Axes that the kernels see; an image with fewer has axes of length 1 put in."""


@dataclass(frozen=True, slots=True)
class AxisPlaces:
    """Where the elements of an axis of the image lie on one of the network's, in rising order.

    Parameters
    ----------
    first
        Index of the first element that lies on the network's grid.
    low
        For each element from there on, the network's element at or before it.
    share
        How far it is on the way to the next one, 0 to 1.
    """

    first: int
    low: npt.NDArray[np.int64]
    share: Singles


@dataclass(frozen=True, slots=True)
class GridMap:
    """Where the elements of an image lie on the grid that a network saw.

    Parameters
    ----------
    network_size, source_size
        Edges of the two grids, slow axis first.
    order
        For each axis of the network's grid, the axis of the image along which it runs.
    is_reversed
        For each axis of the network's grid, whether it runs against the image's.
    axes
        For each axis of the network's grid, the places on it.
    """

    network_size: Index
    source_size: Index
    order: Index
    is_reversed: tuple[bool, ...]
    axes: tuple[AxisPlaces, ...]


@dataclass(frozen=True, slots=True)
class LabelRule:
    """How logits become labels.

    Parameters
    ----------
    values
        Exclusive labels: the value of the map for each output, background first; the highest logit
        wins, the first of equals. Regions: empty.
    thresholds
        Regions: the logit above which an element belongs to each. Exclusive labels: empty.
    """

    values: tuple[int, ...] = ()
    thresholds: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.values) == bool(self.thresholds):
            raise ShapeError(
                "Labels are either exclusive or regions.", got=(self.values, self.thresholds)
            )

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """Smallest number type that holds every value."""
        return np.uint8 if max(self.values, default=1) <= np.iinfo(np.uint8).max else np.uint16


def map_grids(network: tuple[Index, Geometry], source: tuple[Index, Geometry]) -> GridMap:
    """Find where the elements of an image lie on the grid to which preprocessing brought it.

    Parameters
    ----------
    network, source
        Size and geometry of the two grids.

    Returns
    -------
    The map: linear between elements; the nearest along a coarse axis. An axis is coarse where its
    step is more than three times the smallest, and no other axis is as long (nnU-Net's rule; the
    network's grid is asked first, then the image's).

    Raises
    ------
    GeometryError
        The axes of the grids are not parallel, so that no order of them makes one the other.
    """
    (network_size, network_grid), (source_size, source_grid) = network, source
    rank = len(network_size)
    origin = network_grid.to_index(source_grid.to_world(np.zeros(rank)))
    steps = network_grid.to_index(source_grid.to_world(np.eye(rank))) - origin  # (source, network)
    order = tuple(np.abs(steps).argmax(axis=0).tolist())
    _check_parallel(steps, order, source_size)
    turned = tuple(source_grid.spacing_mm[axis] for axis in order)
    # In a plane nnU-Net has no coarse axis.
    ratio = ANISOTROPY if rank == SPACE else None
    coarse = coarse_axis(network_grid.spacing_mm, turned, ratio)
    axes = []
    for axis, along in enumerate(order):
        places = origin[axis] + steps[along, axis] * np.arange(source_size[along])
        if steps[along, axis] < 0:
            places = places[::-1]
        axes.append(_places(places, network_size[axis], is_nearest=axis == coarse))
    is_reversed = tuple(bool(steps[along, axis] < 0) for axis, along in enumerate(order))
    return GridMap(network_size, source_size, order, is_reversed, tuple(axes))


def export_labels(
    slabs: Iterable[Slab], grid: GridMap, rule: LabelRule, *, threads: int = 1
) -> Array:
    """Turn logits into labels on the image's grid as they come.

    Parameters
    ----------
    slabs
        In order and without gaps along the slow axis of the network's grid.
    grid
        Where the image's elements lie on it.
    rule
        How logits become labels.
    threads
        How many parts of a slice are made at once.

    Returns
    -------
    Exclusive labels: shape (1, *source size), whole numbers; regions: (K, *source size), 0 or 1.
    Elements off the network's grid are background.

    Raises
    ------
    ShapeError
        The slabs do not make up the network's grid.
    """
    export = _Export(grid, rule, threads)
    export.run(slabs)
    return export.labels


class _Export:
    """The label map that is being made, and what the next slab still needs of the last."""

    def __init__(self, grid: GridMap, rule: LabelRule, threads: int) -> None:
        self._threads = threads
        self._thresholds = rule.thresholds
        nothing = AxisPlaces(0, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.float32))
        missing = (1,) * (SPACE - len(grid.order))
        self._size = (grid.network_size[0], *missing, *grid.network_size[1:])
        self._axes = (grid.axes[0], *(nothing for _ in missing), *grid.axes[1:])
        # A slice waits for the next one that it lies before.
        self._last_needed = self._axes[0].low + (self._axes[0].share > 0)
        self._values: Labels = np.array(rule.values or (0, 1), dtype=rule.dtype)
        maps = len(rule.thresholds) or 1
        self.labels = np.full((maps, *grid.source_size), self._values[0])
        self._inside = _inside(self.labels, grid)

    def run(self, slabs: Iterable[Slab]) -> None:
        """Go through the slabs, some slices at a time; the last of them stays for the next."""
        outputs = len(self._thresholds) or len(self._values)
        step = max(1, BLOCK_BYTES // (4 * outputs * math.prod(self._size[1:])))
        kept = np.empty((min(step, self._size[0]) + 1, outputs, *self._size[1:]), dtype=np.float32)
        seen, made, held = 0, 0, 0
        with ThreadPoolExecutor(self._threads) as pool:
            for logits in self._pieces(slabs, outputs, step):
                block = kept[: held + len(logits)]
                block[held:] = logits
                seen += len(logits)
                ready = int(np.searchsorted(self._last_needed, seen))
                self._label(block, seen - len(block), (made, ready), pool)
                made, held = ready, 1
                kept[0] = block[-1]
        if seen != self._size[0]:
            raise ShapeError("Slabs are missing.", got=f"{seen} slices", legal=self._size[0])

    def _pieces(self, slabs: Iterable[Slab], outputs: int, step: int) -> Iterator[Singles]:
        """Give the logits of all slabs in order, at most `step` slices (n, K, *rest) at a time."""
        seen = 0
        for slab in slabs:
            depth = slab.logits.shape[1]
            legal = (outputs, depth, *self._size[1:])
            if slab.start != seen or math.prod(slab.logits.shape) != math.prod(legal):
                raise ShapeError(
                    "Slabs do not follow one another on the network's grid.",
                    got=f"{slab.logits.shape} from slice {slab.start}",
                    legal=f"{legal} from slice {seen}",
                )
            seen += depth
            logits = slab.logits.reshape(legal).swapaxes(0, 1)
            yield from (logits[start : start + step] for start in range(0, depth, step))

    def _label(
        self, block: Singles, first: int, made: tuple[int, int], pool: ThreadPoolExecutor
    ) -> None:
        """Label slices of the image, from one to another, by a block from network slice `first`."""
        planes = np.empty((len(block), *block.shape[2:]), dtype=np.int32)
        slow, middle, fast = self._axes
        outputs = list(enumerate(self._thresholds)) or [(ALL, 0.0)]
        for place, (output, threshold) in enumerate(outputs):
            target = self._inside[place]
            rule = (output, threshold, self._values)

            def plane(some: slice, rule: tuple[int, float, Labels] = rule) -> None:
                label_planes(block[some], rule[0], rule[1], planes[some])

            def fill(
                some: slice, rule: tuple[int, float, Labels] = rule, target: Labels = target
            ) -> None:
                places = (
                    (slow.low[some] - first, slow.share[some]),
                    (middle.low, middle.share),
                    (fast.low, fast.share),
                )
                shape = (some.stop - some.start, len(middle.low), len(fast.low))
                result = np.empty(shape, dtype=self._values.dtype)
                label_slices(block, planes, places, rule, result)
                target[some] = result

            list(pool.map(plane, _parts(0, len(block), self._threads)))
            list(pool.map(fill, _parts(*made, self._threads)))


def _parts(start: int, stop: int, count: int) -> list[slice]:
    """Cut a range into so many parts, without those that are empty."""
    ends = np.linspace(start, stop, count + 1).round().astype(int).tolist()
    return [slice(low, high) for low, high in pairwise(ends) if low < high]


def _inside(labels: Array, grid: GridMap) -> Array:
    """View the part of maps (K, *source) that lies on the network's grid, along its axes."""
    view = labels.transpose(0, *(axis + 1 for axis in grid.order))
    turns = (slice(None, None, -1 if is_reversed else 1) for is_reversed in grid.is_reversed)
    view = view[(slice(None), *turns)]
    view = view[(slice(None), *(slice(a.first, a.first + len(a.low)) for a in grid.axes))]
    for _ in range(SPACE - len(grid.order)):
        view = np.expand_dims(view, 2)
    return view


def _places(places: npt.NDArray[np.float64], length: int, *, is_nearest: bool) -> AxisPlaces:
    is_inside = (places >= -0.5 - SLACK) & (places <= length - 0.5 + SLACK)
    first = int(is_inside.argmax())
    inside = np.clip(places[is_inside], 0, length - 1)
    if is_nearest:
        # A place half-way goes to the later element, as in scipy; rounding must not decide that.
        low = np.minimum(np.floor(inside + 0.5 + SMALL), length - 1)
        return AxisPlaces(first, low.astype(np.int64), np.zeros(len(low), dtype=np.float32))
    low = np.floor(inside + SMALL)
    share = inside - low
    return AxisPlaces(
        first, low.astype(np.int64), np.where(share > SMALL, share, 0).astype(np.float32)
    )


def _check_parallel(steps: npt.NDArray[np.float64], order: Index, size: Index) -> None:
    astray = np.abs(steps) * np.array(size)[:, None]
    astray[list(order), range(len(order))] = 0
    if sorted(order) != list(range(len(order))) or astray.max() > SLACK:
        raise GeometryError(
            "The network's grid is turned against the image's.",
            got=f"steps of {np.round(steps, 3).tolist()} elements",
            legal="one axis along each axis",
        )
