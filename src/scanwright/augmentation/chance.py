"""Random numbers that depend on a seed, a case and a purpose alone, not on what else is drawn."""

import math
import zlib
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.options import Spread

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chance:
    """Draws for a batch of cases.

    Each number is a function of seed, case, purpose and place, so that a case is drawn for alike
    in any batch, in any order and by any number of workers.

    Parameters
    ----------
    seed
        Fixes everything.
    cases
        Shape (B,): a number >= 0 per image that no other image of this seed has, for example
        epoch * cases + case.
    """

    seed: tuple[int, ...]
    cases: Ints
    _counters: npt.NDArray[np.uint64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_counters", np.asarray(self.cases).astype(np.uint64))

    def __len__(self) -> int:
        return len(self.cases)

    def uniform(self, purpose: str, *shape: int) -> Floats:
        """Return numbers in [0, 1), shape (B, *shape)."""
        from scanwright.augmentation.philox import uniforms

        count = self._counters.size
        numbers = np.empty((count, math.prod(shape)))
        uniforms(_key(self.seed), _stream(purpose), self._counters, numbers)
        return numbers.reshape(count, *shape)

    def between(self, purpose: str, span: tuple[float, float], *shape: int) -> Floats:
        """Return numbers drawn evenly from `span`, shape (B, *shape)."""
        low, high = span
        result: Floats = low + (high - low) * self.uniform(purpose, *shape)
        return result

    def happens(self, purpose: str, chance: float, *shape: int) -> Bools:
        """Return whether something of this probability happens, shape (B, *shape)."""
        if chance <= 0:
            return np.zeros((self._counters.size, *shape), dtype=np.bool_)
        return self.uniform(f"whether {purpose}", *shape) < chance

    def factor(
        self, purpose: str, span: tuple[float, float], spread: Spread, *shape: int
    ) -> Floats:
        """Return factors from `span`, shape (B, *shape)."""
        low, high = span
        if spread == "log":
            return np.exp(self.between(purpose, (np.log(low), np.log(high)), *shape))
        if spread == "inverse":
            return 1 / self.between(purpose, (1 / high, 1 / low), *shape)
        if spread == "halves":
            is_below = self.uniform(f"half of {purpose}", *shape) < 0.5 if low < 1 else False
            evenly = self.uniform(purpose, *shape)
            above = max(low, 1.0)
            below = low + (min(high, 1.0) - low) * evenly
            return np.where(is_below, below, above + (high - above) * evenly)
        return self.between(purpose, span, *shape)


@lru_cache(maxsize=64)
def _key(seed: tuple[int, ...]) -> npt.NDArray[np.uint64]:
    # numpy takes (0,) and (0, 0) for the same; with its length in front, each seed is its own.
    return np.random.SeedSequence((len(seed), *seed)).generate_state(2, np.uint64).astype(np.uint64)


@lru_cache(maxsize=256)
def _stream(purpose: str) -> np.uint64:
    return np.uint64(zlib.crc32(purpose.encode()))
