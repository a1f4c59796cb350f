"""Which window, network, batch and number of networks the memory and the time allow."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scanwright.nets import NetworkOptions, unet_topology
from scanwright.recipe.activations import training_bytes
from scanwright.recipe.grid import UNEQUAL, Grid

LARGEST = {2: 2048**2, 3: 256**3}
"""Elements of the window that the search begins with, by rank (nnU-Net)."""
MOST_ELEMENTS = {2: 640**2, 3: 1.25 * 128**3}
"""Larger windows show hardly more that matters, whatever the memory: nnU-Net's have 128³."""
SMALLEST = {2: 64, 3: 32}
"""Edge by rank that windows are not made smaller than, unless the images are."""
STEPS = ((64, 8), (160, 16), (math.inf, 32))
"""How much an edge is cut at once, by its length; stages of a U-Net divide what is left."""
MOST_MULTIPLE = 32
LEAST_EDGE = 16
"""Edge of the shortest window; shorter images are filled up to it."""
MEMORY_SHARE = 0.4
"""Part of the free memory that a step of training may fill."""
MOST_MEMORY = 8e9
"""More memory than this makes no window larger: nnU-Net's reference, in bytes."""
LEAST_BATCH = {2: 4, 3: 2}
"""In a plane four cost hardly more than two: half of a step goes into the weights."""
BATCH_SHARE = 0.05
"""A batch covers at most this part of all elements of the set (nnU-Net)."""
MOST_BATCH = {2: 16, 3: 12}
WELL_COVERED = 0.25
"""A window that covers this part of the median image sees enough of what is around it (nnU-Net)."""
LEAST_DIAMETER = 6.0
"""Elements that the smallest thing outlined keeps across, where the grid is made coarser."""
COARSENING = (1.25, 1.5, 2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Rung:
    """A network, and from how many windows on it is worth its time.

    Parameters
    ----------
    name, stem_stride
        Of the network.
    needed
        Windows in training from which on it is better than the next rung, where each shows a
        quarter of the image or more.
    reason
        In words.
    """

    name: str
    stem_stride: int | None
    needed: int
    reason: str


LADDER = (
    Rung("unet", None, 60_000, "nnU-Net's own: the time is enough for it"),
    Rung("unet_light", None, 5_000, "made for processors: in the time at hand it learns more"),
    Rung(
        "unet_light", 2, 3_000, "made for processors, at half the resolution inside: time is scarce"
    ),
)
ENOUGH = 150_000
"""Windows after which a network gains nothing more that is worth the time."""
EACH = 8_000
"""Windows that each network of several must have."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to train.

    Parameters
    ----------
    grid
        What windows are cut from.
    window
        Edges of a window.
    rung
        The network.
    is_makeshift
        Whether it is what is left where nothing better can be had.
    """

    grid: Grid
    window: tuple[int, ...]
    rung: Rung
    is_makeshift: bool = False

    def network(self, channels: int, outputs: int) -> NetworkOptions:
        """Return the options of the network."""
        options = NetworkOptions(
            rank=len(self.window),
            channels=channels,
            outputs=outputs,
            size=self.window,
            spacing_mm=self.grid.spacing_mm if self.grid.is_physical else None,
            stem_stride=self.rung.stem_stride,
            deep_supervision=True,
        )
        stem = self._stem()
        if len(set(stem)) == 1:
            return options
        # Not along thick slices: there the resolution is halved no further.
        size = tuple(math.ceil(edge / by) for edge, by in zip(self.window, stem, strict=True))
        spacing = tuple(step * by for step, by in zip(self.grid.spacing_mm, stem, strict=True))
        strides, kernels = unet_topology(size, spacing)
        stages = {"strides": (stem, *strides[1:]), "kernels": kernels, "stem_stride": None}
        return options.model_copy(update=stages)

    def _stem(self) -> tuple[int, ...]:
        """Return by how much the network reduces each axis at its entry."""
        reduction, finest = self.rung.stem_stride or 1, min(self.grid.spacing_mm)
        is_fine = (step < UNEQUAL * finest for step in self.grid.spacing_mm)
        return tuple(reduction if fine else 1 for fine in is_fine)

    @property
    def coverage(self) -> float:
        """Part of the median image that a window covers."""
        return min(1.0, math.prod(self.window) / math.prod(self.grid.size))

    @property
    def needed(self) -> int:
        """Windows from which on this is worth its time: more where each shows little.

        With the square root of what they show: neighbours look alike.
        """
        if self.is_makeshift:
            return self.rung.needed
        return round(self.rung.needed * math.sqrt(max(1.0, WELL_COVERED / self.coverage)))


def largest_window(grid: Grid) -> tuple[int, ...]:
    """Return the window that is as long in mm along each axis as the others, or all of the image.

    >>> largest_window(Grid("", (35, 50, 35), (1.0, 1.0, 1.0), True, None, ""))
    (40, 56, 40)
    """
    rank = len(grid.size)
    scale = (LARGEST.get(rank, 1 << 20) * math.prod(grid.spacing_mm)) ** (1 / rank)
    edges = (scale / step for step in grid.spacing_mm)
    clipped = tuple(
        max(LEAST_EDGE, min(round(edge), whole))
        for edge, whole in zip(edges, grid.size, strict=True)
    )
    return rounded(clipped, grid)


def rounded(window: tuple[int, ...], grid: Grid) -> tuple[int, ...]:
    """Return the window made larger until the stages of its U-Net divide it.

    Beyond 32, what is left over is filled up inside the network.
    """
    strides, _ = unet_topology(window, grid.spacing_mm)
    reduction = (math.prod(column) for column in zip(*strides, strict=True))
    multiples = [min(by, MOST_MULTIPLE) for by in reduction]
    return tuple(math.ceil(edge / by) * by for edge, by in zip(window, multiples, strict=True))


def shrunk(window: tuple[int, ...], grid: Grid) -> tuple[int, ...] | None:
    """Return the next smaller window, or None where it is as small as it may be.

    The axis is cut along which the window covers most of the image (nnU-Net), to the next multiple
    of a power of two.
    """
    least = SMALLEST.get(len(window), LEAST_EDGE)
    able = [axis for axis, edge in enumerate(window) if edge > least]
    if not able:
        return None
    axis = max(able, key=lambda one: window[one] / grid.size[one])
    edge = window[axis]
    step = next(step for limit, step in STEPS if edge <= limit)
    return (*window[:axis], (edge - 1) // step * step, *window[axis + 1 :])


def fitting_window(
    grid: Grid, rung: Rung, channels: int, outputs: int, memory_bytes: float
) -> tuple[int, ...]:
    """Return the largest window of which a small batch fits into the memory."""
    allowed = memory_allowed(memory_bytes)
    window = cut_to(largest_window(grid), MOST_ELEMENTS.get(len(grid.size), math.inf), grid)
    while True:
        options = Attempt(grid, window, rung).network(channels, outputs)
        needed = least_batch(grid) * training_bytes(rung.name, options)
        if needed <= allowed:
            return window
        # Memory grows with elements: cut as many at once as are too many.
        smaller = cut_to(window, math.prod(window) * allowed / needed, grid)
        if smaller == window:
            return window
        window = smaller


def least_batch(grid: Grid) -> int:
    """Return the smallest batch that is worth a step."""
    return LEAST_BATCH.get(len(grid.size), 2)


def memory_allowed(memory_bytes: float) -> float:
    """Return the bytes that a step of training may take."""
    return min(MOST_MEMORY, MEMORY_SHARE * memory_bytes)


def attempts(
    grid: Grid, channels: int, outputs: int, memory_bytes: float, smallest: float
) -> Iterator[Attempt]:
    """Give ways to train, the most demanding first.

    Networks from the largest to the lightest; then, where a window covers little of the image, the
    same on a coarser grid, as far as the smallest structure allows; then smaller windows.

    Parameters
    ----------
    smallest
        Elements that the smallest thing outlined has across.
    """
    for rung in LADDER:
        window = fitting_window(grid, rung, channels, outputs, memory_bytes)
        yield Attempt(grid, window, rung)
    lightest = LADDER[-1]
    smaller = [Attempt(grid, less, lightest) for less in _halvings(window, grid)]
    yield from (attempt for attempt in smaller if attempt.coverage >= WELL_COVERED)
    yield from _on_coarser_grids(Attempt(grid, window, lightest), smallest)
    for less in (window, *(attempt.window for attempt in smaller)):
        yield Attempt(grid, less, lightest, is_makeshift=True)


def choose_batch(
    window: tuple[int, ...],
    bytes_each: float,
    *,
    memory_bytes: float,
    elements: float,
    windows: float,
) -> int:
    """Return how many windows a step takes.

    Parameters
    ----------
    bytes_each
        Memory of one window in training.
    elements
        Of all training cases together.
    windows
        That the time allows in all.
    """
    by_memory = int(memory_allowed(memory_bytes) / bytes_each)
    by_share = int(BATCH_SHARE * elements / math.prod(window))
    # A short training needs steps more than it needs large batches.
    by_time = windows / 5_000
    most = MOST_BATCH.get(len(window), 16)
    least = LEAST_BATCH.get(len(window), 2)
    return int(max(least, min(by_memory, by_share, by_time, most)))


def cut_to(window: tuple[int, ...], elements: float, grid: Grid) -> tuple[int, ...]:
    """Return a window of so many elements at most, or the smallest allowed."""
    while math.prod(window) > elements:
        smaller = shrunk(window, grid)
        if smaller is None:
            return window
        window = smaller
    return window


def _on_coarser_grids(attempt: Attempt, smallest: float) -> Iterator[Attempt]:
    for factor in COARSENING:
        if smallest / factor < LEAST_DIAMETER:
            return
        grid = attempt.grid.coarser(factor)
        if grid == attempt.grid:
            continue
        window = tuple(
            min(edge, whole)
            for edge, whole in zip(attempt.window, largest_window(grid), strict=True)
        )
        for rung in LADDER[1:]:
            yield Attempt(grid, rounded(window, grid), rung)


def _halvings(window: tuple[int, ...], grid: Grid) -> Iterator[tuple[int, ...]]:
    """Give windows of half the elements of the one before."""
    while True:
        smaller = cut_to(window, math.prod(window) / 2, grid)
        if math.prod(smaller) > math.prod(window) / 2:
            return
        yield smaller
        window = smaller
