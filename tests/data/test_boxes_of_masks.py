from pathlib import Path

import numpy as np

from scanwright.data import IndexOptions, MaskBoxes, index_data, read_case, split_index
from scanwright.image import BoxesTarget, Image
from scanwright.io import write

from .builders import make_png


def make_masks(root: Path, count: int = 12, values: tuple[int, int] = (1, 1)) -> None:
    for number in range(count):
        make_png(root / "images" / f"{number}.png", number)
        array = np.zeros((1, 8, 9), np.uint8)
        array[0, 1:3, 1:3], array[0, 3:5, 3 : 5 + number % 3] = values
        (root / "masks").mkdir(exist_ok=True)
        write(Image.from_array(array), root / "masks" / f"{number}.png")


def test_masks_are_boxes_when_detection_is_asked_for(tmp_path: Path) -> None:
    make_masks(tmp_path, values=(1, 2))
    index = index_data(tmp_path, IndexOptions(task="detection", order=("a", "b")))
    assert (index.task.kind, index.task.labels) == ("detection", ("a", "b"))
    entry = index.entries[0]
    assert isinstance(entry.target, MaskBoxes)
    assert len(entry.files) == 2
    target = read_case(entry).target
    assert isinstance(target, BoxesTarget)
    assert [(box.label, box.low) for box in target.boxes] == [("a", (0.5, 0.5)), ("b", (2.5, 2.5))]


def test_a_mask_of_instances_becomes_one_label_with_one_name(tmp_path: Path) -> None:
    make_masks(tmp_path, values=(1, 2))
    index = index_data(tmp_path, IndexOptions(task="detection", order=("cell",)))
    assert index.task.labels == ("cell",)
    target = read_case(index.entries[0]).target
    assert isinstance(target, BoxesTarget)
    assert [box.label for box in target.boxes] == ["cell", "cell"]


def test_boxes_of_masks_can_be_split(tmp_path: Path) -> None:
    make_masks(tmp_path)
    plan = split_index(index_data(tmp_path, IndexOptions(task="detection")))
    assert len(plan.test) > 0
