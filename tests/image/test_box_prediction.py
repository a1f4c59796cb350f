"""Findings come surest first, each with its edges, label and score."""

import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.image import BoxPrediction, Geometry


def prediction(**changes: object) -> BoxPrediction:
    parts: dict[str, object] = {
        "case": "one",
        "geometry": Geometry.axial((1.0, 0.5)),
        "size": (10, 20),
        "labels": ("a", "b"),
        "edges": np.array([[[0.0, 1.0], [0.0, 2.0]], [[4.0, 5.0], [4.0, 6.0]]]),
        "classes": np.array([0, 1]),
        "scores": np.array([0.2, 0.7]),
    }
    return BoxPrediction(**{**parts, **changes})  # type: ignore[arg-type]  # parts by name


def test_the_surest_box_comes_first() -> None:
    found = prediction()
    assert found.scores.tolist() == [0.7, 0.2]
    assert found.classes.tolist() == [1, 0]
    assert found.edges[0, 0].tolist() == [4.0, 5.0]
    assert len(found) == 2


def test_boxes_below_their_threshold_are_not_reported() -> None:
    assert prediction().is_reported.tolist() == [True, True]
    assert prediction(thresholds=(0.1, 0.8)).is_reported.tolist() == [False, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"edges": np.zeros((2, 3, 2))},
        {"classes": np.array([0])},
        {"thresholds": (0.5,)},
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ShapeError):
        prediction(**changes)
