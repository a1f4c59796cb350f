"""How large a piece of surface lies at a corner where eight elements meet (four in 2-D).

The pieces are those of marching cubes (Lorensen & Cline 1987) as the package surface-distance uses
them (Nikolov et al. 2021, J. Med. Internet Res. 23:e26151), so that areas are equal to its own.
"""

from functools import lru_cache
from itertools import permutations, product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PIECES: dict[int, dict[tuple[int, int, int], int]] = {
    0b00000001: {(1, 1, 1): 1},
    0b00000011: {(1, 1, 0): 4},
    0b00000110: {(1, 1, 1): 2},
    0b00000111: {(1, 0, 0): 4, (1, 1, 1): 3},
    0b00001111: {(1, 0, 0): 8},
    0b00010110: {(1, 1, 1): 3},
    0b00010111: {(1, 1, 1): 6},
    0b00011000: {(1, 1, 1): 2},
    0b00011001: {(0, 1, 1): 4, (1, 1, 1): 1},
    0b00011011: {(1, 1, 1): 4, (0, 1, 1): 2, (1, 0, 1): 2},
    0b00011110: {(1, 0, 0): 4, (1, 1, 1): 4},
    0b00111100: {(1, 1, 0): 8},
    0b01101001: {(1, 1, 1): 4},
}
"""Of each pattern of elements inside, up to symmetry and exchange of inside and outside: the
directions its pieces face, and their size in eighths. Bit 7 - (4 z + 2 y + x) is element (z, y, x)
of the eight."""

Element = tuple[int, int, int]


@lru_cache(maxsize=16)
def element_areas(spacing_mm: tuple[float, ...]) -> Floats:
    """Return the size of the surface at a corner, shape (256,), by the pattern of its elements.

    Parameters
    ----------
    spacing_mm
        Of three axes for areas in mm²; of two for lengths of contour in mm, which then stand where
        the four elements occur twice over in the pattern (code 17 × that of the four).
    """
    if len(spacing_mm) == 2:
        return _frozen(_lengths(*spacing_mm))
    z, y, x = spacing_mm
    faces = (y * x, z * x, z * y)
    sizes = {
        facing: float(np.hypot.reduce([a * b for a, b in zip(facing, faces, strict=True)])) / 8
        for facing in product((0, 1), repeat=3)
    }
    areas = np.zeros(256)
    for code, pieces in _patterns().items():
        areas[code] = sum(count * sizes[facing] for facing, count in pieces.items())
    return _frozen(areas)


@lru_cache(maxsize=1)
def _patterns() -> dict[int, dict[Element, int]]:
    """Return the pieces of all patterns, from those of `PIECES` by the symmetries of a cube."""
    found: dict[int, dict[Element, int]] = {}
    for code, pieces in PIECES.items():
        inside = [_element(bit) for bit in range(8) if code >> (7 - bit) & 1]
        for order in permutations(range(3)):
            turned = {_ordered(facing, order): count for facing, count in pieces.items()}
            for mirrored in product((0, 1), repeat=3):
                places = [_ordered(place, order) for place in inside]
                moved = [
                    tuple(a ^ b for a, b in zip(place, mirrored, strict=True)) for place in places
                ]
                bits = sum(1 << (7 - (4 * z + 2 * y + x)) for z, y, x in moved)
                found[bits] = found[255 - bits] = turned
    return found


def _element(bit: int) -> Element:
    return bit >> 2 & 1, bit >> 1 & 1, bit & 1


def _ordered(values: Element, order: tuple[int, ...]) -> Element:
    z, y, x = (values[axis] for axis in order)
    return z, y, x


def _lengths(down: float, across: float) -> Floats:
    """Return lengths of contour in a square of four elements, upper two in the higher bits."""
    slant = 0.5 * float(np.hypot(down, across))
    lengths = np.zeros(256)
    for code in range(1, 15):
        upper, left = code >> 2, (code >> 3 & 1, code >> 1 & 1)
        if code in (0b0110, 0b1001):
            length = 2 * slant
        elif upper in (0b00, 0b11) and code & 3 in (0b00, 0b11):
            length = across
        elif left[0] == left[1] and (code >> 2 & 1) == (code & 1):
            length = down
        else:
            length = slant
        lengths[17 * code] = length
    return lengths


def _frozen(values: Floats) -> Floats:
    values.setflags(write=False)
    return values
