"""What one image holds of boxes is checked when it is put together."""

import numpy as np
import pytest

from scanwright.base import LabelError, ShapeError
from scanwright.metrics import CaseBoxes

BOX = np.array([[[0.0, 4.0], [0.0, 2.0]]])
NONE = np.zeros((0, 2, 2))


def test_a_case_without_any_box_is_a_case() -> None:
    case = CaseBoxes(NONE, [], NONE, [], [])
    assert case.rank == 2
    assert len(case.truth) == len(case.scores) == len(case.is_crowd) == 0


def test_nothing_can_be_written_into_a_case() -> None:
    edges = BOX.copy()
    case = CaseBoxes(edges, [0], edges, [0], [1.0])
    edges[:] = 9
    assert case.truth[0, 0, 1] == 4
    with pytest.raises(ValueError, match="read-only"):
        case.scores[0] = 0


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ((BOX[0], [0], BOX, [0], [1.0]), ShapeError),
        ((BOX, [0, 1], BOX, [0], [1.0]), ShapeError),
        ((BOX, [0], BOX, [0], [1.0, 0.5]), ShapeError),
        ((BOX, [0], np.zeros((0, 3, 2)), [], []), ShapeError),
        ((BOX, [0], BOX, [0], [1.0], [True, False]), ShapeError),
        ((BOX, [-1], BOX, [0], [1.0]), LabelError),
        ((BOX, [0], BOX * np.nan, [0], [1.0]), LabelError),
        ((BOX, [0], BOX, [0], [np.inf]), LabelError),
    ],
)
def test_what_is_no_box_is_refused(parts: tuple, error: type[Exception]) -> None:
    with pytest.raises(error):
        CaseBoxes(*parts)
