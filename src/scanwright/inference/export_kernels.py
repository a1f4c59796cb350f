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


def _label_planes(block: Singles, threshold: float, planes: npt.NDArray[np.int32]) -> None:
    """Label the elements of a block of logits (K, Z, Y, X): the highest, or 1 above a threshold."""
    outputs, depth, rows, columns = block.shape
    best = np.empty(columns, dtype=np.float32)
    for z in range(depth):
        for y in range(rows):
            plane = planes[z, y]
            if outputs == 1:
                for x in range(columns):
                    plane[x] = np.int32(block[0, z, y, x] > threshold)
                continue
            for x in range(columns):
                best[x] = block[0, z, y, x]
                plane[x] = 0
            for k in range(1, outputs):
                row = block[k, z, y]
                for x in range(columns):
                    is_higher = row[x] > best[x]
                    best[x] = row[x] if is_higher else best[x]
                    plane[x] = np.int32(k) if is_higher else plane[x]


label_planes = compiled(_label_planes)


def _between(
    block: Singles, low: tuple[int, int, int], share: tuple[float, float, float], threshold: float
) -> int:
    """Label one place between the elements of a block, by linear interpolation."""
    z, y, x = low
    sz, sy, sx = share
    z1, y1, x1 = z + (sz > 0), y + (sy > 0), x + (sx > 0)
    label, best = 0, -np.inf
    for k in range(block.shape[0]):
        one = block[k]
        top = (one[z, y, x] * (1 - sx) + one[z, y, x1] * sx) * (1 - sy)
        top += (one[z, y1, x] * (1 - sx) + one[z, y1, x1] * sx) * sy
        bottom = (one[z1, y, x] * (1 - sx) + one[z1, y, x1] * sx) * (1 - sy)
        bottom += (one[z1, y1, x] * (1 - sx) + one[z1, y1, x1] * sx) * sy
        value = top * (1 - sz) + bottom * sz
        if value > best:
            best = value
            label = k
    if block.shape[0] == 1:
        return int(best > threshold)
    return label


between = compiled(_between)


def _label_slices(
    block: Singles,
    planes: npt.NDArray[np.int32],
    places: tuple[Places, Places, Places],
    threshold: float,
    values: Labels,
    result: Labels,
) -> None:
    """Label every new place (Z, Y, X) of a block whose elements are labelled in `planes`."""
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
                    cell = between(block, (z, y, x), (sz, sy, sx), threshold)
                result[k, j, i] = values[cell]


label_slices = compiled(_label_slices)
