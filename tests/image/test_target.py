import math

import numpy as np
import pytest

from scanwright.base import GeometryError, LabelError
from scanwright.image import (
    Box,
    BoxesTarget,
    GradeTarget,
    Image,
    LabelScheme,
    LabelsTarget,
    MaskTarget,
)


def test_grades_count_from_zero() -> None:
    assert GradeTarget(0).grade == 0
    with pytest.raises(LabelError, match="from 0"):
        GradeTarget(-1)


def test_findings_have_no_order_and_may_be_none() -> None:
    assert LabelsTarget(frozenset("ab")) == LabelsTarget(frozenset("ba"))
    assert LabelsTarget(frozenset()) != LabelsTarget(frozenset("a"))


@pytest.mark.parametrize("dtype", ["uint8", "bool", "int32"])
def test_a_label_map_has_one_channel_of_integers(dtype: str) -> None:
    MaskTarget(Image.from_array(np.zeros((1, 2, 2), dtype)), LabelScheme.of_classes(["nodule"]))


@pytest.mark.parametrize(("channels", "dtype"), [(2, "uint8"), (1, "float32")])
def test_no_other_label_map_is_taken(channels: int, dtype: str) -> None:
    with pytest.raises(LabelError, match="one channel of integers"):
        MaskTarget(
            Image.from_array(np.zeros((channels, 2, 2), dtype)), LabelScheme.of_classes(["nodule"])
        )


def test_a_box_around_one_element_is_one_wide() -> None:
    assert Box((2.5, 0.5), (3.5, 1.5), "nodule").high == (3.5, 1.5)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ((1.0, 1.0), (2.0,)),
        ((1.0,), (1.0,)),
        ((2.0, 1.0), (1.0, 2.0)),
        ((math.nan,), (1.0,)),
        ((0.0,), (math.nan,)),
    ],
)
def test_a_box_has_a_positive_size_along_every_axis(
    low: tuple[float, ...], high: tuple[float, ...]
) -> None:
    with pytest.raises(GeometryError):
        Box(low, high, "nodule")


def test_an_image_may_be_without_boxes() -> None:
    assert BoxesTarget(()).boxes == ()
