"""Compiled sums of neighbours: those of full matrices, along every axis."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.augmentation.bands import sum_neighbours
from scanwright.augmentation.weights import (
    coarse_band,
    dense,
    gaussian_band,
    join_axes,
    stack_bands,
)


@settings(max_examples=25, deadline=None)
@given(st.tuples(*(st.integers(1, 9),) * 3), st.floats(0.2, 3), st.booleans())
def test_sums_are_those_of_matrices(size: tuple[int, int, int], width: float, blurs: bool) -> None:
    bands = [
        gaussian_band(n, np.array([width]))
        if blurs
        else stack_bands([coarse_band(n, max(1, n // 2), True)])
        for n in size
    ]
    images = np.random.default_rng(0).normal(size=(3, *size)).astype(np.float32)
    truth = images.copy()
    truth[1] = np.einsum("ijk,ai,bj,ck->abc", images[1], *(dense(band)[0] for band in bands))
    sum_neighbours(images, np.array([1]), *join_axes(bands))
    np.testing.assert_allclose(images, truth, atol=1e-5)
