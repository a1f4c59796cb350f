"""Compiled sums along one axis of an array, and the vote of labels."""

import numpy as np

from scanwright.base import compiled
from scanwright.image import Array, Floats
from scanwright.transforms.bands import Table

Corner = tuple[int, int, int]

CHUNK = 512
"""Elements in a row that are summed at a time: all neighbours of a chunk fit the nearest cache."""
LINES = 64
"""Lines that are turned at a time, so that sums along the last axis run across them."""
TIE = 1e-6
"""Labels whose weights differ by less are equally heavy."""


@compiled
def along_rows(source: Array, table: Table, out: Array) -> None:
    """Weigh together along the middle axis.

    Parameters
    ----------
    source, out
        Shapes (N, old, M) and (N, new, M), contiguous, of one floating type.
    table
        One row for each new element.
    """
    first, count, weights, _ = table
    for begin in range(0, source.shape[2], CHUNK):
        end = min(begin + CHUNK, source.shape[2])
        for block in range(source.shape[0]):
            for new in range(out.shape[1]):
                row = out[block, new, begin:end]
                row[:] = 0
                low, taps, tap = first[new], count[new], 0
                while tap + 4 <= taps:  # four at a time: `row` is read and written less often
                    one = source[block, low + tap, begin:end]
                    two = source[block, low + tap + 1, begin:end]
                    three = source[block, low + tap + 2, begin:end]
                    four = source[block, low + tap + 3, begin:end]
                    w1, w2 = weights[new, tap], weights[new, tap + 1]
                    w3, w4 = weights[new, tap + 2], weights[new, tap + 3]
                    for place in range(row.size):
                        row[place] += (w1 * one[place] + w2 * two[place]) + (
                            w3 * three[place] + w4 * four[place]
                        )
                    tap += 4
                while tap < taps:
                    one = source[block, low + tap, begin:end]
                    w1 = weights[new, tap]
                    for place in range(row.size):
                        row[place] += w1 * one[place]
                    tap += 1


@compiled
def along_lines(source: Array, table: Table, out: Array) -> None:
    """Weigh together along the last axis.

    Parameters
    ----------
    source, out
        Shapes (N, old) and (N, new), contiguous, of one floating type.
    table
        One row for each new element.
    """
    lines, old = source.shape
    new = out.shape[1]
    turned = np.zeros((1, old, LINES), source.dtype)
    made = np.zeros((1, new, LINES), source.dtype)
    for begin in range(0, lines, LINES):
        width = min(LINES, lines - begin)
        for line in range(width):
            for place in range(old):
                turned[0, place, line] = source[begin + line, place]
        along_rows(turned, table, made)
        for line in range(width):
            for place in range(new):
                out[begin + line, place] = made[0, place, line]


@compiled
def vote(labels: Array, tables: tuple[Table, Table, Table], out: Array) -> None:
    """Give each new element the label that has most weight; of equals, that of its nearest element.

    Parameters
    ----------
    labels, out
        Shapes (Z, Y, X), contiguous, of one type.
    tables
        Weights along each axis; none below 0.
    """
    slow, middle, fast = tables
    most = slow[2].shape[1] * middle[2].shape[1] * fast[2].shape[1]
    seen = np.zeros(most, labels.dtype)
    shares = np.zeros(most, np.float64)
    for z in range(out.shape[0]):
        for y in range(out.shape[1]):
            for x in range(out.shape[2]):
                low = slow[0][z], middle[0][y], fast[0][x]
                high = low[0] + slow[1][z], low[1] + middle[1][y], low[2] + fast[1][x]
                own = labels[slow[3][z], middle[3][y], fast[3][x]]
                if _is_one_label(labels, low, high):
                    out[z, y, x] = own
                else:
                    weights = slow[2][z], middle[2][y], fast[2][x]
                    kinds = _weigh(labels, (low, high), weights, seen, shares)
                    out[z, y, x] = _heaviest(seen[:kinds], shares[:kinds], own)


@compiled
def _is_one_label(labels: Array, low: Corner, high: Corner) -> bool:
    label = labels[low]
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            for x in range(low[2], high[2]):
                if labels[z, y, x] != label:
                    return False
    return True


@compiled
def _weigh(
    labels: Array,
    box: tuple[Corner, Corner],
    weights: tuple[Array, Array, Array],
    seen: Array,
    shares: Floats,
) -> int:
    low, high = box
    kinds = 0
    for z in range(low[0], high[0]):
        for y in range(low[1], high[1]):
            plane = np.float64(weights[0][z - low[0]]) * weights[1][y - low[1]]
            for x in range(low[2], high[2]):
                label = labels[z, y, x]
                kind = 0
                while kind < kinds and seen[kind] != label:
                    kind += 1
                if kind == kinds:
                    seen[kind] = label
                    shares[kind] = 0
                    kinds += 1
                shares[kind] += plane * weights[2][x - low[2]]
    return kinds


@compiled
def _heaviest(seen: Array, shares: Floats, own: int) -> int:
    enough = shares.max() - TIE
    best = -1
    for kind in range(seen.size):
        if shares[kind] > enough:
            if seen[kind] == own:
                return own
            if best < 0 or seen[kind] < seen[best]:
                best = kind
    label: int = seen[best]
    return label
