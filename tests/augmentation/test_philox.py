"""Counter-based numbers: numpy's own, bit by bit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.augmentation.philox import uniforms


@settings(max_examples=30, deadline=None)
@given(*(st.integers(0, 2**64 - 1),) * 4)
def test_numbers_are_those_of_numpy_s_philox(
    first: int, second: int, case: int, stream: int
) -> None:
    key = np.array([first, second], dtype=np.uint64)
    out = np.empty((1, 7))
    uniforms(key, np.uint64(stream), np.array([case], dtype=np.uint64), out)
    words: list[int] = []
    for block in range(2):  # numpy counts up before it draws
        counter = (block + (case << 64) + (stream << 128) - 1) % 2**256
        words += (
            np.random.Philox(counter=counter, key=first + (second << 64)).random_raw(4).tolist()
        )
    assert out[0].tolist() == [(word >> 11) / 2**53 for word in words[:7]]
