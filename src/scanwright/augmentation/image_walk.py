"""Compiled linear resampling of images along walks through them."""

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled
from scanwright.augmentation.ray import (
    NIL,
    ONE,
    UNIT,
    Frame,
    Ints,
    Maps,
    Point,
    Ray,
    Target,
    Values,
    along,
    begin_of,
    bent_place,
    find_spans,
    fold_all,
    is_far,
    is_plane,
    step_of,
)

Room = tuple[npt.NDArray[np.int32], Values, Values]
"""For a row of the output: cells in a plane, and how far below and right of their corners."""
Walk = tuple[Ray, Room]
Edge = tuple[int, int, int, int]
"""Where a row begins in a flat array, its first and last element but one that is meant, and the
rule for what lies outside."""


@compiled
def _walk_plane(values: Values, out: Values, frame: Frame, target: Target, walk: Walk) -> None:
    """Interpolate in one plane: first all places, which the compiler finds many at a time."""
    (begin, step), (cells, lows, rights) = walk
    width = np.uint64(frame[1][2])
    plane = np.uint64(frame[0]) + np.uint64(int(begin[0])) * np.uint64(frame[1][1]) * width
    for i in range(target[1], target[2]):
        t = np.float32(i)
        y, x = begin[1] + t * step[1], begin[2] + t * step[2]
        row, column = np.int32(y), np.int32(x)
        cells[i] = row * np.int32(width) + column
        lows[i], rights[i] = y - np.float32(row), x - np.float32(column)
    row_start = np.uint64(target[0])
    for i in range(np.uint64(target[1]), np.uint64(target[2])):
        a = plane + np.uint64(cells[i])
        b = a + width
        top = values[a] + (values[a + ONE] - values[a]) * rights[i]
        bottom = values[b] + (values[b + ONE] - values[b]) * rights[i]
        out[row_start + i] = top + (bottom - top) * lows[i]


@compiled
def _within(values: Values, frame: Frame, place: Point) -> np.float32:
    """Interpolate at a place all of whose eight neighbours exist."""
    z, y, x = place
    width = np.uint64(frame[1][2])
    area = np.uint64(frame[1][1]) * width
    layer, row, column = np.int32(z), np.int32(y), np.int32(x)
    z -= np.float32(layer)
    y -= np.float32(row)
    x -= np.float32(column)
    a = np.uint64(frame[0]) + np.uint64(layer) * area + np.uint64(row) * width + np.uint64(column)
    b, c = a + width, a + area
    d = c + width
    near_top = values[a] + (values[a + ONE] - values[a]) * x
    near_bottom = values[b] + (values[b + ONE] - values[b]) * x
    far_top = values[c] + (values[c + ONE] - values[c]) * x
    far_bottom = values[d] + (values[d + ONE] - values[d]) * x
    near = near_top + (near_bottom - near_top) * y
    result: np.float32 = near + (far_top + (far_bottom - far_top) * y - near) * z
    return result


@compiled
def _walk_volume(values: Values, out: Values, frame: Frame, target: Target, ray: Ray) -> None:
    begin, step = ray
    row_start = np.uint64(target[0])
    for i in range(np.uint64(target[1]), np.uint64(target[2])):
        t = np.float32(np.int64(i))
        place = (begin[0] + t * step[0], begin[1] + t * step[1], begin[2] + t * step[2])
        out[row_start + i] = _within(values, frame, place)


@compiled
def _at(values: Values, frame: Frame, place: Point, outside: int) -> np.float32:
    """Interpolate at any place, by the rule for what lies outside."""
    size = frame[1]
    place = fold_all(place, size, outside)
    if is_far(place, size):
        return NIL
    first = (int(np.floor(place[0])), int(np.floor(place[1])), int(np.floor(place[2])))
    total = NIL
    for corner in range(8):
        layer, row, column = (
            first[0] + (corner >> 2),
            first[1] + (corner >> 1 & 1),
            first[2] + (corner & 1),
        )
        if 0 <= layer < size[0] and 0 <= row < size[1] and 0 <= column < size[2]:
            weight = (
                (UNIT - abs(place[0] - np.float32(layer)))
                * (UNIT - abs(place[1] - np.float32(row)))
                * (UNIT - abs(place[2] - np.float32(column)))
            )
            if weight > 0:
                index = frame[0] + (layer * size[1] + row) * size[2] + column
                total += weight * values[np.uint64(index)]
    return total


@compiled
def _fill_edges(values: Values, out: Values, frame: Frame, edge: Edge, ray: Ray) -> None:
    start, first, last, outside = edge
    for i in range(first, last):
        out[np.uint64(start + i)] = _at(values, frame, along(ray, i), outside)


@compiled
def resample(images: Values, out: Values, rows: Ints, maps: Maps, outside: int) -> None:
    """Resample volumes linearly.

    Parameters
    ----------
    images, out
        Shapes (B, C, Z, Y, X), contiguous, of different sizes if wanted.
    rows
        Which of the batch.
    maps
        Shape (B, 3, 4): the element with index `i` of the output is read at
        `maps[:, :, :3] @ i + maps[:, :, 3]` of the input.
    outside
        One of BORDER, REFLECT and ZEROS.
    """
    channels = images.shape[1]
    size = (images.shape[2], images.shape[3], images.shape[4])
    depth, height, width = out.shape[2], out.shape[3], out.shape[4]
    values, results = images.reshape(-1), out.reshape(-1)
    spans = np.empty((height, 4), np.int64)
    room = (np.empty(width, np.int32), np.empty(width, np.float32), np.empty(width, np.float32))
    for row in rows:
        for plane in range(channels * depth):
            channel, z = divmod(plane, depth)
            find_spans(maps[row], size, (z, height, width, outside), spans)
            frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
            for y in range(height):
                ray = (begin_of(maps[row], z, y), step_of(maps[row]))
                start = ((row * channels * depth + plane) * height + y) * width
                near, first, last, end = spans[y]
                if is_plane(ray, size):
                    _walk_plane(values, results, frame, (start, first, last), (ray, room))
                else:
                    _walk_volume(values, results, frame, (start, first, last), ray)
                _fill_edges(values, results, frame, (start, near, first, outside), ray)
                _fill_edges(values, results, frame, (start, last, end, outside), ray)
                results[start : start + near] = NIL
                results[start + end : start + width] = NIL


@compiled
def resample_bent(
    images: Values, out: Values, row: int, places: tuple[Maps, Values], outside: int
) -> None:
    """Resample one row linearly where a field, shape (3, Z, Y, X), is added to its map."""
    where, offsets = places[0], places[1].reshape(-1)
    channels = images.shape[1]
    size = (images.shape[2], images.shape[3], images.shape[4])
    depth, height, width = out.shape[2], out.shape[3], out.shape[4]
    count = depth * height * width
    values, results = images.reshape(-1), out.reshape(-1)
    for line in range(depth * height):
        ray = (begin_of(where, line // height, line % height), step_of(where))
        for i in range(width):
            index = line * width + i
            z, y, x = bent_place(ray, (offsets, count), i, index)
            is_inside = 0 <= z < size[0] - 1 and 0 <= y < size[1] - 1 and 0 <= x < size[2] - 1
            for channel in range(channels):
                frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
                target = np.uint64((row * channels + channel) * count + index)
                if is_inside:
                    results[target] = _within(values, frame, (z, y, x))
                else:
                    results[target] = _at(values, frame, (z, y, x), outside)
