"""What the rules need to know of findings is measured in the grid of the median image."""

import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.image import Box, BoxesTarget, Case, ClassTarget, Geometry, Image
from scanwright.recipe.boxes import gather_boxes, look_at_case


def case(size: tuple[int, ...], edges: list[tuple[float, ...]], geometry: Geometry) -> Case:
    boxes = tuple(Box((0.0,) * len(size), edge, "nodule") for edge in edges)
    image = Image(np.zeros((1, *size), np.uint8), geometry)
    return Case("one", {"image": image}, target=BoxesTarget(boxes))


def test_boxes_of_pictures_are_measured_as_shares_of_the_image() -> None:
    pixels = Geometry.pixels(2)
    seen = [
        look_at_case(case((100, 100), [(10.0, 20.0)], pixels)),
        look_at_case(case((200, 200), [(20.0, 40.0)], pixels)),
        look_at_case(case((100, 100), [], pixels)),
    ]
    facts = gather_boxes(seen, ["nodule", "mass"])
    assert facts.size == (100, 100)
    assert facts.shorter[1] == pytest.approx(10)
    assert facts.longer[1] == pytest.approx(20)
    assert (facts.boxes, facts.empty, facts.most) == (2, 1, 1)
    assert facts.present == {"nodule": 2, "mass": 0}
    assert not facts.is_physical


def test_boxes_of_volumes_are_measured_in_millimetres() -> None:
    fine, coarse = Geometry.axial((1.0, 1.0, 1.0)), Geometry.axial((2.0, 2.0, 2.0))
    seen = [
        look_at_case(case((30, 30, 30), [(8.0, 8.0, 8.0)], fine)),
        look_at_case(case((30, 30, 30), [(4.0, 4.0, 4.0)], coarse)),
        look_at_case(case((30, 30, 30), [], fine)),
    ]
    facts = gather_boxes(seen, ["nodule"])
    assert facts.spacing_mm == (1.0, 1.0, 1.0)
    assert facts.shorter == pytest.approx((8, 8, 8))


def test_a_set_without_any_box_has_no_sizes() -> None:
    facts = gather_boxes([look_at_case(case((9, 9), [], Geometry.pixels(2)))], ["a"])
    assert facts.shorter == (0.0, 0.0, 0.0)


def test_a_case_with_another_truth_is_refused() -> None:
    image = Image(np.zeros((1, 9, 9), np.uint8), Geometry.pixels(2))
    with pytest.raises(LabelError, match="not known what is to be found"):
        look_at_case(Case("one", {"image": image}, target=ClassTarget("a")))
