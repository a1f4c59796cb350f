"""Sets of boxes for tests: scattered ones, and several around each of some places."""

import numpy as np

from scanwright.boxes import Edges


def scattered(count: int, rank: int, seed: int, room: float = 60.0) -> Edges:
    """Return boxes of edges 1 to 20 anywhere in a room, shape (count, rank, 2)."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, room, (count, rank))
    return np.stack([low, low + rng.uniform(1, 20, (count, rank))], axis=2)


def gathered(count: int, rank: int, seed: int, places: int = 12) -> Edges:
    """Return boxes that are around few places, a little moved, shape (count, rank, 2)."""
    rng = np.random.default_rng(seed)
    boxes = scattered(places, rank, seed + 1000)[rng.integers(0, places, count)]
    return boxes + rng.normal(0, 0.7, (count, rank, 1))
