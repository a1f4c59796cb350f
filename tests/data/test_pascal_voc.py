from pathlib import Path

import pytest

from scanwright.base import LabelError
from scanwright.data import index_data
from scanwright.image import BoxesTarget

from .box_builders import boxes_of, by_name
from .builders import make_png
from .test_voc_file import box, put

SIZE = "<size><width>9</width><height>8</height><depth>1</depth></size>"


def make_voc(root: Path, images: str, files: str) -> None:
    for seed, (stem, body) in enumerate(
        {"a": box(2, 1, 4, 3), "b": "", "c": box(1, 1, 9, 8)}.items()
    ):
        make_png(root / images / f"{stem}.png", seed)
        put(root / files / f"{stem}.xml", f"<filename>C:\\{stem}.jpg</filename>{SIZE}{body}")


@pytest.mark.parametrize(
    ("images", "files"), [("JPEGImages", "Annotations"), (".", "."), ("images", "xml"), ("p", "q")]
)
def test_an_xml_file_for_each_image_gives_its_boxes(
    tmp_path: Path, images: str, files: str
) -> None:
    make_voc(tmp_path, images, files)
    index = index_data(tmp_path)
    assert (index.layout, index.task.labels) == ("pascal-voc", ("x",))
    cases = {Path(name).stem: entry for name, entry in by_name(index).items()}
    assert boxes_of(cases["a"]) == [("x", (-0.5, 0.5), (2.5, 3.5))]
    assert boxes_of(cases["c"]) == [("x", (-0.5, -0.5), (7.5, 8.5))]
    assert cases["b"].target == BoxesTarget(())


def test_the_lists_of_image_sets_tell_the_parts(tmp_path: Path) -> None:
    make_voc(tmp_path, "JPEGImages", "Annotations")
    main = tmp_path / "ImageSets" / "Main"
    main.mkdir(parents=True)
    for part, names in {
        "train": "a\nb",
        "val": "c",
        "trainval": "a\nb\nc",
        "x_train": "a 1",
    }.items():
        (main / f"{part}.txt").write_text(names)
    index = index_data(tmp_path)
    assert [entry.split for entry in index.entries] == ["train", "train", "validation"]


def test_an_image_without_a_file_waits_and_a_file_without_an_image_is_told(tmp_path: Path) -> None:
    make_voc(tmp_path, "JPEGImages", "Annotations")
    make_png(tmp_path / "JPEGImages" / "d.png", 9)
    make_png(tmp_path / "SegmentationClass" / "a.png", 10)
    put(tmp_path / "Annotations" / "z.xml", "<filename>z.png</filename>")
    index = index_data(tmp_path)
    assert [entry.name for entry in index.unlabelled] == ["JPEGImages/d.png"]
    assert index.skipped[0].reason == "there is no image of its name"
    assert "1 images have no XML file" in "\n".join(index.notes)


def test_a_broken_file_leaves_its_image_out_and_only_broken_ones_are_an_error(
    tmp_path: Path,
) -> None:
    make_voc(tmp_path, "JPEGImages", "Annotations")
    (tmp_path / "Annotations" / "a.xml").write_text("<annotation><object>")
    index = index_data(tmp_path)
    assert len(index) == 2
    assert "its boxes a.xml" in index.skipped[0].reason
    for stem in "bc":
        (tmp_path / "Annotations" / f"{stem}.xml").write_text("<annotation><object>")
    with pytest.raises(LabelError, match="No image with its boxes can be used"):
        index_data(tmp_path)
