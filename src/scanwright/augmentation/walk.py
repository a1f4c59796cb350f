"""Compiled resampling of volumes along straight lines of the input; a plane is a volume of one.

An output row is a straight walk through the input: where it enters and leaves the inside is known
beforehand, so that its long middle part needs no question about borders. Arrays are taken flat and
indices unsigned, which halves the time of compiling and of running: no views are made, and no
negative indices are thought of.
"""

import math

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled

Values = npt.NDArray[np.float32]
Labels = npt.NDArray[np.integer]
Maps = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Point = tuple[np.float32, np.float32, np.float32]
Size = tuple[int, int, int]
Frame = tuple[int, Size]
"""Where a volume begins in a flat array, and its size."""
Span = tuple[int, int]
Limits = tuple[np.float32, np.float32]
Ray = tuple[Point, Point]
"""Where a walk begins, and its step."""
Target = tuple[int, int, int]
"""Where a row begins in a flat array, and its first and last element but one that is meant."""

BORDER, REFLECT, ZEROS = 0, 1, 2
NEAREST, MAJORITY = 0, 1
MARGIN = np.float32(1e-3)
"""Walks stop being called inside so many elements before they leave it, for rounding's sake."""
NIL, HALF, UNIT = np.float32(0), np.float32(0.5), np.float32(1)
ONE = np.uint64(1)
TIE = np.float32(1e-5)
"""Labels whose weights differ by less are equally heavy."""


@compiled
def copy_window(images: Values | Labels, out: Values | Labels, rows: Ints, starts: Ints) -> None:
    """Copy the windows of images that are only cut and mirrored.

    Parameters
    ----------
    images, out
        Shapes (B, C, Z, Y, X), contiguous, of one type.
    rows
        Which of the batch.
    starts
        Shape (B, 3, 2): along each axis where the first element is read, and the step, 1 or -1.
    """
    channels, depth, height, width = out.shape[1], out.shape[2], out.shape[3], out.shape[4]
    values, results = images.reshape(-1), out.reshape(-1)
    for row in rows:
        first, step = starts[row, 2, 0], starts[row, 2, 1]
        for line in range(channels * depth * height):
            channel, rest = divmod(line, depth * height)
            z = starts[row, 0, 0] + starts[row, 0, 1] * (rest // height)
            y = starts[row, 1, 0] + starts[row, 1, 1] * (rest % height)
            source = ((row * channels + channel) * images.shape[2] + z) * images.shape[3] + y
            begin = np.uint64(source * images.shape[4] + first)
            target = np.uint64((row * channels * depth * height + line) * width)
            if step > 0:
                for i in range(np.uint64(width)):
                    results[target + i] = values[begin + i]
            else:
                for i in range(np.uint64(width)):
                    results[target + i] = values[begin - i]


@compiled
def _span(place: np.float32, step: np.float32, limits: Limits, first: int, last: int) -> Span:
    """Return which part of the steps [first, last) stays between two limits."""
    low, high = limits
    if step == 0:
        return (first, last) if low <= place < high else (first, first)
    enter, leave = (low + MARGIN - place) / step, (high - MARGIN - place) / step
    if enter > leave:
        enter, leave = leave, enter
    begin = max(first, math.ceil(min(max(enter, -UNIT), np.float32(last + 1))))
    end = min(last, math.floor(min(max(leave, -UNIT), np.float32(last + 1))) + 1)
    return begin, max(begin, end)


@compiled
def _inside(ray: Ray, size: Size, length: int) -> Span:
    """Return the steps all of whose neighbours exist."""
    begin, step = ray
    first, last = _span(begin[1], step[1], (NIL, np.float32(size[1] - 1)), 0, length)
    first, last = _span(begin[2], step[2], (NIL, np.float32(size[2] - 1)), first, last)
    if _is_plane(ray, size):
        return first, last
    return _span(begin[0], step[0], (NIL, np.float32(size[0] - 1)), first, last)


@compiled
def _is_plane(ray: Ray, size: Size) -> bool:
    """Whether a walk keeps to one plane of the input."""
    place = ray[0][0]
    return bool(ray[1][0] == 0 and place == np.floor(place) and 0 <= place < size[0])


@compiled
def _near(ray: Ray, size: Size, length: int, outside: int) -> Span:
    """Return the steps that are not surely far outside, where that is a value known beforehand."""
    first, last = 0, length
    if outside == ZEROS:
        for axis in range(3):
            limits = (-UNIT - 2 * MARGIN, np.float32(size[axis]) + 2 * MARGIN)
            first, last = _span(ray[0][axis], ray[1][axis], limits, first, last)
    return first, last


@compiled
def _begin(where: Maps, z: int, y: int) -> Point:
    """Return where the walk of an output row begins in the input."""
    return (
        np.float32(where[0, 0] * z + where[0, 1] * y + where[0, 3]),
        np.float32(where[1, 0] * z + where[1, 1] * y + where[1, 3]),
        np.float32(where[2, 0] * z + where[2, 1] * y + where[2, 3]),
    )


@compiled
def _walk_plane(values: Values, out: Values, frame: Frame, target: Target, ray: Ray) -> None:
    begin, step = ray
    width = np.uint64(frame[1][2])
    origin = np.uint64(frame[0]) + np.uint64(int(begin[0])) * np.uint64(frame[1][1]) * width
    row_start = np.uint64(target[0])
    for i in range(np.uint64(target[1]), np.uint64(target[2])):
        t = np.float32(np.int64(i))
        y, x = begin[1] + t * step[1], begin[2] + t * step[2]
        row, column = np.int32(y), np.int32(x)
        y -= np.float32(row)
        x -= np.float32(column)
        a = origin + np.uint64(row) * width + np.uint64(column)
        b = a + width
        top = values[a] + (values[a + ONE] - values[a]) * x
        bottom = values[b] + (values[b + ONE] - values[b]) * x
        out[row_start + i] = top + (bottom - top) * y


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
def _along(ray: Ray, i: int) -> Point:
    begin, step = ray
    t = np.float32(i)
    return begin[0] + t * step[0], begin[1] + t * step[1], begin[2] + t * step[2]


@compiled
def _fold(place: np.float32, length: int, outside: int) -> np.float32:
    """Bring a place back into the image by the rule for what lies outside."""
    if outside == REFLECT:  # about the outer edges of the first and last element
        place = abs(place + HALF)
        place -= np.floor(place / np.float32(2 * length)) * np.float32(2 * length)
        place = min(place, np.float32(2 * length) - place) - HALF
    if outside != ZEROS:
        place = min(max(place, NIL), np.float32(length - 1))
    return place


@compiled
def _fold_all(place: Point, size: Size, outside: int) -> Point:
    return (
        _fold(place[0], size[0], outside),
        _fold(place[1], size[1], outside),
        _fold(place[2], size[2], outside),
    )


@compiled
def _is_far(place: Point, size: Size) -> bool:
    """Whether no element of the image lies within one of a place."""
    z, y, x = place
    is_before = z <= -1 or y <= -1 or x <= -1
    return bool(is_before or z >= size[0] or y >= size[1] or x >= size[2])


@compiled
def _at(values: Values, frame: Frame, place: Point, outside: int) -> np.float32:
    """Interpolate at any place, by the rule for what lies outside."""
    size = frame[1]
    place = _fold_all(place, size, outside)
    if _is_far(place, size):
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
    for row in rows:
        where = maps[row]
        step = (np.float32(where[0, 2]), np.float32(where[1, 2]), np.float32(where[2, 2]))
        for line in range(channels * depth * height):
            channel, rest = divmod(line, depth * height)
            ray = (_begin(where, rest // height, rest % height), step)
            first, last = _inside(ray, size, width)
            frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
            start = (row * channels * depth * height + line) * width
            if _is_plane(ray, size):
                _walk_plane(values, results, frame, (start, first, last), ray)
            else:
                _walk_volume(values, results, frame, (start, first, last), ray)
            near, end = _near(ray, size, width, outside)
            for i in range(near, end - (last - first)):
                t = i if i < first else i + (last - first)
                place = _along(ray, t)
                results[np.uint64(start + t)] = _at(values, frame, place, outside)
            for i in range(near + width - end):
                results[np.uint64(start + (i if i < near else i - near + end))] = NIL


@compiled
def resample_bent(
    images: Values, out: Values, row: int, places: tuple[Maps, Values], outside: int
) -> None:
    """Resample one row linearly where a field, shape (3, Z, Y, X), is added to its map."""
    where, field = places
    channels = images.shape[1]
    size = (images.shape[2], images.shape[3], images.shape[4])
    depth, height, width = out.shape[2], out.shape[3], out.shape[4]
    count = depth * height * width
    values, results, offsets = images.reshape(-1), out.reshape(-1), field.reshape(-1)
    for line in range(depth * height):
        begin = _begin(where, line // height, line % height)
        for i in range(width):
            index = line * width + i
            z = begin[0] + np.float32(where[0, 2]) * np.float32(i) + offsets[np.uint64(index)]
            y = (
                begin[1]
                + np.float32(where[1, 2]) * np.float32(i)
                + offsets[np.uint64(count + index)]
            )
            x = (
                begin[2]
                + np.float32(where[2, 2]) * np.float32(i)
                + offsets[np.uint64(2 * count + index)]
            )
            is_inside = 0 <= z < size[0] - 1 and 0 <= y < size[1] - 1 and 0 <= x < size[2] - 1
            for channel in range(channels):
                frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
                target = np.uint64((row * channels + channel) * count + index)
                if is_inside:
                    results[target] = _within(values, frame, (z, y, x))
                else:
                    results[target] = _at(values, frame, (z, y, x), outside)


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
def _weight(values: Labels, frame: Frame, first: Size, rest: Point, label: int) -> np.float32:
    """Return the linear weight that a label has in a cell."""
    total = NIL
    for corner in range(8):
        if _corner(values, frame, first, corner) == label:
            weight = rest[0] if corner >> 2 else UNIT - rest[0]
            weight *= rest[1] if corner >> 1 & 1 else UNIT - rest[1]
            total += weight * (rest[2] if corner & 1 else UNIT - rest[2])
    return total


@compiled
def _majority(values: Labels, frame: Frame, place: Point) -> int:
    """Return the label with the greatest linear weight at a place; of equal ones the nearest."""
    low = (np.floor(place[0]), np.floor(place[1]), np.floor(place[2]))
    z, y, x = place[0] - low[0], place[1] - low[1], place[2] - low[2]
    best = _nearest(values, frame, place)
    if max(z, UNIT - z) * max(y, UNIT - y) * max(x, UNIT - x) >= HALF:
        return best  # nothing can weigh more than this one element
    first = (int(low[0]), int(low[1]), int(low[2]))
    most = _weight(values, frame, first, (z, y, x), best)
    if most >= HALF - TIE:
        return best
    for corner in range(8):
        label = _corner(values, frame, first, corner)
        total = _weight(values, frame, first, (z, y, x), label)
        if total > most + TIE:
            most, best = total, label
    return best


@compiled
def _label(values: Labels, frame: Frame, place: Point, rule: tuple[int, int]) -> int:
    place = _fold_all(place, frame[1], rule[0])
    if _is_far(place, frame[1]):
        return 0
    return _nearest(values, frame, place) if rule[1] == NEAREST else _majority(values, frame, place)


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
        z, y, x = _along(ray, int(i))
        cell = np.uint64(np.int32(z)) * area + np.uint64(np.int32(y)) * width
        cell += np.uint64(np.int32(x))
        if borders[cell] != 0:
            out[row_start + i] = _majority(values, frame, (z, y, x))


@compiled
def _edge_label(
    values: Labels, borders: Labels, frame: Frame, place: Point, rule: tuple[int, int]
) -> int:
    """Return the label at a place near the edge, at once where the nearest cell has only one."""
    size = frame[1]
    place = _fold_all(place, size, rule[0])
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
def relabel(labels: Labels, out: Labels, rows: Ints, maps: Maps, rule: tuple[int, int]) -> None:
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
    for row in rows:
        where = maps[row]
        step = (np.float32(where[0, 2]), np.float32(where[1, 2]), np.float32(where[2, 2]))
        for line in range(channels * depth * height):
            channel, rest = divmod(line, depth * height)
            ray = (_begin(where, rest // height, rest % height), step)
            first, last = _inside(ray, size, width)
            frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
            start = (row * channels * depth * height + line) * width
            if rule[1] == NEAREST:
                _walk_nearest(values, results, frame, (start, first, last), ray)
            else:
                if rest == 0:
                    _mark_borders(values, frame, borders)
                _walk_majority(values, results, borders, frame, (start, first, last), ray)
            near, end = _near(ray, size, width, rule[0])
            for i in range(near, end - (last - first)):
                t = i if i < first else i + (last - first)
                place = _along(ray, t)
                if rule[1] == NEAREST:
                    label = _label(values, frame, place, rule)
                else:
                    label = _edge_label(values, borders, frame, place, rule)
                results[np.uint64(start + t)] = label
            for i in range(near + width - end):
                results[np.uint64(start + (i if i < near else i - near + end))] = 0


@compiled
def relabel_bent(
    labels: Labels, out: Labels, row: int, places: tuple[Maps, Values], rule: tuple[int, int]
) -> None:
    """Resample the label maps of one row where a field, shape (3, Z, Y, X), is added to its map."""
    where, field = places
    channels = labels.shape[1]
    size = (labels.shape[2], labels.shape[3], labels.shape[4])
    depth, height, width = out.shape[2], out.shape[3], out.shape[4]
    count = depth * height * width
    values, results, offsets = labels.reshape(-1), out.reshape(-1), field.reshape(-1)
    for line in range(depth * height):
        begin = _begin(where, line // height, line % height)
        for i in range(width):
            index = line * width + i
            z = begin[0] + np.float32(where[0, 2]) * np.float32(i) + offsets[np.uint64(index)]
            y = (
                begin[1]
                + np.float32(where[1, 2]) * np.float32(i)
                + offsets[np.uint64(count + index)]
            )
            x = (
                begin[2]
                + np.float32(where[2, 2]) * np.float32(i)
                + offsets[np.uint64(2 * count + index)]
            )
            for channel in range(channels):
                frame = ((row * channels + channel) * size[0] * size[1] * size[2], size)
                target = np.uint64((row * channels + channel) * count + index)
                results[target] = _label(values, frame, (z, y, x), rule)
