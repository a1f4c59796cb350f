"""Texture matrices: which grey levels lie beside each other, in runs, in zones, among neighbours.

Definitions: IBSI reference manual (A. Zwanenburg et al., arXiv 1612.07003v11), sections 3.6 to
3.11, Chebyshev distance 1. Matrices of several directions are merged by adding them up, before
anything is computed from them (IBSI's "merged" aggregation).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanwright.classical.levels import Direction, LevelGrid, Levels, half_directions
from scanwright.image import Floats

Counts = npt.NDArray[np.int64]
"""How often something occurs; row i - 1 is grey level i."""


def cooccurrence(grid: LevelGrid, directions: Sequence[Direction] | None = None) -> Counts:
    """Count which levels are neighbours, both ways (section 3.6).

    Parameters
    ----------
    directions
        All 4 (2-D) or 13 (3-D) when not given.

    Returns
    -------
    Symmetric, shape (N_g, N_g).
    """
    size = grid.count + 1
    total = np.zeros(size * size, dtype=np.int64)
    for direction in _asked(grid, directions):
        step = grid.step(direction)
        pairs = grid.flat[:-step] * size + grid.flat[step:]
        total += np.bincount(pairs, minlength=size * size)
    matrix = total.reshape(size, size)[1:, 1:]
    return np.asarray(matrix + matrix.T)


def run_lengths(grid: LevelGrid, directions: Sequence[Direction] | None = None) -> Counts:
    """Count runs of equal levels by level and length (section 3.7).

    Returns
    -------
    Shape (N_g, longest run): column j - 1 holds runs of j elements.
    """
    levels, lengths = [], []
    for direction in _asked(grid, directions):
        line = _along(grid.flat, grid.step(direction))
        starts = np.flatnonzero(np.concatenate([[True], line[1:] != line[:-1]]))
        level = line[starts]
        length = np.diff(np.concatenate([starts, [len(line)]]))
        levels.append(level[level > 0])
        lengths.append(length[level > 0])
    return _tally(np.concatenate(levels), np.concatenate(lengths), grid.count)


def zone_sizes(levels: Levels, count: int | None = None) -> Counts:
    """Count zones of equal level, connected over edges and corners, by size (section 3.8).

    Parameters
    ----------
    levels
        Shape (*space), 0 outside.

    Returns
    -------
    Shape (N_g, largest zone): column j - 1 holds zones of j elements.
    """
    from skimage.measure import label

    zones = label(levels, background=0, connectivity=levels.ndim).ravel()
    sizes = np.bincount(zones)
    level_of = np.zeros(len(sizes), dtype=np.int64)
    level_of[zones] = levels.ravel()
    top = int(levels.max()) if count is None else count
    return _tally(level_of[1:], sizes[1:], top)


def tone_differences(grid: LevelGrid) -> tuple[Counts, Floats]:
    """Sum how far each level lies from the mean of its neighbours (section 3.10).

    Returns
    -------
    (number of elements n_i, sum of differences s_i), each shape (N_g,); elements without a
    neighbour inside the region do not count.
    """
    inside = grid.flat > 0
    neighbours = np.zeros(len(grid.flat), dtype=np.int64)
    total = np.zeros(len(grid.flat), dtype=np.int64)
    for step in _all_steps(grid):
        other = np.roll(grid.flat, -step)
        total += other
        neighbours += other > 0
    counted = inside & (neighbours > 0)
    level = grid.flat[counted]
    gap = np.abs(level - total[counted] / neighbours[counted])
    counts = np.bincount(level, minlength=grid.count + 1)[1:]
    sums: Floats = np.bincount(level, gap, minlength=grid.count + 1)[1:].astype(np.float64)
    return counts, sums


def dependences(grid: LevelGrid, coarseness: int = 0) -> Counts:
    """Count how many neighbours have a level within `coarseness` of their centre (section 3.11).

    Returns
    -------
    Shape (N_g, 9) in 2-D, (N_g, 27) in 3-D: column j - 1 holds centres of dependence j, which
    counts the centre itself.
    """
    inside = grid.flat > 0
    alike = np.ones(len(grid.flat), dtype=np.int64)
    for step in _all_steps(grid):
        other = np.roll(grid.flat, -step)
        alike += (other > 0) & (np.abs(other - grid.flat) <= coarseness)
    return _tally(grid.flat[inside], alike[inside], grid.count, 3 ** len(grid.strides))


def _asked(grid: LevelGrid, directions: Sequence[Direction] | None) -> Sequence[Direction]:
    return half_directions(len(grid.strides)) if directions is None else directions


def _all_steps(grid: LevelGrid) -> list[int]:
    half = [grid.step(direction) for direction in half_directions(len(grid.strides))]
    return half + [-step for step in half]


def _along(flat: Levels, step: int) -> Levels:
    """Reorder the elements so that neighbours `step` places apart stand side by side.

    What comes first and last in each chain lies in the border and is 0, so that chains stay apart.
    """
    length = -(-len(flat) // step) * step
    filled = np.zeros(length, dtype=flat.dtype)
    filled[: len(flat)] = flat
    return np.ascontiguousarray(filled.reshape(-1, step).T).ravel()


def _tally(levels: Levels, amounts: Levels, count: int, most: int | None = None) -> Counts:
    width = int(amounts.max(initial=1)) if most is None else most
    cells = (levels - 1) * width + amounts - 1
    return np.bincount(cells, minlength=count * width).reshape(count, width)
