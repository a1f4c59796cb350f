"""Compiled counter-based random numbers: each is a function of a key and a place, of nothing else.

Philox 4x64-10 of J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

import numpy as np
import numpy.typing as npt

from scanwright.augmentation.compiled import compiled

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

FIRST_FACTOR = np.uint64(0xD2E7470EE14C6C93)
SECOND_FACTOR = np.uint64(0xCA5A826395121157)
FIRST_STEP = np.uint64(0x9E3779B97F4A7C15)
SECOND_STEP = np.uint64(0xBB67AE8584CAA73B)
ROUNDS = 10
HALF = np.uint64(32)
LOW_HALF = np.uint64(0xFFFFFFFF)
SPARE_BITS = np.uint64(11)
UNIT = 1 / 2**53


@compiled
def high_word(first: np.uint64, second: np.uint64) -> np.uint64:
    """Return the upper 64 bits of the product of two words."""
    first_low, first_high = first & LOW_HALF, first >> HALF
    second_low, second_high = second & LOW_HALF, second >> HALF
    middle = first_high * second_low + ((first_low * second_low) >> HALF)
    other = first_low * second_high + (middle & LOW_HALF)
    return first_high * second_high + (middle >> HALF) + (other >> HALF)


@compiled
def uniforms(key: Words, stream: np.uint64, cases: Words, out: Floats) -> None:
    """Fill `out`, shape (B, N), with numbers in [0, 1).

    Parameters
    ----------
    key
        Shape (2,).
    stream
        Keeps what is drawn for one purpose apart from all other purposes.
    cases
        Shape (B,): one counter per row.
    out
        Number `n` of a row depends on the key, the stream, its counter and `n` alone.
    """
    count = out.shape[1]
    for row in range(len(cases)):
        for block in range((count + 3) // 4):
            a, b, c, d = np.uint64(block), cases[row], stream, np.uint64(0)
            first, second = key[0], key[1]
            for _ in range(ROUNDS):
                high_a, low_a = high_word(FIRST_FACTOR, a), FIRST_FACTOR * a
                high_c, low_c = high_word(SECOND_FACTOR, c), SECOND_FACTOR * c
                a, b, c, d = high_c ^ b ^ first, low_c, high_a ^ d ^ second, low_a
                first += FIRST_STEP
                second += SECOND_STEP
            words = (a, b, c, d)
            for place in range(min(4, count - block * 4)):
                out[row, block * 4 + place] = np.float64(words[place] >> SPARE_BITS) * UNIT
