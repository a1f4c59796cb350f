import numpy as np
import pytest

from scanwright.base import InputError, ShapeError
from scanwright.boxes import volumes
from scanwright.boxes.edges import checked_edges, checked_ids, checked_row


def test_volumes_multiply_lengths_and_never_fall_below_zero() -> None:
    edges = np.array([[[0.0, 2.0], [1.0, 4.0]], [[3.0, 3.0], [0.0, 9.0]], [[5.0, 4.0], [0.0, 9.0]]])
    assert volumes(edges).tolist() == [6.0, 0.0, 0.0]


@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 3), (4,)])
def test_what_is_no_box_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError):
        checked_edges(np.zeros(shape))


def test_numbers_that_are_not_finite_or_too_few_are_refused() -> None:
    with pytest.raises(InputError):
        checked_edges([[[0.0, np.nan]]])
    with pytest.raises(InputError):
        checked_row([1.0, np.inf], 2, "scores")
    with pytest.raises(InputError):
        checked_row([1.0, -1.0], 2, "scores")
    with pytest.raises(ShapeError):
        checked_row([1.0], 2, "scores")
    with pytest.raises(ShapeError):
        checked_ids([1], 2, "groups")
    assert checked_ids(None, 2, "groups").tolist() == [0, 0]
