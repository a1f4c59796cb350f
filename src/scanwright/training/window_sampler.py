"""Which windows make up which batch: a pure function of seed and step, so that a run can resume."""

import math
from dataclasses import dataclass, field

import numpy as np

from scanwright.data import StoredCase, WindowStore, values_of_codes
from scanwright.training.sampler import Rows

Index = tuple[int, ...]
"""One whole number per spatial axis."""


@dataclass(frozen=True, slots=True)
class Window:
    """A box of a prepared case.

    Parameters
    ----------
    case
        Name of the case.
    start
        First index along each axis; below 0 where the case is smaller than the window.
    """

    case: str
    start: Index


@dataclass(frozen=True, slots=True)
class WindowSampler:
    """Draws batches of windows, a share of them around an element of a label.

    Labels take turns, each as often as the others however rare it is, and so do the cases that
    hold one; for windows anywhere all cases take turns. A window lies inside its case where it
    can, and about its middle along axes where the case is smaller.

    Parameters
    ----------
    store
        Prepared cases.
    rows
        Places in `store.names` of cases that may be drawn, shape (N,).
    window
        Edges.
    batch
        Windows in each batch.
    seed
        Fixes everything.
    foreground
        Share of windows around a label's element; met by each batch within one window. None where
        no case holds any label.
    jitter
        By how much a window may lie off the middle of its element, as a share of half its edge.
    """

    store: WindowStore
    rows: Rows
    window: Index
    batch: int
    seed: tuple[int, ...]
    foreground: float
    jitter: float = 0.0
    _holders: list[tuple[int, Rows]] = field(init=False, compare=False, repr=False)
    _codes: list[list[int]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        scheme = self.store.scheme
        values = values_of_codes(scheme)
        codes = [[values.index(value) for value in group] for group in scheme.values]
        cases = [self._case(row) for row in self.rows.tolist()]
        holders = [
            (label, self.rows[[any(case.counts.get(code, 0) for code in own) for case in cases]])
            for label, own in enumerate(codes)
        ]
        object.__setattr__(self, "_codes", codes)
        object.__setattr__(self, "_holders", [pair for pair in holders if len(pair[1])])

    @property
    def steps_per_epoch(self) -> float:
        """Batches that hold as many elements as the cases do; at least a window of each."""
        whole = math.prod(self.window)
        windows = [max(1.0, math.prod(self._case(row).size) / whole) for row in self.rows.tolist()]
        return sum(windows) / self.batch

    def batch_at(self, step: int) -> list[Window]:
        """Return the windows of batch `step`, counted from 0."""
        before, after = self._around_before(step), self._around_before(step + 1)
        anywhere = step * self.batch - before
        return [
            *(self._anywhere(anywhere + one) for one in range(self.batch - (after - before))),
            *(self._around(one) for one in range(before, after)),
        ]

    def _around_before(self, step: int) -> int:
        """Return how many windows before a step lie around an element."""
        share = self.foreground if self._holders else 0.0
        return math.floor(step * self.batch * share + 1e-9)

    def _anywhere(self, number: int) -> Window:
        """Return the window `number` of those that may lie anywhere."""
        case = self._case(self._turn(self.rows, number, tag=6))
        rng = np.random.default_rng([*self.seed, 7, number])
        lows, highs = self._room(case)
        return Window(case.name, tuple(rng.integers(lows, highs, endpoint=True).tolist()))

    def _around(self, number: int) -> Window:
        """Return the window `number` of those around an element of a label."""
        turn = number // len(self._holders)
        which = self._turn(np.arange(len(self._holders)), number, tag=8)
        label, rows = self._holders[which]
        case = self._case(self._turn(rows, turn, tag=9, label=label))
        rng = np.random.default_rng([*self.seed, 10, number])
        counts = np.array([case.counts.get(code, 0) for code in self._codes[label]], dtype=float)
        code = int(rng.choice(self._codes[label], p=counts / counts.sum()))
        places = case.places(code)
        place = places[rng.integers(len(places))]
        lows, highs = self._room(case)
        start = place - np.array(self.window) // 2
        if self.jitter:
            most = self.jitter * np.array(self.window) / 2
            start = start + rng.uniform(-most, most).round().astype(np.int64)
        start = np.clip(start, lows, highs)
        return Window(case.name, tuple(start.tolist()))

    def _room(self, case: StoredCase) -> tuple[Index, Index]:
        """Return the lowest and highest start along each axis."""
        room = [edge - length for edge, length in zip(case.size, self.window, strict=True)]
        middle = [min(one // 2, 0) for one in room]
        return tuple(middle), tuple(max(*pair) for pair in zip(room, middle, strict=True))

    def _turn(self, of: Rows, number: int, *, tag: int, label: int = 0) -> int:
        """Return whose turn it is: all have theirs, in a new order each time."""
        turn, place = divmod(number, len(of))
        rng = np.random.default_rng([*self.seed, tag, label, turn])
        return int(rng.permutation(of)[place])

    def _case(self, row: int) -> StoredCase:
        return self.store.case(self.store.names[row])
