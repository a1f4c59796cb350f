"""Boxes follow a change of the grid."""

import numpy as np
import pytest

from scanwright.image import (
    Box,
    BoxesTarget,
    Case,
    Geometry,
    Image,
    edges_of,
    moved_edges,
)
from scanwright.transforms import Orient, Resize

BOX = Box((1.5, 2.5), (3.5, 6.5), "nodule")


def grid(rank: int) -> Geometry:
    return Geometry.axial((2.0, 1.0, 0.5)[3 - rank :])


def test_edges_are_low_and_high_by_axis() -> None:
    assert edges_of([BOX], 2).tolist() == [[[1.5, 3.5], [2.5, 6.5]]]
    assert edges_of([], 3).shape == (0, 3, 2)


@pytest.mark.parametrize("rank", [2, 3])
def test_a_box_covers_the_same_elements_after_mirroring_and_cropping(rank: int) -> None:
    size = (6, 8, 10)[:rank]
    marked = np.zeros(size)
    inside = tuple(slice(1, 3 + axis) for axis in range(rank))
    marked[inside] = 1
    edges = np.array([[[0.5, 2.5 + axis] for axis in range(rank)]])
    source = grid(rank)
    target = source.flipped(rank - 1, size[-1]).cropped((1,) * rank)
    moved = moved_edges(edges, source, target)[0]
    there = np.flip(marked, axis=rank - 1)[(slice(1, None),) * rank]
    places = np.argwhere(there)
    assert moved[:, 0] == pytest.approx(places.min(axis=0) - 0.5)
    assert moved[:, 1] == pytest.approx(places.max(axis=0) + 0.5)


def test_moving_there_and_back_changes_nothing() -> None:
    source, target = grid(3), grid(3).resized((10, 20, 30), (5, 40, 7)).permuted((2, 0, 1))
    edges = edges_of([Box((0.0, 1.0, 2.0), (3.0, 5.0, 9.0), "a")], 3)
    there = moved_edges(edges, source, target)
    assert moved_edges(there, target, source) == pytest.approx(edges)


@pytest.mark.parametrize("frame", [Geometry.pixels(2), Geometry.detector((0.2, 0.3)), grid(2)])
def test_boxes_of_a_case_follow_its_resizing_in_any_frame(frame: Geometry) -> None:
    case = Case("one", {"image": Image(np.zeros((1, 10, 20), np.float32), frame)})
    case = Case("one", case.images, target=BoxesTarget((BOX,)))
    step = Resize(size=(20, 10))
    moved = step.apply(case, step.draw(case, np.random.default_rng(0)))
    assert isinstance(moved.target, BoxesTarget)
    (box,) = moved.target.boxes
    assert box.low == pytest.approx((3.5, 1.0))
    assert box.high == pytest.approx((7.5, 3.0))
    assert box.label == "nodule"


def test_boxes_of_a_volume_follow_its_turning() -> None:
    geometry = Geometry.axial((3.0, 1.0, 1.0)).permuted((1, 2, 0))
    image = Image(np.zeros((1, 4, 5, 6), np.float32), geometry)
    box = Box((0.5, 1.5, 2.5), (1.5, 3.5, 5.5), "a")
    turned = Orient(axes="SPL")
    case = Case("one", {"image": image}, target=BoxesTarget((box,)))
    moved = turned.apply(case, turned.draw(case, np.random.default_rng(0)))
    assert isinstance(moved.target, BoxesTarget)
    assert moved.target.boxes[0].low == pytest.approx((2.5, 0.5, 1.5))
    assert moved.target.boxes[0].high == pytest.approx((5.5, 1.5, 3.5))
