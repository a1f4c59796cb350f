"""Compiled resampling of label maps along walks through them: no label comes out that was not in.

Most cells of a map have one label at all corners, which is then the answer for any place in them.
"""

import numpy as np

from scanwright.augmentation.compiled import compiled
from scanwright.augmentation.ray import (
    HALF,
    NIL,
    ONE,
    UNIT,
    ZEROS,
    Frame,
    Ints,
    Labels,
    Maps,
    Point,
    Ray,
    Size,
    Target,
    Values,
    along,
    begin_of,
    bent_place,
    find_spans,
    fold_all,
    is_far,
    step_of,
)

NEAREST, MAJORITY = 0, 1
TIE = np.float32(1e-5)
"""Labels whose weights differ by less are equally heavy."""

Rule = tuple[int, int]
"""What lies outside, and NEAREST or MAJORITY."""
Eight = tuple[int, int, int, int, int, int, int, int]
"""Labels of the corners of a cell: the upper bits of a corner's number are its slower axes."""
EightWeights = tuple[
    np.float32, np.float32, np.float32, np.float32, np.float32, np.float32, np.float32, np.float32
]


@compiled
def _nearest(values: Labels, frame: Frame, place: Point) -> int:
    """Return the label of the element that holds a place; background where none does."""
    size = frame[1]
    layer, row, column = (
        int(np.floor(place[0] + HALF)),
        int(np.floor(place[1] + HALF)),
        int(np.floor(place[2] + HALF)),
    )
    if 0 <= layer < size[0] and 0 <= row < size[1] and 0 <= column < size[2]:
        return int(values[np.uint64(frame[0] + (layer * size[1] + row) * size[2] + column)])
    return 0


@compiled
def _corner(values: Labels, frame: Frame, first: Size, corner: int) -> int:
    """Return the label at one of the eight corners of a cell; background outside."""
    size = frame[1]
    layer, row, column = (
        first[0] + (corner >> 2),
        first[1] + (corner >> 1 & 1),
        first[2] + (corner & 1),
    )
    if 0 <= layer < size[0] and 0 <= row < size[1] and 0 <= column < size[2]:
        return int(values[np.uint64(frame[0] + (layer * size[1] + row) * size[2] + column)])
    return 0


@compiled
def _corners(values: Labels, frame: Frame, first: Size) -> Eight:
    """Return the labels at all corners of a cell."""
    return (
        _corner(values, frame, first, 0), _corner(values, frame, first, 1),
        _corner(values, frame, first, 2), _corner(values, frame, first, 3),
        _corner(values, frame, first, 4), _corner(values, frame, first, 5),
        _corner(values, frame, first, 6), _corner(values, frame, first, 7),
    )  # fmt: skip


@compiled
def _weight(labels: Eight, weights: EightWeights, label: int) -> np.float32:
    """Return the linear weight that a label has in a cell."""
    total = NIL
    for corner in range(8):
        if labels[corner] == label:
            total += weights[corner]
    return total


@compiled
def _majority(values: Labels, frame: Frame, place: Point) -> int:
    """Return the label with the greatest linear weight at a place; of equal ones the nearest."""
    low = (np.floor(place[0]), np.floor(place[1]), np.floor(place[2]))
    z, y, x = place[0] - low[0], place[1] - low[1], place[2] - low[2]
    best = _nearest(values, frame, place)
    if max(z, UNIT - z) * max(y, UNIT - y) * max(x, UNIT - x) >= HALF:
        return best  # nothing can weigh more than this one element
    labels = _corners(values, frame, (int(low[0]), int(low[1]), int(low[2])))
    upper, lower = (UNIT - z) * (UNIT - y), (UNIT - z) * y
    far_upper, far_lower = z * (UNIT - y), z * y
    weights = (
        upper * (UNIT - x), upper * x, lower * (UNIT - x), lower * x,
        far_upper * (UNIT - x), far_upper * x, far_lower * (UNIT - x), far_lower * x,
    )  # fmt: skip
    most = _weight(labels, weights, best)
    if most >= HALF - TIE:
        return best
    for corner in range(8):
        total = _weight(labels, weights, labels[corner])
        if total > most + TIE:
            most, best = total, labels[corner]
    return best


@compiled
def _label(values: Labels, frame: Frame, place: Point, rule: Rule) -> int:
    place = fold_all(place, frame[1], rule[0])
    if is_far(place, frame[1]):
        return 0
    if rule[1] == NEAREST:
        return _nearest(values, frame, place)
    return _majority(values, frame, place)


@compiled
def _walk_nearest(values: Labels, out: Labels, frame: Frame, target: Target, ray: Ray) -> None:
    begin, step = ray
    width = np.uint64(frame[1][2])
    area = np.uint64(frame[1][1]) * width
    origin, row_start = np.uint64(frame[0]), np.uint64(target[0])
    for i in range(np.uint64(target[1]), np.uint64(target[2])):
        t = np.float32(np.int64(i))
        layer = np.int32(begin[0] + t * step[0] + HALF)
        row = np.int32(begin[1] + t * step[1] + HALF)
        column = np.int32(begin[2] + t * step[2] + HALF)
        index = origin + np.uint64(layer) * area + np.uint64(row) * width + np.uint64(column)
        out[row_start + i] = values[index]


@compiled
def _mark_borders(values: Labels, frame: Frame, borders: Labels) -> None:
    """Mark, by anything but 0, the cells whose corners have more than one label.

    All elements in one run, since that is what the compiler does many at a time: marks of cells
    that would begin at the end of a row mean nothing. Cells of the last layer have four corners.
    """
    width = np.uint64(frame[1][2])
    area = np.uint64(frame[1][1]) * width
    count = np.uint64(frame[1][0]) * area
    origin, edge = np.uint64(frame[0]), width + ONE
    for i in range(count - area, count - min(edge, area)):
        k = origin + i
        label = values[k]
        borders[i] = (
            (label ^ values[k + ONE]) | (label ^ values[k + width]) | (label ^ values[k + edge])
        )
    if count < area + edge:
        return
    for i in range(count - area - edge):
        k = origin + i
        label = values[k]
        borders[i] = (
            (label ^ values[k + ONE])
            | (label ^ values[k + width])
            | (label ^ values[k + edge])
            | (label ^ values[k + area])
            | (label ^ values[k + area + ONE])
            | (label ^ values[k + area + width])
            | (label ^ values[k + area + edge])
        )


@compiled
def _walk_majority(
    values: Labels, out: Labels, borders: Labels, frame: Frame, target: Target, ray: Ray
) -> None:
    """Take the label of a cell, and ask further only where it has more than one."""
    begin, step = ray
    width = np.uint64(frame[1][2])
    area = np.uint64(frame[1][1]) * width
    origin, row_start = np.uint64(frame[0]), np.uint64(target[0])
    unsure = 0
    for i in range(np.uint64(target[1]), np.uint64(target[2])):
        t = np.float32(np.int64(i))
        layer = np.int32(begin[0] + t * step[0])
        row = np.int32(begin[1] + t * step[1])
        column = np.int32(begin[2] + t * step[2])
        cell = np.uint64(layer) * area + np.uint64(row) * width + np.uint64(column)
        out[row_start + i] = values[origin + cell]
        unsure |= borders[cell]
    if unsure == 0:
        return
    for i in range(np.uint64(target[1]), np.uint64(target[2])):
        z, y, x = along(ray, int(i))
        cell = np.uint64(np.int32(z)) * area + np.uint64(np.int32(y)) * width
        cell += np.uint64(np.int32(x))
        if borders[cell] != 0:
            out[row_start + i] = _majority(values, frame, (z, y, x))


@compiled
def _edge_label(values: Labels, borders: Labels, frame: Frame, place: Point, rule: Rule) -> int:
    """Return the label at a place near the edge, at once where the nearest cell has only one."""
    if rule[1] == NEAREST:
        return _label(values, frame, place, rule)
    size = frame[1]
    place = fold_all(place, size, rule[0])
    layer = min(max(int(np.floor(place[0])), 0), max(size[0] - 2, 0))
    row = min(max(int(np.floor(place[1])), 0), max(size[1] - 2, 0))
    column = min(max(int(np.floor(place[2])), 0), max(size[2] - 2, 0))
    cell = np.uint64((layer * size[1] + row) * size[2] + column)
    if borders[cell] == 0 and size[1] > 1 and size[2] > 1:
        label = int(values[np.uint64(frame[0]) + cell])
        if label == 0 or rule[0] != ZEROS:
            return label
    return _label(values, frame, place, rule)


@compiled
def relabel(labels: Labels, out: Labels, rows: Ints, maps: Maps, rule: Rule) -> None:
    """Resample label maps, as `resample` does images.

    Parameters
    ----------
    labels, out
        Shapes (B, M, Z, Y, X), integers, contiguous.
    rows, maps
        As for images.
    rule
        What lies outside (background for ZEROS), and NEAREST or MAJORITY.
    """
    channels = labels.shape[1]
    size = (labels.shape[2], labels.shape[3], labels.shape[4])
    depth, height, width = out.shape[2], out.shape[3], out.shape[4]
    values, results = labels.reshape(-1), out.reshape(-1)
    borders = np.empty(size[0] * size[1] * size[2], labels.dtype)
    spans = np.empty((height, 4), np.int64)
    for row in rows:
        for plane in range(channels * depth):
            channel, z = divmod(plane, depth)
            find_spans(maps[row], size, (z, height, width, rule[0]), spans)
            frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
            if rule[1] == MAJORITY and z == 0:
                _mark_borders(values, frame, borders)
            for y in range(height):
                ray = (begin_of(maps[row], z, y), step_of(maps[row]))
                start = ((row * channels * depth + plane) * height + y) * width
                near, first, last, end = spans[y]
                if rule[1] == NEAREST:
                    _walk_nearest(values, results, frame, (start, first, last), ray)
                else:
                    _walk_majority(values, results, borders, frame, (start, first, last), ray)
                for i in range(near, end - (last - first)):
                    t = i if i < first else i + (last - first)
                    label = _edge_label(values, borders, frame, along(ray, t), rule)
                    results[np.uint64(start + t)] = label
                results[start : start + near] = 0
                results[start + end : start + width] = 0


@compiled
def relabel_bent(
    labels: Labels, out: Labels, row: int, places: tuple[Maps, Values], rule: Rule
) -> None:
    """Resample the label maps of one row where a field, shape (3, Z, Y, X), is added to its map."""
    where, offsets = places[0], places[1].reshape(-1)
    channels = labels.shape[1]
    size = (labels.shape[2], labels.shape[3], labels.shape[4])
    depth, height, width = out.shape[2], out.shape[3], out.shape[4]
    count = depth * height * width
    values, results = labels.reshape(-1), out.reshape(-1)
    for line in range(depth * height):
        ray = (begin_of(where, line // height, line % height), step_of(where))
        for i in range(width):
            index = line * width + i
            place = bent_place(ray, (offsets, count), i, index)
            for channel in range(channels):
                frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
                target = np.uint64((row * channels + channel) * count + index)
                results[target] = _label(values, frame, place, rule)
