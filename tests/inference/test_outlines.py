import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.image import LabelScheme
from scanwright.inference import Outlines

CLASSES = LabelScheme(("a", "b"), ((1, 4), (2,)))
REGIONS = LabelScheme(("a", "b"), ((1, 2), (2,)))


def test_classes_are_dropped_to_background_and_fill_only_what_is_free() -> None:
    outlines = Outlines(np.array([[1, 4, 2, 0]], np.uint8), CLASSES)
    assert outlines.mask("a").tolist() == [True, True, False, False]
    outlines.drop("a", np.array([True, False, False, False]))
    outlines.fill("b", np.array([True, True, False, False]))
    assert outlines.labels.tolist() == [[2, 4, 2, 0]]


def test_regions_are_changed_without_touching_others() -> None:
    outlines = Outlines(np.array([[1, 1, 1, 0], [0, 1, 0, 0]], np.uint8), REGIONS)
    outlines.drop("a", np.array([False, True, False, False]))
    outlines.fill("b", np.array([False, False, True, False]))
    assert outlines.labels.tolist() == [[1, 0, 1, 0], [0, 1, 1, 0]]


def test_names_are_all_unless_chosen() -> None:
    outlines = Outlines(np.zeros((1, 4), np.uint8), CLASSES)
    assert outlines.chosen(()) == ("a", "b")
    assert outlines.chosen(("b",)) == ("b",)
    with pytest.raises(RecipeError, match="c"):
        outlines.chosen(("c",))
