import numpy as np
import pytest

from scanwright.auditing.picture import band, resampling
from scanwright.auditing.shrinking import add_reduced


@pytest.mark.parametrize(("length", "edge"), [(256, 64), (50, 64), (1, 8), (7, 3), (1000, 24)])
@pytest.mark.parametrize("step", [1000, 13])
def test_lines_are_summed_as_by_the_whole_matrix(length: int, edge: int, step: int) -> None:
    lines = np.random.default_rng(0).random((length, 5)).astype(np.float32)
    out = np.zeros((edge, 5), np.float32)
    for begin in range(0, length, step):
        add_reduced(lines[begin : begin + step], begin, band(length, edge), out)
    assert np.allclose(out, resampling(length, edge) @ lines, atol=1e-5)
