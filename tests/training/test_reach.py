import math

import numpy as np
import pytest

from scanwright.augmentation import Augmentation, AugmentationOptions
from scanwright.augmentation.maps import inverse_maps
from scanwright.training.reach import reach_of

FAR = (10_000, 10_000, 10_000)


def test_nothing_that_moves_needs_nothing_around() -> None:
    options = AugmentationOptions(flips=(0, 1), noise_chance=0.5, gamma_chance=0.5)
    assert reach_of((32, 48), options, FAR[:2]) == (32, 48)
    assert reach_of((16, 32, 48), options, FAR) == (16, 32, 48)


def test_a_square_that_turns_freely_needs_its_diagonal() -> None:
    options = AugmentationOptions(rotate_chance=0.2, rotate_degrees=180)
    assert reach_of((100, 100), options, FAR[:2]) == (142, 142)


@pytest.mark.parametrize("window", [(32, 48), (24, 32, 48)])
def test_all_that_is_looked_at_is_read(window: tuple[int, ...]) -> None:
    """Turning in one plane at a time, as far as it may, and making smaller, little by little."""
    options = AugmentationOptions(
        rotate_chance=1.0, rotate_degrees=40, scale_chance=1.0, scale=(0.9, 1.3)
    )
    reach = reach_of(window, options, FAR[: len(window)])
    augmentation = Augmentation(options, len(window))
    drawn = augmentation.draw((1, *reach), np.arange(200), (0,), window)
    corners = np.stack(np.meshgrid(*[(0, edge - 1) for edge in window], indexing="ij"))
    flat = corners.reshape(len(window), -1)
    for where in inverse_maps(drawn):
        places = where[:, :-1] @ flat + where[:, -1:]
        assert (places > -1.5).all()
        assert (places < np.array(reach)[:, None] + 0.5).all()
    assert math.prod(reach) > math.prod(window)


def test_no_more_is_read_than_there_is() -> None:
    options = AugmentationOptions(rotate_chance=0.2, rotate_degrees=180)
    assert reach_of((40, 40), options, (40, 44)) == (40, 48)
    assert reach_of((40, 40), options, (30, 500)) == (40, 58)


def test_slices_moved_as_images_need_none_of_their_neighbours() -> None:
    options = AugmentationOptions(
        rotate_chance=0.2, rotate_degrees=180, tilt_chance=0.3, scale_chance=0.2, in_plane=True
    )
    assert reach_of((8, 64, 64), options, FAR)[0] == 8
    assert reach_of((8, 64, 64), options, FAR)[1] > 90
