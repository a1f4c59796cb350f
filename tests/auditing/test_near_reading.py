from pathlib import Path

import pytest

from scanwright.auditing.near_reading import near_duplicates_of, read_pictures
from scanwright.data import Entry
from scanwright.data.reference import FileReference
from scanwright.image import Image
from scanwright.io import write
from tests.auditing.textures import COPIES, texture


@pytest.fixture
def entries(tmp_path: Path) -> list[Entry]:
    arrays = {"a": texture(1), "b": texture(2), "d": COPIES["darkened"][1](texture(1))}
    for name, array in arrays.items():
        write(Image.from_array(array[None]), tmp_path / f"{name}.png")
    (tmp_path / "c.png").write_bytes((tmp_path / "a.png").read_bytes()[:90])
    names = ["a", "b", "c", "d", "e"]
    return [Entry(name, FileReference(tmp_path / f"{name}.png")) for name in names]


def test_cases_are_read_in_order_and_bad_ones_named(entries: list[Entry]) -> None:
    read = read_pictures(entries)
    assert [picture is None for picture in read.pictures] == [False, False, True, False, True]
    assert [name for name, _ in read.unreadable] == ["c", "e"]
    assert all(reason for _, reason in read.unreadable)


def test_duplicates_are_found_among_files(entries: list[Entry]) -> None:
    found = near_duplicates_of(entries)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 3)]
    assert found.missing == (2, 4)


def test_more_cases_than_are_read_ahead_all_come(entries: list[Entry]) -> None:
    many = [entries[n % 2] for n in range(40)]
    sizes = [one.size for one in read_pictures(many).pictures if one is not None]
    assert sizes == [(96, 120)] * 40


def test_no_cases_no_pictures() -> None:
    assert read_pictures([]).pictures == ()
