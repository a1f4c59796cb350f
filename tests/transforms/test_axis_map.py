"""Where new elements lie on an old axis."""

import numpy as np
import pytest

from scanwright.transforms import AxisMap


@pytest.mark.parametrize(("old", "new", "step"), [(7, 3, 2.0), (3, 7, 0.4), (1, 5, 0.2), (5, 1, 3)])
def test_the_middle_stays_in_its_place(old: int, new: int, step: float) -> None:
    axis = AxisMap.centred(old, new, step)
    assert axis.start + step * (new - 1) / 2 == pytest.approx((old - 1) / 2)


def test_places_stay_inside_the_old_axis() -> None:
    assert AxisMap.centred(3, 6, 0.5).places.tolist() == [0, 0.25, 0.75, 1.25, 1.75, 2]


def test_only_an_axis_that_stays_is_the_identity() -> None:
    assert AxisMap.centred(5, 5, 1.0).is_identity
    assert not AxisMap.centred(5, 5, 1.01).is_identity
    assert not AxisMap.centred(5, 6, 1.0).is_identity


def test_an_axis_of_one_element_has_one_place() -> None:
    assert np.all(AxisMap.centred(1, 4, 0.25).places == 0)
