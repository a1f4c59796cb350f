"""Batches that hold every class in its share: a pure function of seed and step."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.image import Floats
from scanwright.training.sampler import Rows

GOLDEN_RATIO = (5**0.5 - 1) / 2
"""Step from batch to batch of what decides where quotas are rounded up: it fills evenly."""
BLOCK = 1024
"""Batches counted ahead at once."""

Counts = npt.NDArray[np.int64]
"""Cases of each class."""


@dataclass(frozen=True, slots=True)
class StratifiedSampler:
    """Draws batches of row numbers with a fixed share of each class.

    A class has its quota, batch · share, rounded up in some batches and down in the others; where
    there are no more classes than places in a batch, every batch holds each at least once. Inside
    a class every row is visited once before any is visited again.

    Parameters
    ----------
    rows
        Rows that may be drawn, shape (N,).
    batch
        Rows per batch; at most N are drawn when there are fewer.
    seed
        Fixes all orders.
    classes
        Class of each row, shape (N,).
    power
        Shares are those of the rows to the power 1 - `power`: 0 keeps them, 1 makes them equal.
    """

    rows: Rows
    batch: int
    seed: tuple[int, ...]
    classes: Counts
    power: float = 0.0
    _members: list[Rows] = field(init=False, compare=False, repr=False)
    _quotas: Floats = field(init=False, compare=False, repr=False)
    _taken: list[Counts] = field(init=False, compare=False, repr=False)
    _orders: dict[tuple[int, int], Rows] = field(
        init=False, compare=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        members = [self.rows[self.classes == one] for one in np.unique(self.classes).tolist()]
        sizes = np.array([len(one) for one in members], dtype=np.float64)
        object.__setattr__(self, "_members", members)
        object.__setattr__(self, "_quotas", quotas(sizes, self.size, self.power))
        object.__setattr__(self, "_taken", [np.zeros((1, len(members)), dtype=np.int64)])

    @property
    def size(self) -> int:
        """Rows in each batch."""
        return min(self.batch, len(self.rows))

    @property
    def steps_per_epoch(self) -> float:
        """Batches of as many rows as there are."""
        return len(self.rows) / self.size

    def batch_at(self, step: int) -> Rows:
        """Return the rows of batch `step`, counted from 0."""
        before, after = self._taken_until(step), self._taken_until(step + 1)
        parts = [
            self._stream(one, int(first), int(end))
            for one, (first, end) in enumerate(zip(before, after, strict=True))
        ]
        rng = np.random.default_rng([*self.seed, 3, step])
        return rng.permutation(np.concatenate(parts))

    def _taken_until(self, step: int) -> Counts:
        """Return how many of each class the batches before `step` took."""
        while step >= BLOCK * (len(self._taken) - 1) + len(self._taken[-1]):
            first = BLOCK * (len(self._taken) - 1)
            counts = self._counts(first, BLOCK)
            start = self._taken[-1][0]
            whole = np.concatenate([start[None], start + np.cumsum(counts, axis=0)])
            self._taken[-1] = whole[:-1]
            self._taken.append(whole[-1:])
        block, place = divmod(step, BLOCK)
        row: Counts = self._taken[block][place]
        return row

    def _counts(self, first: int, steps: int) -> Counts:
        """Return how many of each class the batches from `first` on hold, shape (steps, K).

        Systematic sampling: the fractions of the quotas lie end to end on a line, and a class is
        rounded up where a point, at an offset of the batch's own plus a whole number, falls on it.
        """
        whole = np.floor(self._quotas + 1e-9)
        ends = np.round(np.cumsum(self._quotas - whole), 9)
        offsets = ((np.arange(first, first + steps) + 0.5) * GOLDEN_RATIO % 1)[:, None]
        marks = np.floor(np.concatenate([[0.0], ends])[None] - offsets)
        counts: Counts = (whole + np.diff(marks, axis=1)).astype(np.int64)
        return counts

    def _stream(self, one: int, first: int, end: int) -> Rows:
        """Return rows `first` to `end` of a class's endless stream of orders."""
        size = len(self._members[one])
        parts = []
        while first < end:
            order, offset = divmod(first, size)
            part = self._order(one, order)[offset : offset + end - first]
            parts.append(part)
            first += len(part)
        return np.concatenate(parts) if parts else self._members[one][:0]

    def _order(self, one: int, number: int) -> Rows:
        if (one, number) not in self._orders:
            for old in [key for key in self._orders if key[0] == one and key[1] < number - 1]:
                del self._orders[old]
            rng = np.random.default_rng([*self.seed, 4, one, number])
            self._orders[one, number] = rng.permutation(self._members[one])
        return self._orders[one, number]


def quotas(sizes: Floats, batch: int, power: float) -> Floats:
    """Return how many of each class a batch holds on average, shape (K,).

    Parameters
    ----------
    sizes
        Cases of each class, all above 0.
    power
        0 keeps their shares, 1 makes them equal.

    Notes
    -----
    A class that would have less than one place gets one, if there are places for all; the others
    share the rest.
    """
    weights = sizes ** (1 - power)
    found: Floats = batch * weights / weights.sum()
    if len(sizes) > batch:
        return found
    few = np.zeros(len(sizes), dtype=bool)
    while True:
        more = ~few & (found < 1 - 1e-9)
        if not more.any():
            return found
        few |= more
        rest = batch - few.sum()
        found = np.where(few, 1.0, rest * weights / weights[~few].sum() if rest else 1.0)


def thin(classes: Counts, ratio: float, seed: tuple[int, ...]) -> Rows:
    """Return the places of cases kept so that no class has over `ratio` times the rarest's.

    Parameters
    ----------
    classes
        Class of each case, shape (N,).

    Returns
    -------
    Places, rising; every class keeps one case at least.
    """
    rng = np.random.default_rng([*seed, 5])
    present = np.unique(classes).tolist()
    places = [np.flatnonzero(classes == one) for one in present]
    most = max(int(ratio * min(len(part) for part in places)), 1)
    kept = [part if len(part) <= most else rng.permutation(part)[:most] for part in places]
    found: Rows = np.sort(np.concatenate(kept))
    return found
