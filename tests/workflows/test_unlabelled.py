"""Which images without a label may be learnt from."""

from pathlib import Path

import numpy as np
from tests.workflows.test_prepare import scans

from scanwright.data import IndexOptions, index_data
from scanwright.image import Image
from scanwright.io import write
from scanwright.workflows.unlabelled import unlabelled_entries, without_copies


def more(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    for index in range(count):
        array = rng.integers(0, 255, (1, 20, 20), np.uint8)
        write(Image.from_array(array), folder / f"{index}.png")
    return folder


def test_images_among_the_labelled_and_of_a_second_folder_are_found_once(tmp_path: Path) -> None:
    data = scans(tmp_path / "data", 3)
    more(data / "unlabelled", 4)
    index = index_data(data, IndexOptions())
    assert len(unlabelled_entries(index, None)) == 4
    assert len(unlabelled_entries(index, more(tmp_path / "other", 2))) == 6
    assert len(unlabelled_entries(index, data / "unlabelled")) == 4


def test_names_stay_apart_from_those_of_the_data_set(tmp_path: Path) -> None:
    data = scans(tmp_path / "data", 3)
    index = index_data(data, IndexOptions())
    found = unlabelled_entries(index, more(tmp_path / "a", 2) and more(tmp_path / "a" / "a", 2))
    names = {entry.name for entry in (*index.entries, *found)}
    assert len(names) == len(index.entries) + len(found)


def test_copies_of_known_images_are_left_out(tmp_path: Path) -> None:
    data = scans(tmp_path / "data", 3)
    index = index_data(data, IndexOptions())
    other = more(tmp_path / "other", 2)
    (other / "copy.png").write_bytes((data / "a" / "0.png").read_bytes())
    found = unlabelled_entries(index, other)
    assert len(found) == 3
    kept = without_copies(found, index.entries)
    assert [entry.name for entry in kept if "copy" in entry.name] == []
    assert len(kept) == 2
