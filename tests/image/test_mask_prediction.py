import pickle

import numpy as np
import pytest

from scanwright.base import LabelError, ShapeError
from scanwright.image import Geometry, Image, LabelScheme, MaskPrediction

CLASSES = LabelScheme(("liver", "tumour"), ((1,), (2, 3)))
REGIONS = LabelScheme(("whole", "core"), ((1, 2), (2,)))


def labels(array: np.ndarray) -> Image:
    return Image(array, Geometry.axial((1.0, 1.0)))


def test_masks_are_read_by_name() -> None:
    map_ = labels(np.array([[[0, 1], [2, 3]]], dtype=np.uint8))
    prediction = MaskPrediction("a", map_, CLASSES)
    assert prediction.mask("liver").tolist() == [[False, True], [False, False]]
    assert prediction.mask("tumour").tolist() == [[False, False], [True, True]]


def test_regions_have_a_channel_each() -> None:
    maps = labels(np.array([[[1, 1], [0, 0]], [[0, 1], [0, 0]]], dtype=np.uint8))
    prediction = MaskPrediction("a", maps, REGIONS)
    assert prediction.mask("core").tolist() == [[False, True], [False, False]]
    with pytest.raises(ShapeError):
        MaskPrediction("a", labels(maps.array[:1]), REGIONS)


def test_classes_have_one_channel_of_whole_numbers() -> None:
    with pytest.raises(ShapeError):
        MaskPrediction("a", labels(np.zeros((2, 2, 2), dtype=np.uint8)), CLASSES)
    with pytest.raises(LabelError):
        MaskPrediction("a", labels(np.zeros((1, 2, 2))), CLASSES)


def test_an_unknown_name_is_refused() -> None:
    prediction = MaskPrediction("a", labels(np.zeros((1, 2, 2), dtype=np.uint8)), CLASSES)
    with pytest.raises(LabelError, match="no such name"):
        prediction.mask("lver")


def test_a_prediction_goes_between_processes_and_cannot_be_changed() -> None:
    prediction = MaskPrediction(
        "a", labels(np.zeros((1, 2, 2), dtype=np.uint8)), CLASSES, {"liver": 1.5}
    )
    again = pickle.loads(pickle.dumps(prediction))
    assert again.volumes_ml == {"liver": 1.5}
    assert again.labels.is_equal(prediction.labels)
    with pytest.raises(TypeError):
        prediction.volumes_ml["liver"] = 2.0  # type: ignore[index]  # what must not work


def test_classes_are_their_own_values() -> None:
    prediction = MaskPrediction("a", labels(np.ones((1, 2, 2), dtype=np.uint8)), CLASSES)
    assert prediction.as_values() is prediction.labels


def test_regions_become_the_value_that_lies_in_just_these() -> None:
    maps = np.array([[[0, 1, 1, 0]], [[0, 0, 1, 1]]], dtype=np.uint8)
    prediction = MaskPrediction("a", labels(maps), REGIONS)
    # Core outside whole is nobody's: as far from 0 as from 2, and 0 is lower.
    assert prediction.as_values().array.tolist() == [[[0, 1, 2, 0]]]
    assert prediction.as_values().geometry == prediction.labels.geometry
