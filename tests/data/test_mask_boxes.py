from pathlib import Path

import numpy as np

from scanwright.data import FileReference, MaskBoxes, MaskPart, MaskReference
from scanwright.image import Image, LabelScheme
from scanwright.io import write


def mask_of(path: Path, array: np.typing.NDArray[np.uint8]) -> MaskReference:
    write(Image.from_array(array[None]), path)
    scheme = LabelScheme.of_classes(tuple(f"s{value}" for value in range(1, int(array.max()) + 1)))
    return MaskReference((MaskPart(FileReference(path)),), scheme, present=scheme.names)


def test_each_piece_has_a_box_from_edge_to_edge_and_its_structures_name(tmp_path: Path) -> None:
    array = np.zeros((8, 9), np.uint8)
    array[1:3, 2:5] = 1
    array[3, 5] = 1  # touches by a corner
    array[6, 0] = 1
    array[7, 8] = 2
    boxes = MaskBoxes(mask_of(tmp_path / "m.png", array)).read_on(Image.from_array(array[None]))
    assert [(box.label, box.low, box.high) for box in boxes.boxes] == [
        ("s1", (0.5, 1.5), (3.5, 5.5)),
        ("s1", (5.5, -0.5), (6.5, 0.5)),
        ("s2", (6.5, 7.5), (7.5, 8.5)),
    ]


def test_with_one_name_touching_instances_are_told_apart_by_their_values(tmp_path: Path) -> None:
    array = np.zeros((8, 9), np.uint8)
    array[2, 2:4], array[2, 4:6] = 1, 2
    boxes = MaskBoxes(mask_of(tmp_path / "m.png", array), "cell")
    assert boxes.present == ("cell",)
    read = boxes.read_on(Image.from_array(array[None])).boxes
    assert [(box.label, box.low[1], box.high[1]) for box in read] == [
        ("cell", 1.5, 3.5),
        ("cell", 3.5, 5.5),
    ]


def test_an_empty_mask_is_an_image_without_a_finding(tmp_path: Path) -> None:
    array = np.zeros((8, 9), np.uint8)
    array[0, 0] = 1
    mask = mask_of(tmp_path / "m.png", array)
    write(Image.from_array(np.zeros((1, 8, 9), np.uint8)), tmp_path / "m.png")
    assert MaskBoxes(mask).read_on(Image.from_array(array[None])).boxes == ()
