import numpy as np

from scanwright.auditing.frame import find_frame


def test_a_border_is_measured_on_each_side() -> None:
    rng = np.random.default_rng(0)
    plane = np.full((100, 200), 7, dtype=np.uint8)
    plane[10:80, 40:190] = rng.integers(0, 255, (70, 150))
    assert find_frame(plane) == (0.1, 0.2, 0.2, 0.05)


def test_compression_noise_in_a_border_is_forgiven_and_a_flat_image_has_none() -> None:
    rng = np.random.default_rng(0)
    plane = rng.integers(0, 255, (50, 50)).astype(np.uint8)
    plane[:5] = rng.integers(0, 6, (5, 50))
    assert find_frame(plane) == (0.1, 0.0, 0.0, 0.0)
    assert find_frame(np.zeros((9, 9), np.uint8)) == (0.0, 0.0, 0.0, 0.0)
