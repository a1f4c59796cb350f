from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, LabelError, RecipeError, ShapeError
from scanwright.data import IndexOptions, fetch_medmnist, index_data, read_case
from scanwright.data.layouts.medmnist import is_named
from scanwright.data.medmnist_sets import MEDMNIST_SETS
from scanwright.image import Array, ClassTarget, GradeTarget, LabelsTarget, Modality, NumberTarget


def make_archive(path: Path, shape: tuple[int, ...], labels: Array, **extra: Array) -> Path:
    """Write an archive with as many train as validation as test images."""
    rng = np.random.default_rng(0)
    arrays = dict(extra)
    for word in ("train", "val", "test"):
        arrays[f"{word}_images"] = rng.integers(0, 256, (len(labels), *shape)).astype(np.uint8)
        arrays[f"{word}_labels"] = labels
    np.savez_compressed(path, **arrays)
    return path


def column(*labels: float) -> Array:
    return np.array(labels)[:, None].astype(np.uint8)


@pytest.mark.parametrize(
    ("shape", "size", "channels"),
    [
        ((8, 9), (8, 9), 1),
        ((8, 9, 3), (8, 9), 3),
        ((7, 8, 9), (7, 8, 9), 1),
        ((7, 8, 9, 3), (7, 8, 9), 3),
    ],
)
def test_images_of_every_shape_are_read_row_by_row(
    tmp_path: Path, shape: tuple[int, ...], size: tuple[int, ...], channels: int
) -> None:
    path = make_archive(tmp_path / "set.npz", shape, column(0, 1))
    index = index_data(path)
    entry = index.entries[3]
    assert (entry.name, entry.split) == ("validation/000001", "validation")
    assert (entry.size, entry.channels, entry.dtype) == (size, channels, "uint8")
    stored = np.load(path)["val_images"][1]
    expected = np.moveaxis(stored, -1, 0) if channels == 3 else stored[None]
    case = read_case(entry)
    assert np.array_equal(case.image.array, expected)
    assert case.target == ClassTarget("1")
    assert case.source == "set.npz::val_images[1]"


def test_a_known_name_brings_labels_and_modality(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "breastmnist_64.npz", (8, 8), column(0, 1))
    index = index_data(path)
    assert index.task.labels == ("malignant", "normal, benign")
    assert index.entries[0].modality is Modality.ULTRASOUND
    assert read_case(index.entries[0]).image.modality is Modality.ULTRASOUND
    assert index.shared == "drop"
    assert index.notes == ()


def test_an_unknown_name_is_said_and_labels_are_numbers(tmp_path: Path) -> None:
    index = index_data(make_archive(tmp_path / "mine.npz", (8, 8), column(0, 2)))
    assert index.task.labels == ("0", "1", "2")
    assert "no MedMNIST name" in index.notes[0]
    assert index.entries[0].modality is Modality.UNKNOWN


def test_several_columns_are_findings(tmp_path: Path) -> None:
    labels = np.zeros((3, 14), np.uint8)
    labels[1, [0, 13]] = 1
    index = index_data(make_archive(tmp_path / "chestmnist.npz", (8, 8), labels))
    assert index.task.kind == "findings"
    assert index.entries[1].target == LabelsTarget(frozenset({"atelectasis", "hernia"}))


def test_an_ordinal_set_has_grades(tmp_path: Path) -> None:
    index = index_data(make_archive(tmp_path / "retinamnist.npz", (8, 8, 3), column(0, 4)))
    assert index.task.kind == "grade"
    assert index.entries[1].target == GradeTarget(4)


def test_flat_labels_and_numbers_are_read(tmp_path: Path) -> None:
    flat = index_data(make_archive(tmp_path / "flat.npz", (8, 8), np.array([0, 1])))
    assert flat.entries[1].target == ClassTarget("1")
    numbers = index_data(make_archive(tmp_path / "n.npz", (8, 8), np.array([0.5, 1.5])))
    assert numbers.entries[1].target == NumberTarget(1.5)


def test_the_task_and_names_can_be_chosen(tmp_path: Path) -> None:
    path = make_archive(tmp_path / "x.npz", (8, 8), column(0, 1))
    index = index_data(path, IndexOptions(task="grade", order=("low", "high")))
    assert index.task.labels == ("low", "high")
    with pytest.raises(LabelError, match="more labels than names"):
        index_data(path, IndexOptions(order=("low",)))


@pytest.mark.parametrize(
    ("labels", "error"),
    [
        (np.array([[0], [1], [1]]), LabelError),
        (np.array([["a"], ["b"]]), LabelError),
        (np.zeros((2, 2, 2)), LabelError),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    tmp_path: Path, labels: Array, error: type[Exception]
) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, train_images=np.zeros((2, 8, 8), np.uint8), train_labels=labels)
    with pytest.raises(error):
        index_data(path)


def test_images_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, train_images=np.zeros((2, 8)), train_labels=np.zeros(2))
    with pytest.raises(ShapeError):
        index_data(path)
    np.savez(path, images=np.zeros((2, 8, 8)))
    with pytest.raises(FileError, match="no images with labels"):
        index_data(path)


def test_a_missing_part_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    images = np.zeros((2, 8, 8), np.uint8)
    np.savez(path, train_images=images, train_labels=np.array([0, 1]))
    assert "no test and no validation part" in index_data(path).notes[-1]


def test_breastmnist_is_read_as_published(shared_data: Callable[[str], Path]) -> None:
    index = index_data(shared_data("classification/breastmnist/breastmnist.npz"))
    counts = [sum(entry.split == part for entry in index.entries) for part in ("train", "test")]
    assert counts == [546, 156]
    malignant = [entry for entry in index.entries if entry.target == ClassTarget("malignant")]
    assert sum(entry.split == "train" for entry in malignant) == 147


def test_a_set_that_is_not_here_names_the_flag_and_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(FileError, match=r"--allow-network.*medmnist/breastmnist_64\.npz"):
        index_data("medmnist:breastmnist:64")


def test_unknown_sets_and_sizes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(RecipeError, match='did you mean "breastmnist"'):
        fetch_medmnist("medmnist:brestmnist")
    with pytest.raises(RecipeError, match="28, 64"):
        fetch_medmnist("medmnist:organmnist3d:224")


def test_a_wrong_file_in_the_cache_is_refused_and_the_right_one_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_data: Callable[[str], Path]
) -> None:
    monkeypatch.setenv("SCANWRIGHT_CACHE", str(tmp_path))
    place = tmp_path / "medmnist" / "breastmnist.npz"
    place.parent.mkdir()
    place.write_bytes(b"something else")
    with pytest.raises(FileError, match="not the published one"):
        index_data("medmnist:breastmnist")
    content = shared_data("classification/breastmnist/breastmnist.npz").read_bytes()
    place.write_bytes(content)
    assert len(index_data("medmnist:BreastMNIST:28")) == 780


def test_every_published_set_has_a_checksum_for_28() -> None:
    assert all(28 in known.md5 for known in MEDMNIST_SETS.values())


def test_names_are_told_from_paths() -> None:
    assert is_named("medmnist:breastmnist")
    assert not is_named(Path("medmnist/breastmnist.npz"))
