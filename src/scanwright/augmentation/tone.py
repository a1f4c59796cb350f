"""Compiled changes of the values of many images: measures, contrast and brightness, gamma."""

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled, compiled_for_numbers

Values = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.int32]

BLOCK = 1024
"""Elements at a time: what is taken up from them stays in the nearest cache."""
MANTISSA = np.int32(0x7FFFFF)
ONE_AS_INT = np.int32(0x3F800000)
SMALLEST = np.float32(-125)
"""Powers of two below this are taken for it: they are zero for any image."""
LOG = tuple(np.float32(2 / np.log(2) / odd) for odd in (1, 3, 5, 7, 9, 11, 13))
EXP = tuple(
    np.float32(np.log(2) ** n / factorial)
    for n, factorial in enumerate((1, 2, 6, 24, 120, 720, 5040), start=1)
)


@compiled_for_numbers
def measure(images: Values, rows: Ints, out: Numbers) -> None:
    """Measure mean, standard deviation (of the population), lowest and highest value.

    Parameters
    ----------
    images
        Shape (G, N).
    rows
        Which of them, shape (R,).
    out
        Shape (R, 4).
    """
    count = np.uint64(images.shape[1])
    values = images.reshape(-1)
    for place in range(len(rows)):
        first = np.uint64(rows[place]) * count
        origin = values[first]
        total, squares = np.float64(0), np.float64(0)
        low, high = origin, origin
        for start in range(np.uint64(0), count, np.uint64(BLOCK)):
            end = min(start + np.uint64(BLOCK), count)
            part, part_squares = np.float32(0), np.float32(0)
            for i in range(first + start, first + end):
                off = values[i] - origin
                part += off
                part_squares += off * off
            total += part
            squares += part_squares
        for i in range(first, first + count):
            low = low if low < values[i] else values[i]
            high = high if high > values[i] else values[i]
        mean = total / count
        out[place, 0] = origin + mean
        out[place, 1] = np.sqrt(max(0.0, squares / count - mean * mean))
        out[place, 2] = low
        out[place, 3] = high


@compiled
def scale(images: Values, rows: Ints, lines: Numbers) -> None:
    """Replace each value x by `a * x + b`, not below and not above two limits.

    Parameters
    ----------
    images
        Shape (G, N), changed in place.
    rows
        Which of them, shape (R,).
    lines
        Shape (R, 4): a, b, the lower and the upper limit.
    """
    for place in range(len(rows)):
        values = images[rows[place]]
        slope, offset = np.float32(lines[place, 0]), np.float32(lines[place, 1])
        low, high = np.float32(lines[place, 2]), np.float32(lines[place, 3])
        for i in range(len(values)):
            value = slope * values[i] + offset
            value = low if value < low else value
            values[i] = high if value > high else value


@compiled
def _raise(values: Values, exponent: np.float32, work: "tuple[Values, Bits, Bits]") -> None:
    """Raise values in 0..1 to a power, in place, to a relative error of about 1e-6.

    x^g = 2^(g log2 x). Exponent and mantissa m of x are read from its bits, and
    ln m = 2 artanh((m - 1) / (m + 1)) and 2^f for |f| <= 1/2 are summed as their Taylor series.
    Loops do one kind of thing each, so that the compiler can do many elements of it at once.
    """
    logarithms, bits, powers = work
    mantissas, words = bits.view(np.float32), values.view(np.int32)
    for i in range(len(values)):
        bits[i] = (words[i] & MANTISSA) | ONE_AS_INT
        logarithms[i] = np.float32((words[i] >> 23) - 127)
    for i in range(len(values)):
        t = (mantissas[i] - np.float32(1)) / (mantissas[i] + np.float32(1))
        s = t * t
        series = LOG[5] + s * LOG[6]
        series = LOG[3] + s * (LOG[4] + s * series)
        series = LOG[1] + s * (LOG[2] + s * series)
        logarithms[i] += t * (LOG[0] + s * series)
    for i in range(len(values)):
        wanted = logarithms[i] * exponent
        wanted = wanted if wanted > SMALLEST else SMALLEST
        whole = np.floor(wanted + np.float32(0.5))
        f = wanted - whole
        powers[i] = np.int32(whole) << 23
        series = EXP[5] + f * EXP[6]
        series = EXP[3] + f * (EXP[4] + f * series)
        series = EXP[1] + f * (EXP[2] + f * series)
        logarithms[i] = np.float32(1) + f * (EXP[0] + f * series)
    results = logarithms.view(np.int32)
    for i in range(len(values)):
        words[i] = results[i] + powers[i] if words[i] != 0 else 0  # zero stays zero


@compiled
def bend(images: Values, rows: Ints, curves: Numbers) -> None:
    """Replace each value x by `zero + span * ((x - zero) / span) ** gamma`, span = end - zero.

    Parameters
    ----------
    images
        Shape (G, N), changed in place.
    rows
        Which of them, shape (R,).
    curves
        Shape (R, 3): zero; the other end, which is below zero to bend the negative; gamma.
    """
    logarithms = np.empty(BLOCK, np.float32)
    bits = np.empty(BLOCK, np.int32)
    powers = np.empty(BLOCK, np.int32)
    for place in range(len(rows)):
        values = images[rows[place]]
        zero, end = np.float32(curves[place, 0]), np.float32(curves[place, 1])
        low, high, span = min(zero, end), max(zero, end), end - zero
        if span == 0:
            continue
        inverse = np.float32(1) / span
        for start in range(0, len(values), BLOCK):
            some = values[start : start + BLOCK]
            for i in range(len(some)):
                unit = (some[i] - zero) * inverse
                unit = unit if unit > 0 else np.float32(0)
                some[i] = unit if unit < 1 else np.float32(1)
            count = len(some)
            work = (logarithms[:count], bits[:count], powers[:count])
            _raise(some, np.float32(curves[place, 2]), work)
            for i in range(count):
                some[i] = min(max(zero + span * some[i], low), high)
