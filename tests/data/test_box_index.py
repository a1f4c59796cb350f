from pathlib import Path

import pytest

from scanwright.base import SILENT, LabelError
from scanwright.data import IndexOptions
from scanwright.data.box_flaw import BoxFault
from scanwright.data.box_given import BoxedImage, given_boxes
from scanwright.data.box_index import Boxed, index_boxed
from scanwright.data.walk import list_files

from .box_builders import boxes_of
from .builders import make_png


def boxed(root: Path, *images: BoxedImage) -> Boxed:
    return Boxed(root, "mine", "mine", list_files(root), images, "a test", declared=("x", "never"))


def picture(root: Path, name: str, *, is_known: bool = True) -> BoxedImage:
    given = given_boxes([(0, 0, 2, 2)], ["x"], 2) if is_known else None
    return BoxedImage(name, (make_png(root / name, len(name)),), given)


def test_images_without_boxes_given_wait_unlabelled(tmp_path: Path) -> None:
    images = picture(tmp_path, "a.png"), picture(tmp_path, "bb.png", is_known=False)
    index = index_boxed(boxed(tmp_path, *images), IndexOptions(), SILENT)
    assert [entry.name for entry in index.entries] == ["a.png"]
    assert [entry.name for entry in index.unlabelled] == ["bb.png"]
    assert "no box is of never: nothing can be learnt of it" in index.notes


def test_flaws_of_a_source_are_told_with_the_name_of_the_case(tmp_path: Path) -> None:
    image = picture(tmp_path, "a.png")
    image = BoxedImage(image.name, image.files, image.given, flaws=(("x", BoxFault.CROWD),))
    index = index_boxed(boxed(tmp_path, image), IndexOptions(), SILENT)
    assert [(one.case, one.fault) for one in index.box_flaws] == [("a.png", BoxFault.CROWD)]
    assert boxes_of(index.entries[0]) == [("x", (-0.5, -0.5), (1.5, 1.5))]


def test_names_of_files_tell_patients_where_they_leave_no_doubt(tmp_path: Path) -> None:
    names = ("patient1_slice_1.png", "patient1_slice_2.png", "patient2_slice_01.png")
    images = [picture(tmp_path, name) for name in names]
    index = index_boxed(boxed(tmp_path, *images), IndexOptions(), SILENT)
    assert [entry.patient for entry in index.entries] == ["patient1", "patient1", "patient2"]


def test_a_set_of_which_no_image_can_be_read_is_refused_with_the_reason(tmp_path: Path) -> None:
    image = picture(tmp_path, "a.png")
    image.files[0].write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(LabelError, match="No image with its boxes can be used"):
        index_boxed(boxed(tmp_path, image), IndexOptions(), SILENT)


def test_boxes_that_were_all_left_out_are_told_where_none_remains(tmp_path: Path) -> None:
    image = picture(tmp_path, "a.png")
    given = given_boxes([(5.0, 5.0, 5.0, 2.0)], ["x"], 2)
    image = BoxedImage(image.name, image.files, given)
    with pytest.raises(LabelError, match="No image has a box") as caught:
        index_boxed(boxed(tmp_path, image), IndexOptions(), SILENT)
    assert "1 box has no area and is left out" in str(caught.value)
