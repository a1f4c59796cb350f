"""Burned-in text by the look of its strokes, without reading it: no letters are recognised."""

import numpy as np
import numpy.typing as npt

Box4 = tuple[float, float, float, float]
"""Top, left, bottom, right as shares of the plane's edges."""
Lines = tuple[Box4, ...]
"""One box for each line of text."""

STROKE = 9
"""Strokes are thinner than this, in pixels."""
CONTRAST = 90
"""Grey levels by which a stroke stands out."""
SMALLEST, LARGEST = 6, 48
"""Height of a letter in pixels."""
MOST_LETTERS = 600
"""A plane with more candidates is textured, and they are no letters."""
FEWEST_LETTERS = 3
"""Letters in a line; two bright specks lie on one height by chance."""
ALIKE = 0.12
"""Relative spread of brightness among the letters of one line."""
BRIGHT = 200
"""Mean grey level of the letters of a line: they are drawn with the brightest pen."""
BASELINE = 0.12
"""Share of a letter's height by which its foot may stray from the line's; a few have descenders."""

Floats = npt.NDArray[np.float64]


def find_lettering(grey: npt.NDArray[np.uint8]) -> Lines:
    """Find lines of text in a plane, shape (Y, X), brighter or darker than what is behind.

    A letter is a connected stroke, thin, of sharp contrast and of a letter's proportions; a line
    is a row of such letters of one height, one brightness and small gaps.
    """
    from scipy import ndimage

    found: list[Box4] = []
    size = (STROKE, STROKE)
    for plane in (grey, 255 - grey):
        base = ndimage.grey_opening(plane, size)
        strokes = plane - base
        mask = strokes > CONTRAST
        if not 0 < mask.mean() < 0.2:
            continue
        letters = _letters(mask, plane)
        found += [_share(line, grey.shape) for line in _lines(letters)]
    return tuple(sorted(found))


def _letters(mask: npt.NDArray[np.bool_], plane: npt.NDArray[np.uint8]) -> Floats:
    """Return candidates, shape (N, 5): top, left, bottom, right, brightness."""
    from scipy import ndimage

    labels, count = ndimage.label(mask, np.ones((3, 3)))
    if count == 0:
        return np.zeros((0, 5))
    rows, columns = np.nonzero(mask)
    owner = labels[rows, columns] - 1
    area = np.bincount(owner, minlength=count)
    light = np.bincount(owner, plane[rows, columns], minlength=count) / area
    box = np.empty((count, 4))
    box[:, 0] = _extreme(np.minimum, rows, owner, count, mask.shape[0])
    box[:, 1] = _extreme(np.minimum, columns, owner, count, mask.shape[1])
    box[:, 2] = _extreme(np.maximum, rows, owner, count, 0) + 1
    box[:, 3] = _extreme(np.maximum, columns, owner, count, 0) + 1
    height, width = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    filled = area / (height * width)
    is_letter = (
        (height >= SMALLEST)
        & (height <= min(LARGEST, mask.shape[0] / 6))
        & (width <= 1.7 * height)
        & (area >= SMALLEST)
        & (filled > 0.15)
        & ((filled < 0.85) | (width < 0.5 * height))
    )
    found = np.column_stack([box, light])[is_letter]
    return np.asarray(found if len(found) <= MOST_LETTERS else found[:0])


def _extreme(
    ufunc: np.ufunc, values: npt.NDArray[np.int64], owner: npt.NDArray[np.int64], count: int,
    start: int,
) -> Floats:  # fmt: skip
    found = np.full(count, start, dtype=np.float64)
    ufunc.at(found, owner, values)
    return found


def _lines(letters: Floats) -> list[Floats]:
    """Return the boxes of rows of letters."""
    letters = letters[np.argsort(letters[:, 1], kind="stable")]
    is_taken = np.zeros(len(letters), dtype=bool)
    boxes = []
    for start in range(len(letters)):
        if is_taken[start]:
            continue
        line = _follow(letters, start, is_taken)
        if len(line) >= FEWEST_LETTERS and _is_even(letters[line]):
            is_taken[line] = True
            chosen = letters[line]
            boxes.append(np.concatenate([chosen[:, :2].min(axis=0), chosen[:, 2:4].max(axis=0)]))
    return boxes


def _follow(letters: Floats, start: int, is_taken: npt.NDArray[np.bool_]) -> list[int]:
    """Go right from one letter to the next of its line."""
    line = [start]
    for index in range(start + 1, len(letters)):
        if is_taken[index]:
            continue
        last, one = letters[line[-1]], letters[index]
        height = last[2] - last[0]
        if one[1] - last[3] > 1.3 * height:
            break
        overlap = min(one[2], last[2]) - max(one[0], last[0])
        tall = one[2] - one[0]
        if overlap > 0.7 * min(height, tall) and 0.62 < tall / height < 1.6 and one[1] > last[1]:
            line.append(index)
    return line


def _is_even(line: Floats) -> bool:
    light, feet = line[:, 4], line[:, 2]
    stray = np.abs(feet - np.median(feet)) <= max(1.0, BASELINE * np.median(feet - line[:, 0]))
    is_even = light.mean() >= BRIGHT and light.std() < ALIKE * light.mean()
    return bool(is_even and stray.mean() >= 0.75)


def _share(box: Floats, shape: tuple[int, ...]) -> Box4:
    high, wide = shape
    return (
        float(box[0] / high), float(box[1] / wide), float(box[2] / high), float(box[3] / wide)
    )  # fmt: skip
