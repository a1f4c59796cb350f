"""Compiled matching of grey levels: any change of brightness that keeps their order is undone."""

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled

Values = npt.NDArray[np.float32]

BINS = 512
"""Of the grey levels from 0 to 1."""
PARTS = 32
"""Equal shares of the pixels between which levels are mapped in straight lines."""


@compiled
def _shares(values: Values, mask: Values, out: Values) -> None:
    """Find the levels below which 0, 1/PARTS, ... all of the pixels inside lie."""
    counts = np.zeros(BINS, np.int64)
    total = 0
    for i in range(len(values)):
        if mask[i] > 0:
            place = int(values[i] * np.float32(BINS))
            counts[min(max(place, 0), BINS - 1)] += 1
            total += 1
    place, before = 0, 0
    for part in range(PARTS + 1):
        wanted = total * part / PARTS
        while place < BINS - 1 and (before + counts[place] < wanted or counts[place] == 0):
            before += counts[place]
            place += 1
        within = (wanted - before) / counts[place] if counts[place] else 0.0
        out[part] = (place + min(max(within, 0.0), 1.0)) / BINS


@compiled
def match_levels(moving: Values, fixed: Values, mask: Values) -> None:
    """Give pictures the grey levels of others, in place, by a mapping that keeps their order.

    Parameters
    ----------
    moving, fixed, mask
        Shape (C, N): grey levels of 0 to 1; 1 inside and 0 outside, where nothing is changed.
    """
    ours, theirs = np.empty(PARTS + 1, np.float32), np.empty(PARTS + 1, np.float32)
    table = np.empty(BINS + 1, np.float32)
    for pair in range(len(moving)):
        _shares(fixed[pair], mask[pair], ours)
        _shares(moving[pair], mask[pair], theirs)
        part = 0
        for place in range(BINS + 1):
            level = np.float32(place / BINS)
            while part < PARTS - 1 and theirs[part + 1] < level:
                part += 1
            width = theirs[part + 1] - theirs[part]
            share = (level - theirs[part]) / width if width > 0 else np.float32(0)
            share = min(max(share, np.float32(0)), np.float32(1))
            table[place] = ours[part] + share * (ours[part + 1] - ours[part])
        for i in range(moving.shape[1]):
            if mask[pair, i] > 0:
                level = min(max(moving[pair, i], np.float32(0)), np.float32(1)) * np.float32(BINS)
                place = min(int(level), BINS - 1)
                rest = level - np.float32(place)
                moving[pair, i] = table[place] + rest * (table[place + 1] - table[place])
