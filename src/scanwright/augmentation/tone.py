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
LANES = 64
LEAST_DEVIATION = 1e-7
"""Flatter images are not stretched back to the deviation that they had."""
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
def _take_up(values: Values, origin: np.float32, lanes: Values) -> None:
    """Take up the offsets of values from an origin, their squares, lowest and highest ones.

    In LANES parts, always the same ones: many elements are taken up at a time, in an order that
    does not depend on the compiler.
    """
    sums, squares, lows, highs = lanes[0], lanes[1], lanes[2], lanes[3]
    for start in range(0, len(values) - LANES + 1, LANES):
        for lane in range(LANES):
            value = values[start + lane]
            off = value - origin
            sums[lane] += off
            squares[lane] += off * off
            lows[lane] = lows[lane] if lows[lane] < value else value
            highs[lane] = highs[lane] if highs[lane] > value else value
    for i in range(len(values) - len(values) % LANES, len(values)):
        off = values[i] - origin
        sums[0] += off
        squares[0] += off * off
        lows[0] = min(lows[0], values[i])
        highs[0] = max(highs[0], values[i])


@compiled
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
    lanes = np.empty((4, LANES), np.float32)
    for place in range(len(rows)):
        _measure(images[rows[place]], lanes, out[place])


@compiled_for_numbers
def _measure(values: Values, lanes: Values, out: Numbers) -> None:
    origin = values[0]
    total, squares = np.float64(0), np.float64(0)
    lanes[2:] = origin
    for start in range(0, len(values), BLOCK):
        lanes[:2] = 0
        _take_up(values[start : start + BLOCK], origin, lanes)
        for lane in range(LANES):
            total += lanes[0, lane]
            squares += lanes[1, lane]
    mean = total / len(values)
    out[0] = origin + mean
    out[1] = np.sqrt(max(0.0, squares / len(values) - mean * mean))
    out[2] = lanes[2].min()
    out[3] = lanes[3].max()


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
        _scale(images[rows[place]], lines[place])


@compiled
def _scale(values: Values, line: Numbers) -> None:
    slope, offset = np.float32(line[0]), np.float32(line[1])
    low, high = np.float32(line[2]), np.float32(line[3])
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
    work = (np.empty(BLOCK, np.float32), np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32))
    for place in range(len(rows)):
        _bend(images[rows[place]], curves[place], work)


@compiled
def _bend(values: Values, curve: Numbers, work: "tuple[Values, Bits, Bits]") -> None:
    zero, end = np.float32(curve[0]), np.float32(curve[1])
    low, high, span = min(zero, end), max(zero, end), end - zero
    if span == 0:
        return
    inverse = np.float32(1) / span
    for start in range(0, len(values), BLOCK):
        some = values[start : start + BLOCK]
        for i in range(len(some)):
            unit = (some[i] - zero) * inverse
            unit = unit if unit > 0 else np.float32(0)
            some[i] = unit if unit < 1 else np.float32(1)
        count = len(some)
        _raise(some, np.float32(curve[2]), (work[0][:count], work[1][:count], work[2][:count]))
        for i in range(count):
            some[i] = min(max(zero + span * some[i], low), high)


@compiled
def bend_all(images: Values, rows: Ints, curves: Numbers, keeps_mean: bool) -> None:
    """Bend each row between its lowest and its highest value, where it lies in the cache.

    Parameters
    ----------
    images, rows
        As for `bend`.
    curves
        Shape (R, 2): gamma; 1 to bend the negative, 0 otherwise.
    keeps_mean
        Whether mean and deviation are brought back to those before.
    """
    lanes = np.empty((4, LANES), np.float32)
    work = (np.empty(BLOCK, np.float32), np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32))
    before, after, numbers = np.empty(4), np.empty(4), np.empty(4)
    for place in range(len(rows)):
        values = images[rows[place]]
        _measure(values, lanes, before)
        is_negative = curves[place, 1] > 0
        numbers[0] = before[3] if is_negative else before[2]
        numbers[1] = before[2] if is_negative else before[3]
        numbers[2] = curves[place, 0]
        _bend(values, numbers, work)
        if keeps_mean:
            _measure(values, lanes, after)
            numbers[0] = before[1] / max(after[1], LEAST_DEVIATION)
            numbers[1] = before[0] - after[0] * numbers[0]
            numbers[2], numbers[3] = -np.inf, np.inf
            _scale(values, numbers)
