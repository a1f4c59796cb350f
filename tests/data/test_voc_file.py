from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, LabelError
from scanwright.data.voc_file import may_be_voc, read_list, read_voc

OBJECT = "<object><name>{}</name><bndbox>{}</bndbox></object>"


def put(path: Path, body: str, *, before: str = "", encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}<annotation>{body}</annotation>", encoding=encoding)
    return path


def box(xmin: object, ymin: object, xmax: object, ymax: object, name: str = "x") -> str:
    edges = zip(("xmin", "ymin", "xmax", "ymax"), (xmin, ymin, xmax, ymax), strict=True)
    return OBJECT.format(name, "".join(f"<{tag}>{value}</{tag}>" for tag, value in edges))


def test_pixels_count_from_one_and_both_ends_belong_to_the_box(tmp_path: Path) -> None:
    body = "<filename>a.png</filename><size><width>9</width><height>8</height></size>"
    path = put(tmp_path / "a.xml", body + box(1, 3, 1, 8))
    voc = read_voc(path)
    assert (voc.name, voc.size) == ("a.png", (8, 9))
    assert voc.given.edges.tolist() == [[[2, 8], [0, 1]]]
    assert may_be_voc(path)


def test_an_edge_that_is_missing_or_no_number_is_no_number(tmp_path: Path) -> None:
    path = put(tmp_path / "a.xml", box("", 3, "left", 8) + OBJECT.format("x", ""))
    edges = read_voc(path).given.edges
    assert np.isnan(edges[0, 1]).all()
    assert np.isnan(edges[1]).all()


BOMB = "<!DOCTYPE annotation [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;'>]>"
LEAK = "<!DOCTYPE annotation [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("before", [BOMB, LEAK, "<!DOCTYPE annotation SYSTEM 'http://a.b/c.dtd'>"])
def test_a_document_type_is_refused_whatever_the_encoding(
    tmp_path: Path, before: str, encoding: str
) -> None:
    path = put(tmp_path / "a.xml", "&a;", before=before, encoding=encoding)
    with pytest.raises(FileError, match="declares a document type"):
        read_voc(path)


def test_what_is_no_xml_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<annotation><object>")
    with pytest.raises(FileError, match="cannot be read"):
        read_voc(path)
    path.write_text("<study></study>")
    assert not may_be_voc(path)
    with pytest.raises(LabelError, match="not one of Pascal VOC's"):
        read_voc(path)
    with pytest.raises(LabelError, match="no name"):
        read_voc(put(path, "<object></object>"))


def test_a_list_gives_the_names_alone(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a 1\nb -1\n\n")
    assert list(read_list(tmp_path / "train.txt")) == ["a", "b"]
