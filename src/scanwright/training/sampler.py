"""Which cases make up which batch: a pure function of seed and step, so that a run can resume."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
"""Row numbers of a store."""


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws batches of row numbers.

    Every epoch visits each row once in a new order; the last batch of an epoch is filled from the
    next one, so that all batches are of equal size. With `weights`, rows are drawn with
    replacement in proportion to them, and an epoch is as long as without.

    Parameters
    ----------
    rows
        Rows that may be drawn, shape (N,).
    batch
        Rows per batch; at most N rows are drawn when there are fewer.
    seed
        Fixes all orders.
    weights
        Chance of each row, shape (N,), or None.
    """

    rows: Rows
    batch: int
    seed: tuple[int, ...]
    weights: npt.NDArray[np.float64] | None = None
    _orders: dict[int, Rows] = field(default_factory=dict, compare=False, repr=False)

    @property
    def size(self) -> int:
        """Rows in each batch."""
        return min(self.batch, len(self.rows))

    @property
    def steps_per_epoch(self) -> float:
        """Batches in which every row is visited once."""
        return len(self.rows) / self.size

    def batch_at(self, step: int) -> Rows:
        """Return the rows of batch `step`, counted from 0."""
        if self.weights is not None:
            rng = np.random.default_rng([*self.seed, 1, step])
            chances = self.weights / self.weights.sum()
            return rng.choice(self.rows, size=self.size, p=chances)
        first = step * self.size
        epoch, offset = divmod(first, len(self.rows))
        order = self._order(epoch)[offset : offset + self.size]
        missing = self.size - len(order)
        if missing:
            order = np.concatenate([order, self._order(epoch + 1)[:missing]])
        return order

    def _order(self, epoch: int) -> Rows:
        if epoch not in self._orders:
            # Two epochs at most are in use at once.
            for old in [known for known in self._orders if known < epoch - 1]:
                del self._orders[old]
            rng = np.random.default_rng([*self.seed, 0, epoch])
            self._orders[epoch] = rng.permutation(self.rows)
        return self._orders[epoch]
