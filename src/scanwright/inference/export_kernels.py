"""The loops of export: labels of elements on the network's grid, and of those between them."""

import numpy as np
import numpy.typing as npt

from scanwright.base import compiled
from scanwright.image import Array

Labels = Array
"""Values of a label map: uint8 or uint16."""

Ints = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
Places = tuple[Ints, Singles]
"""For each new element, the old one at or before it, and the share of the way to the next."""


ALL = -1
"""In place of an output: the highest of all wins."""


def _label_planes(
    block: Singles, output: int, threshold: float, planes: npt.NDArray[np.int32]
) -> None:
    """Label the elements of a block of logits (Z, K, Y, X).

    The label is the highest of `ALL` outputs, or, of one output, 1 above the threshold.
    """
    depth, outputs, rows, columns = block.shape
    best = np.empty(columns, dtype=np.float32)
    for z in range(depth):
        for y in range(rows):
            plane = planes[z, y]
            if output >= 0:
                for x in range(columns):
                    plane[x] = np.int32(block[z, output, y, x] > threshold)
                continue
            for x in range(columns):
                best[x] = block[z, 0, y, x]
                plane[x] = 0
            for k in range(1, outputs):
                row = block[z, k, y]
                for x in range(columns):
                    is_higher = row[x] > best[x]
                    best[x] = row[x] if is_higher else best[x]
                    plane[x] = np.int32(k) if is_higher else plane[x]


label_planes = compiled(_label_planes)


def _value_between(
    block: Singles, output: int, low: tuple[int, int, int], share: tuple[float, float, float]
) -> float:
    """Interpolate one output linearly."""
    z, y, x = low
    sz, sy, sx = share
    z1, y1, x1 = z + (sz > 0), y + (sy > 0), x + (sx > 0)
    near, far = block[z, output], block[z1, output]
    top = (near[y, x] * (1 - sx) + near[y, x1] * sx) * (1 - sy)
    top += (near[y1, x] * (1 - sx) + near[y1, x1] * sx) * sy
    bottom = (far[y, x] * (1 - sx) + far[y, x1] * sx) * (1 - sy)
    bottom += (far[y1, x] * (1 - sx) + far[y1, x1] * sx) * sy
    return float(top * (1 - sz) + bottom * sz)


value_between = compiled(_value_between)


def _label_between(
    block: Singles,
    output: int,
    threshold: float,
    low: tuple[int, int, int],
    share: tuple[float, float, float],
) -> int:
    """Label one place between the elements of a block, by linear interpolation."""
    if output >= 0:
        return int(value_between(block, output, low, share) > threshold)
    label, best = 0, -np.inf
    for k in range(block.shape[1]):
        value = value_between(block, k, low, share)
        if value > best:
            best = value
            label = k
    return label


label_between = compiled(_label_between)


def _label_slices(
    block: Singles,
    planes: npt.NDArray[np.int32],
    places: tuple[Places, Places, Places],
    rule: tuple[int, float, Labels],
    result: Labels,
) -> None:
    """Give every new place (Z, Y, X) of a block, labelled in `planes`, a value of the map.

    The rule is the output, or `ALL`; its threshold; and the value for each label.
    """
    output, threshold, values = rule
    (z_low, z_share), (y_low, y_share), (x_low, x_share) = places
    cells = np.empty(planes.shape[2], dtype=np.int32)
    for k in range(len(z_low)):
        z, sz = z_low[k], np.float64(z_share[k])
        z1 = z + (sz > 0)
        for j in range(len(y_low)):
            y, sy = y_low[j], np.float64(y_share[j])
            y1 = y + (sy > 0)
            first, second = planes[z, y], planes[z, y1]
            third, fourth = planes[z1, y], planes[z1, y1]
            for x in range(len(cells)):
                label = first[x]
                agree = (label == second[x]) & (label == third[x]) & (label == fourth[x])
                cells[x] = label if agree else -1
            for i in range(len(x_low)):
                x, sx = x_low[i], np.float64(x_share[i])
                cell = cells[x]
                if cell < 0 or cell != cells[x + (sx > 0)]:
                    cell = label_between(block, output, threshold, (z, y, x), (sz, sy, sx))
                result[k, j, i] = values[cell]


label_slices = compiled(_label_slices)
