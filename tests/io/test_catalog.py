"""Tests of recognising, probing, reading and writing whatever the format."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import Catalog, FileError
from scanwright.image import Geometry, Image
from scanwright.io import FORMATS, catalog, format_of_suffix, probe, read, recognise, write
from tests.io.builders import noise
from tests.io.test_format import Lines


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.PNG", "png"),
        ("b.nii.gz", "nifti"),
        ("b.NII", "nifti"),
        ("c.jpeg", "jpeg"),
        ("d.tiff", "tiff"),
        ("e.mhd", "metaimage"),
        ("f.gz", None),
        ("g", None),
        ("nii.gz.txt", None),
    ],
)
def test_suffixes_are_known_in_any_case(name: str, expected: str | None) -> None:
    assert format_of_suffix(name) == expected


def test_text_is_recognised_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "README"
    path.write_text("These are the files.")
    assert recognise(path) is None
    for action in (read, probe):
        with pytest.raises(FileError, match="no known image format"):
            action(path)


def test_a_suffix_serves_where_the_content_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("no picture")
    assert recognise(path) == "png"


@pytest.mark.parametrize("action", [read, probe, recognise])
def test_missing_empty_and_folders_are_refused(action: object, tmp_path: Path) -> None:
    empty = tmp_path / "empty.nii.gz"
    empty.touch()
    for path in (empty, tmp_path, tmp_path / "missing.png"):
        with pytest.raises(FileError) as caught:
            action(path)
        assert caught.value.where == path


def test_writing_needs_a_known_suffix(tmp_path: Path) -> None:
    image = Image.from_array(np.zeros((1, 4, 5), np.uint8))
    for name in ("image", "image.xyz"):
        with pytest.raises(FileError, match="suffix"):
            write(image, tmp_path / name)


def test_writing_where_there_is_no_folder_is_refused(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(FileError, match="cannot be written"):
        write(Image.from_array(np.zeros((1, 4, 5), np.uint8)), blocked / "a.png")


def test_paths_may_be_text(tmp_path: Path) -> None:
    image = Image(noise((1, 4, 5)), Geometry.pixels(2))
    path = str(tmp_path / "a.npz")
    write(image, path)
    assert read(path).is_equal(image)


def test_a_broken_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00" + b"\xff" * 40)
    with pytest.raises(FileError):
        read(path)


def test_formats_of_other_packages_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        name = "lines"

        def load(self) -> Lines:
            return Lines()

    def points(group: str) -> list[Point]:
        assert group == "scanwright.formats"
        return [Point()]

    monkeypatch.setattr("scanwright.base.catalog.entry_points", points)
    entries = dict(FORMATS.items())
    monkeypatch.setattr(catalog, "FORMATS", Catalog("file format", entries, "scanwright.formats"))
    image = Image.from_array(noise((1, 2, 3), "int64"))
    write(image, tmp_path / "a.lines")
    monkeypatch.setattr(catalog, "FORMATS", Catalog("file format", entries, "scanwright.formats"))
    assert recognise(tmp_path / "a.lines") == "lines"
    assert read(tmp_path / "a.lines").is_equal(image)
