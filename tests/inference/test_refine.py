import numpy as np
import pytest

from scanwright.image import LabelScheme
from scanwright.inference import (
    REFINEMENTS,
    DropSmall,
    FillHoles,
    KeepLargest,
    Outlines,
    Refinement,
)

CLASSES = LabelScheme(("a", "b"), ((1,), (2,)))
REGIONS = LabelScheme(("a", "b"), ((1, 2), (2,)))


def refined(refinement: Refinement, labels: list[object], **facts: object) -> list[object]:
    array = np.array(labels, np.uint8)
    scheme = CLASSES if len(array) == 1 else REGIONS
    outlines = Outlines(array, scheme, **facts)  # type: ignore[arg-type]  # facts by name
    refinement.apply(outlines)
    return array.tolist()


def test_only_the_largest_piece_of_all_names_stays() -> None:
    got = refined(KeepLargest(), [[[1, 2, 0, 0, 1], [1, 2, 0, 0, 0]]])
    assert got == [[[1, 2, 0, 0, 0], [1, 2, 0, 0, 0]]]


def test_only_the_largest_piece_of_one_name_stays() -> None:
    got = refined(KeepLargest(names=("a",)), [[[1, 1, 0, 0, 1], [0, 2, 0, 2, 0]]])
    assert got == [[[1, 1, 0, 0, 0], [0, 2, 0, 2, 0]]]


def test_elements_that_touch_at_a_corner_are_one_piece() -> None:
    labels = [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]
    assert refined(KeepLargest(), labels) == labels


def test_pieces_below_a_volume_are_dropped_name_by_name() -> None:
    labels = [[[1, 1, 0, 2, 0, 1]]]
    assert refined(DropSmall(below_mm=4.0), labels, element_mm=2.0) == [[[1, 1, 0, 0, 0, 0]]]
    assert refined(DropSmall(below_mm=4.1), labels, element_mm=2.0) == [[[0, 0, 0, 0, 0, 0]]]
    got = refined(DropSmall(below_mm=4.1, names=("b",)), labels, element_mm=2.0)
    assert got == [[[1, 1, 0, 0, 0, 1]]]


def test_holes_are_filled_where_no_other_name_lies() -> None:
    labels = [[[1, 1, 1, 1], [1, 0, 2, 1], [1, 1, 1, 1], [0, 1, 0, 0]]]
    assert refined(FillHoles(), labels) == [
        [[1, 1, 1, 1], [1, 1, 2, 1], [1, 1, 1, 1], [0, 1, 0, 0]]
    ]


def test_large_holes_stay_open_where_asked() -> None:
    labels = [[[1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 0, 1], [1, 1, 1, 1, 1, 1]]]
    assert refined(FillHoles(below_mm=2.0), labels) == [
        [[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 1], [1, 1, 1, 1, 1, 1]]
    ]


def test_a_hole_may_not_leak_by_a_corner() -> None:
    labels = [[[0, 1, 1], [1, 0, 1], [1, 1, 1]]]
    assert refined(FillHoles(), labels) == [[[0, 1, 1], [1, 1, 1], [1, 1, 1]]]


def test_regions_are_refined_each_in_its_channel() -> None:
    labels = [[[1, 1, 0, 1]], [[0, 1, 0, 0]]]
    assert refined(KeepLargest(names=("a",)), labels) == [[[1, 1, 0, 0]], [[0, 1, 0, 0]]]


@pytest.mark.parametrize("shape", [(1, 6), (1, 5, 6), (1, 4, 5, 6), (2, 4, 5, 6)])
@pytest.mark.parametrize("kind", list(REFINEMENTS))
def test_every_refinement_bears_emptiness_fullness_and_a_second_turn(
    kind: str, shape: tuple[int, ...]
) -> None:
    refinement = REFINEMENTS[kind].parse({"below_mm": 3.0} if kind == "drop_small" else {}, "")
    rng = np.random.default_rng(0)
    top = 2 if shape[0] == 1 else 1
    scheme = CLASSES if shape[0] == 1 else REGIONS
    for array in (np.zeros(shape), np.ones(shape), rng.integers(0, top + 1, shape)):
        labels = array.astype(np.uint8)
        refinement.apply(Outlines(labels, scheme))  # type: ignore[attr-defined]  # every one has it
        once = labels.copy()
        refinement.apply(Outlines(labels, scheme))  # type: ignore[attr-defined]  # every one has it
        assert np.array_equal(labels, once)
        assert labels.max() <= top
        if not array.any():
            assert not labels.any()
