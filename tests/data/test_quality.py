from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import SplitError
from scanwright.data import Entry, index_data
from scanwright.data.quality import (
    contradictions,
    copies_to_drop,
    digest_pixels,
    find_shared,
    refuse_shared,
    truth_key,
)
from scanwright.data.reference import FileReference
from scanwright.image import ClassTarget, Image
from scanwright.io import write
from tests.data.builders import made_entry, make_png, pixels
from tests.data.mask_builders import block, noise, put_png


def test_equal_pixels_are_found_across_file_formats(tmp_path: Path) -> None:
    make_png(tmp_path / "a.png", 1)
    write(Image.from_array(pixels(1)), tmp_path / "b.bmp")
    make_png(tmp_path / "c.png", 2)
    entries = [Entry(name, FileReference(tmp_path / name)) for name in ("a.png", "b.bmp", "c.png")]
    of = digest_pixels(entries).of
    assert of["a.png"] == of["b.bmp"] != of["c.png"]


def test_equal_values_of_another_shape_or_type_differ(tmp_path: Path) -> None:
    arrays = {
        "a": np.zeros((1, 2, 6), np.uint8),
        "b": np.zeros((1, 3, 4), np.uint8),
        "c": np.zeros((1, 1, 6), np.uint16),
    }
    for name, array in arrays.items():
        write(Image.from_array(array), tmp_path / f"{name}.png")
    entries = [Entry(name, FileReference(tmp_path / f"{name}.png")) for name in arrays]
    assert len(set(digest_pixels(entries).of.values())) == 3


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = make_png(tmp_path / "a.png", 1)
    path.write_bytes(path.read_bytes()[:60])
    digests = digest_pixels([Entry("a", FileReference(path)), made_entry(1)])
    assert set(digests.of) == {"case 0001"}
    assert [one.source for one in digests.unreadable] == ["a"]
    assert digests.unreadable[0].reason


def parts_with_twins() -> dict[str, list[Entry]]:
    return {
        "train": [made_entry(0), made_entry(1, seed=11, patient="P"), made_entry(2, seed=12)],
        "validation": [made_entry(10, seed=11), made_entry(13, seed=14)],
        "test": [made_entry(12), made_entry(14), made_entry(15, patient="P")],
    }


def test_copies_leave_the_part_farther_from_the_test() -> None:
    parts = parts_with_twins()
    of = digest_pixels([entry for cases in parts.values() for entry in cases]).of
    shared = find_shared(parts, of, by_patient=False)
    assert copies_to_drop(shared) == {
        "case 0001": "in train, identical to case 0010 in validation",
        "case 0002": "in train, identical to case 0012 in test",
        "case 0013": "in validation, identical to case 0014 in test",
    }


def test_patients_on_two_sides_are_found_only_when_asked() -> None:
    parts = parts_with_twins()
    of = {entry.name: entry.name for cases in parts.values() for entry in cases}
    assert find_shared(parts, of, by_patient=False) == []
    shared = find_shared(parts, of, by_patient=True)
    assert set(copies_to_drop(shared)) == {"case 0001"}
    with pytest.raises(SplitError, match=r"same patient .*train: case 0001 and test: case 0015"):
        refuse_shared(shared)


def test_the_error_names_five_and_counts_the_rest() -> None:
    parts = {
        "train": [made_entry(number) for number in range(8)],
        "test": [made_entry(number + 100, seed=number) for number in range(8)],
    }
    of = digest_pixels([entry for cases in parts.values() for entry in cases]).of
    with pytest.raises(SplitError, match=r"8 images: .*case 0104; and 3 more.*--shared drop"):
        refuse_shared(find_shared(parts, of, by_patient=True))


def test_nothing_shared_is_no_error() -> None:
    refuse_shared([])
    assert copies_to_drop([]) == {}


def test_identical_images_with_other_labels_are_found() -> None:
    entries = [
        made_entry(0, ClassTarget("a"), seed=5),
        made_entry(1, ClassTarget("b"), seed=5),
        made_entry(2, ClassTarget("a"), seed=6),
        made_entry(3, ClassTarget("a"), seed=6),
    ]
    opposed = contradictions(entries, digest_pixels(entries).of)
    assert [[entry.name for entry in same] for same in opposed] == [["case 0000", "case 0001"]]


def test_the_twins_of_the_published_sets_are_found(shared_data: Callable[[str], Path]) -> None:
    def shared_of(name: str) -> dict[tuple[str, ...], int]:
        index = index_data(shared_data(f"classification/{name}/{name}.npz"))
        parts: dict[str, list[Entry]] = {}
        for entry in index.entries:
            parts.setdefault(entry.split, []).append(entry)
        counts: dict[tuple[str, ...], int] = {}
        of = digest_pixels(index.entries).of
        for one in find_shared(parts, of, by_patient=True):
            key = tuple(sorted(one.cases))
            counts[key] = counts.get(key, 0) + 1
        return counts

    assert shared_of("breastmnist") == {("test", "train"): 1}
    assert shared_of("pneumoniamnist") == {("train", "validation"): 8}


def test_masks_differ_by_what_they_outline_and_not_by_their_file(tmp_path: Path) -> None:
    values = {"a": block(1), "b": block(255), "c": np.roll(block(), 2, 1)}
    for name, mask in values.items():
        put_png(tmp_path / "images" / f"{name}.png", noise(5))
        put_png(tmp_path / "masks" / f"{name}.png", mask)
    entries = index_data(tmp_path).entries
    keys = [truth_key(entry) for entry in entries]
    assert keys[0] == keys[1] != keys[2]
    digests = digest_pixels(entries).of
    assert [[one.name for one in same] for same in contradictions(entries, digests)] == [
        ["a", "b", "c"]
    ]
    assert contradictions(entries[:2], digests) == []
