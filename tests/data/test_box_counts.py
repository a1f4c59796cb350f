import numpy as np
import pytest

from scanwright.data import Entry
from scanwright.data.box_counts import count_boxes
from scanwright.image import Box, BoxesTarget, ClassTarget

from .builders import made_entry


def sized(number: int, *lengths: float, spacing: tuple[float, ...] | None = None) -> Entry:
    boxes = tuple(Box((0.0, 0.0), (1.0, length), "x") for length in lengths)
    return made_entry(number, BoxesTarget(boxes), spacing_mm=spacing)


def test_boxes_images_and_longest_edges_are_counted_by_label() -> None:
    lengths = np.arange(2.0, 13.0).tolist()
    counts = count_boxes([sized(0, *lengths), sized(1), sized(2, 7)], ("x", "y"))
    assert (counts["x"].boxes, counts["x"].images) == (12, 2)
    assert counts["x"].longest_px == pytest.approx(np.percentile([*lengths, 7], [10, 50, 90]))
    assert counts["x"].longest_mm is None
    assert (counts["y"].boxes, counts["y"].longest_px) == (0, (0, 0, 0))


def test_mm_come_from_the_images_that_say_their_spacing_and_choose_the_longest_there() -> None:
    counts = count_boxes([sized(0, 3, spacing=(5.0, 1.0)), sized(1, 90)], ("x",))
    assert counts["x"].longest_mm == (5, 5, 5)


def test_other_truths_have_no_boxes_to_count() -> None:
    assert count_boxes([made_entry(0, ClassTarget("a"))], ("a",)) == {}
