"""Compiled steps that lay small pictures over each other.

Pictures are volumes, (Z, Y, X); a plane or a line is a volume with edges of 1.
"""

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled

Values = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]
Axis = tuple[Places, Values, Values]
"""For each element of an axis: its first neighbour, the weight of the next, and whether (1 or 0)
it lies inside."""
Neighbour = tuple[int, np.float32]

LANES = 64
"""Sums are taken up in so many parts, always the same ones, so that the compiler can add many
elements at a time without choosing an order of its own."""
LARGEST_SCALE, LARGEST_SHIFT = np.float32(1.3), np.float32(0.25)
"""Beyond these two pictures share too little to be called the same."""
LARGEST_STEP = np.float32(0.1)
TINY = 1e-6
NIL, HALF, UNIT = np.float32(0), np.float32(0.5), np.float32(1)


@compiled
def dot(first: Values, second: Values) -> np.float64:
    """Return the sum of the products of two lines."""
    lanes = np.zeros(LANES, np.float32)
    whole = len(first) - len(first) % LANES
    for i in range(0, whole, LANES):
        for lane in range(LANES):
            lanes[lane] += first[i + lane] * second[i + lane]
    total = np.float64(0)
    for lane in range(LANES):
        total += lanes[lane]
    for i in range(whole, len(first)):
        total += first[i] * second[i]
    return total


@compiled
def _look_along(axis: Axis, scale: np.float32, shift: np.float32) -> int:
    """Find where the elements of an axis are read; return how many lie inside."""
    firsts, weights, mask = axis
    edge = len(firsts)
    half = np.float32(edge) * HALF
    inside = 0
    for i in range(edge):
        place = (np.float32(i) + HALF) / half - UNIT
        element = (scale * place + shift + UNIT) * half - HALF
        is_inside = -HALF <= element <= np.float32(edge) - HALF
        element = min(max(element, NIL), np.float32(edge - 1))
        firsts[i] = min(int(element), max(edge - 2, 0))
        weights[i] = element - np.float32(firsts[i])
        mask[i] = UNIT if is_inside else NIL
        inside += 1 if is_inside else 0
    return inside


@compiled
def _blend(moving: Values, layer: Neighbour, row: Neighbour, line: Values) -> None:
    """Interpolate a line between its two or four neighbours."""
    z, deep = layer
    y, low = row
    for x in range(len(line)):
        line[x] = moving[z, y, x]
    if low > 0:
        for x in range(len(line)):
            line[x] += low * (moving[z, y + 1, x] - line[x])
    if deep > 0:
        for x in range(len(line)):
            far = moving[z + 1, y, x]
            if low > 0:
                far += low * (moving[z + 1, y + 1, x] - far)
            line[x] += deep * (far - line[x])


@compiled
def warp(moving: Values, scale: Values, shift: Values, out: tuple[Values, Values]) -> int:
    """Read a picture where the elements of the other one lie on it.

    Parameters
    ----------
    moving
        Shape (Z, Y, X).
    scale, shift
        Shape (3,); see `Overlay`.
    out
        What is read, 0 outside, and 1 inside and 0 outside; of the same shape.

    Returns
    -------
    How many elements lie inside.
    """
    depth, height, width = moving.shape
    layers = (np.empty(depth, np.intp), np.empty(depth, np.float32), np.empty(depth, np.float32))
    rows = (np.empty(height, np.intp), np.empty(height, np.float32), np.empty(height, np.float32))
    columns = (np.empty(width, np.intp), np.empty(width, np.float32), np.empty(width, np.float32))
    count = _look_along(layers, scale[0], shift[0])
    count *= _look_along(rows, scale[1], shift[1])
    count *= _look_along(columns, scale[2], shift[2])
    line = np.empty(width + 1, np.float32)
    line[width] = NIL
    firsts, weights, inside = columns
    for z in range(depth):
        for y in range(height):
            seen, mask = out[0][z, y], out[1][z, y]
            here = layers[2][z] * rows[2][y]
            _blend(moving, (layers[0][z], layers[1][z]), (rows[0][y], rows[1][y]), line[:width])
            for x in range(width):
                first = firsts[x]
                value = line[first] + weights[x] * (line[first + 1] - line[first])
                mask[x] = here * inside[x]
                seen[x] = value * mask[x]
    return count


@compiled
def warp_all(moving: Values, overlays: tuple[Values, Values], out: tuple[Values, Values]) -> None:
    """Do so for pairs of pictures, shape (C, Z, Y, X), and overlays, (C, 3)."""
    for pair in range(len(moving)):
        warp(moving[pair], overlays[0][pair], overlays[1][pair], (out[0][pair], out[1][pair]))


@compiled
def _likeness(fixed: Values, seen: Values, count: int) -> float:
    """Return the correlation of two lines of `count` elements that count; the others are 0."""
    ones = np.ones(len(fixed), np.float32)
    ours, theirs = dot(fixed, ones) / max(count, 1), dot(seen, ones) / max(count, 1)
    both = dot(fixed, seen) - count * ours * theirs
    squares = (dot(fixed, fixed) - count * ours * ours) * (dot(seen, seen) - count * theirs**2)
    return float(both / np.sqrt(max(squares, TINY * TINY)))


@compiled
def _step(scale: Values, shift: Values, change: Values) -> None:
    """Undo a step of the fixed picture in the overlay; axes of one element stay."""
    rank = len(change) // 2
    for number in range(rank):
        axis = 3 - rank + number
        stretch = min(max(change[number], -LARGEST_STEP), LARGEST_STEP)
        push = min(max(change[rank + number], -LARGEST_STEP), LARGEST_STEP)
        moved = shift[axis] - scale[axis] * push
        grown = scale[axis] / (UNIT + stretch)
        scale[axis] = min(max(grown, UNIT / LARGEST_SCALE), LARGEST_SCALE)
        shift[axis] = min(max(moved, -LARGEST_SHIFT), LARGEST_SHIFT)


@compiled
def lay_over(
    pictures: tuple[Values, Values],
    places: tuple[Places, Places],
    descents: Values,
    overlays: tuple[Values, Values],
    least: Values,
) -> Values:
    """Refine how pairs of pictures lie on each other, and give up those that stay unlike.

    Parameters
    ----------
    pictures
        Those that stay, shape (U, Z, Y, X), and those that are moved, (N, Z, Y, X).
    places
        Which of each make a pair, shape (C,).
    descents
        Shape (U, 2 D, Z * Y * X): what turns a difference into a step, for the last D axes.
    overlays
        Scale and shift, shape (C, 3); changed in place.
    least
        Shape (S + 1,): for S steps, the correlation that must be reached before each step and at
        the end.

    Returns
    -------
    The last correlation of each pair, shape (C,).
    """
    shape = pictures[0].shape[1:]
    found = np.empty(len(places[0]), np.float32)
    seen, mask = np.empty(shape, np.float32), np.empty(shape, np.float32)
    held = np.empty(mask.size, np.float32)
    change = np.empty(descents.shape[1], np.float32)
    steps = len(least) - 1
    for pair in range(len(found)):
        ours = places[0][pair]
        fixed, descent = pictures[0][ours].reshape(-1), descents[ours]
        length = np.sqrt(dot(fixed, fixed))
        scale, shift = overlays[0][pair], overlays[1][pair]
        for step in range(steps + 1):
            count = warp(pictures[1][places[1][pair]], scale, shift, (seen, mask))
            flat, inside = seen.reshape(-1), mask.reshape(-1)
            for i in range(len(held)):
                held[i] = fixed[i] * inside[i]
            found[pair] = _likeness(held, flat, count)
            if found[pair] < least[step] or step == steps:
                break
            gain = np.float32(length / max(np.sqrt(dot(flat, flat)), TINY))
            for i in range(len(held)):
                held[i] = flat[i] * gain - held[i]
            for number in range(len(change)):
                change[number] = dot(descent[number], held)
            _step(scale, shift, change)
    return found
