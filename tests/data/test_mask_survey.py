"""What masks hold is found out by looking, and what it means by what is usual."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import SILENT, LabelError
from scanwright.data import FileReference, MaskPart
from scanwright.data.mask_survey import FileValues, meaning_of, meaning_of_known, survey_masks
from scanwright.image import Array, LabelScheme
from tests.data.mask_builders import block, noise, put_png


def surveyed(path: Path, array: Array) -> FileValues:
    put_png(path, array)
    return survey_masks({path: MaskPart(FileReference(path))}, SILENT)[path]


def test_values_are_found(tmp_path: Path) -> None:
    assert surveyed(tmp_path / "a.png", block(7)) == FileValues((0, 7))


def test_grey_edges_are_no_labels_and_labels_are_no_grey_edges(tmp_path: Path) -> None:
    edged = block()
    edged[3, 5:12] = range(60, 200, 20)
    edged[9, 5:12] = range(50, 190, 20)
    assert surveyed(tmp_path / "a.png", edged).is_blurred
    steps = np.kron(np.array([[0, 85, 170, 255]], np.uint8), np.ones((16, 4), np.uint8))
    assert not surveyed(tmp_path / "b.png", steps).is_blurred
    void = np.repeat(np.arange(21, dtype=np.uint8), 6)[None].repeat(9, 0)
    void[:, -6:] = 255
    assert not surveyed(tmp_path / "c.png", void).is_blurred


def test_an_image_is_no_mask(tmp_path: Path) -> None:
    assert "looks like an image" in surveyed(tmp_path / "a.png", noise(0)).error


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"nothing")
    found = survey_masks({path: MaskPart(FileReference(path))}, SILENT)
    assert found[path].error


@pytest.mark.parametrize("values", [(0, 255), (255,), (0, 1, 255), (0, 65535)])
def test_white_alone_is_one_structure(values: tuple[int, ...]) -> None:
    meaning = meaning_of([FileValues(values)], ())
    assert meaning.scheme == LabelScheme(("label 1",), ((1,),))
    assert dict(meaning.values)[values[-1]] == 1


def test_other_values_keep_their_numbers() -> None:
    meaning = meaning_of([FileValues((0, 4)), FileValues((0, 2, 255))], ())
    assert meaning.scheme == LabelScheme(("label 2", "label 4", "label 255"), ((2,), (4,), (255,)))
    assert "255 beside other values" in meaning.notes[0]


def test_names_go_to_values_in_order() -> None:
    meaning = meaning_of([FileValues((0, 2, 5))], ("liver", "tumour"))
    assert meaning.scheme.values == ((2,), (5,))
    with pytest.raises(LabelError, match="values 2, 5"):
        meaning_of([FileValues((0, 2, 5))], ("liver",))


def test_negative_values_need_a_name() -> None:
    with pytest.raises(LabelError, match=r"negative.*-1"):
        meaning_of([FileValues((-1, 0, 1))], ())


def test_white_stands_for_the_only_known_class() -> None:
    one = LabelScheme.of_classes(("lung",))
    two = LabelScheme.of_classes(("lung", "heart"))
    assert meaning_of_known([FileValues((0, 255))], one).values == ((255, 1),)
    assert meaning_of_known([FileValues((0, 255))], two).values == ()


def test_more_values_than_classes_are_objects() -> None:
    halves = [FileValues(tuple(range(200))), FileValues(tuple(range(150, 300)))]
    with pytest.raises(LabelError, match="numbers one object"):
        meaning_of(halves, ())
