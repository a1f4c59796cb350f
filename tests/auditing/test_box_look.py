import itertools
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scanwright.auditing.box_look import NEAR, OPPOSED, look_at_boxes
from scanwright.image import Box, BoxesTarget


def overlap(one: Box, other: Box) -> float:
    common = 1.0
    for a, b, c, d in zip(one.low, one.high, other.low, other.high, strict=True):
        common *= max(0.0, min(b, d) - max(a, c))
    sizes = [np.prod(np.subtract(box.high, box.low)) for box in (one, other)]
    return float(common / (sum(sizes) - common))


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(18, 20), st.sampled_from("xy")),
        max_size=8,
    )
)
def test_copies_near_copies_and_clashes_are_those_of_all_pairs(
    drawn: list[tuple[int, int, int, str]],
) -> None:
    boxes = [
        Box((float(down), float(right)), (down + float(edge), right + 20.0), label)
        for down, right, edge, label in drawn
    ]
    look = look_at_boxes(BoxesTarget(tuple(boxes)), (30, 30))
    copies = near = 0
    clashes = set()
    for place, box in enumerate(boxes):
        before = boxes[:place]
        if box in before:
            copies += 1
        elif any(one.label == box.label and overlap(one, box) > NEAR for one in before):
            near += 1
    for one, other in itertools.combinations(boxes, 2):
        if one.label != other.label and overlap(one, other) > OPPOSED:
            clashes.add(tuple(sorted((one.label, other.label))))
    assert (look.copies, look.near, look.opposed) == (copies, near, tuple(sorted(clashes)))


def test_shares_and_edges_are_in_elements_in_any_rank() -> None:
    box = Box((0.0, 0.0, 0.0), (1.0, 2.0, 4.0), "x")
    look = look_at_boxes(BoxesTarget((box,)), (2, 4, 8))
    assert (look.shares[0], look.shortest[0], look.longest[0]) == (1 / 8, 1, 4)


def test_an_image_without_a_finding_has_a_look_too() -> None:
    assert look_at_boxes(BoxesTarget(()), (4, 4)).labels == ()


def test_ten_thousand_boxes_are_compared_in_seconds() -> None:
    corners = np.random.default_rng(0).uniform(0, 4000, (10_000, 2)).tolist()
    boxes = tuple(Box((y, x), (y + 9, x + 9), "x") for y, x in corners)
    look_at_boxes(BoxesTarget(boxes[:2]), (4096, 4096))  # compiles
    begin = time.perf_counter()
    assert look_at_boxes(BoxesTarget((*boxes, boxes[0])), (4096, 4096)).copies == 1
    assert time.perf_counter() - begin < 20
