from pathlib import Path

import pytest

from scanwright.data.box_flaw import BoxFault
from scanwright.data.box_given import (
    BoxedImage,
    given_boxes,
    merge_lists,
    with_names,
    without_lone_part,
)


def image(name: str, *boxes: tuple[str, float], split: str = "") -> BoxedImage:
    rows = [(0.0, low, 1.0, low + 1) for _, low in boxes]
    given = given_boxes(rows, [label for label, _ in boxes], 2)
    return BoxedImage(name, (Path(name),), given, split)


def test_rows_of_low_and_high_edges_become_edges_by_axis() -> None:
    given = given_boxes([(1, 2, 3, 4)], ["a"], 2)
    assert given.edges.tolist() == [[[1, 3], [2, 4]]]
    assert given_boxes([], [], 3).edges.shape == (0, 3, 2)


def test_two_lists_of_one_image_keep_each_box_once_and_tell_what_only_one_holds() -> None:
    one, other = image("a.png", ("x", 0), ("x", 3)), image("a.png", ("x", 0), ("y", 5))
    (merged,), flaws = merge_lists([one, other])
    assert merged.given is not None
    assert merged.given.labels == ("x", "x", "y")
    assert merged.given.edges[:, 1, 0].tolist() == [0, 3, 5]
    assert [(flaw.label, flaw.fault) for flaw in flaws] == [
        ("x", BoxFault.TWICE),
        ("y", BoxFault.TWICE),
    ]


def test_two_equal_lists_are_one_and_no_fault_but_a_box_twice_in_one_list_stays() -> None:
    (merged,), flaws = merge_lists([image("a", ("x", 0), ("x", 0)), image("a", ("x", 0))])
    assert merged.given is not None
    assert len(merged.given) == 2
    assert flaws == ()


def test_lists_of_two_parts_stay_apart_and_one_of_no_part_joins_each() -> None:
    lists = [image("a", ("x", 0), split="train"), image("a", ("x", 0), split="test")]
    assert [one.split for one in merge_lists(lists)[0]] == ["train", "test"]
    merged, flaws = merge_lists([*lists, image("a", ("x", 4))])
    assert [len(one.given or ()) for one in merged] == [2, 2]
    assert len(flaws) == 4


@pytest.mark.parametrize(
    ("splits", "left"), [(("test", "test"), {""}), (("", "test"), {"", "test"})]
)
def test_a_part_that_holds_everything_is_no_part(splits: tuple[str, ...], left: set[str]) -> None:
    images = [image(f"{place}", split=split) for place, split in enumerate(splits)]
    assert {one.split for one in without_lone_part(images)} == left


def test_names_are_made_unique() -> None:
    assert [one.name for one in with_names([image("a"), image("a")])] == ["a", "a #2"]
