"""Metrics of masks, kept by case and class."""

import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.report import MaskResults

RESULTS = MaskResults({"dice": np.arange(6.0).reshape(3, 2), "hd95": np.ones((3, 2))}, unit="mm²")


def test_cases_and_classes_can_be_taken_apart() -> None:
    assert RESULTS.subset(np.array([2, 0])).values["dice"].tolist() == [[4, 5], [0, 1]]
    alone = RESULTS.alone(1)
    assert alone.values["dice"].tolist() == [[1], [3], [5]]
    assert alone.unit == "mm²"


def test_tables_cannot_be_changed_from_outside() -> None:
    table = np.zeros((2, 1))
    found = MaskResults({"dice": table})
    table[0] = 1
    assert found.values["dice"][0] == 0
    with pytest.raises(ValueError, match="read-only"):
        found.values["dice"][0] = 1


@pytest.mark.parametrize(
    "tables", [{"dice": np.ones(3)}, {"a": np.ones((3, 2)), "b": np.ones((2, 2))}]
)
def test_each_mask_needs_one_number(tables: dict[str, np.ndarray]) -> None:
    with pytest.raises(ShapeError):
        MaskResults(tables)
