import zipfile
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError, ResourceError
from scanwright.data import npz
from scanwright.data.npz import MemberReference, open_member, read_members, read_small

ARRAY = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_read_as_numpy_reads_it(tmp_path: Path, save: object, order: str) -> None:
    assert callable(save)
    path = tmp_path / "a.npz"
    save(path, images=np.asarray(ARRAY, order=order))
    member = read_members(path)["images"]
    assert (member.shape, member.dtype, member.size_bytes) == ((2, 3, 4), np.int16, 48)
    assert np.array_equal(open_member(path, "images"), ARRAY)
    assert np.array_equal(MemberReference(path, "images", 1, False).read().array[0], ARRAY[1])


def test_an_uncompressed_array_is_mapped_and_not_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=ARRAY)
    assert isinstance(open_member(tmp_path / "a.npz", "images"), np.memmap)


def test_an_array_larger_than_its_share_of_memory_is_unpacked_to_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(npz, "IN_MEMORY_SHARE", 0.0)
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=ARRAY)
    mapped = open_member(path, "images")
    assert isinstance(mapped, np.memmap)
    assert np.array_equal(mapped, ARRAY)
    assert len(list((tmp_path / "cache" / "unpacked").iterdir())) == 1


def test_a_disk_too_small_for_unpacking_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(npz, "IN_MEMORY_SHARE", 0.0)
    monkeypatch.setattr(npz, "free_disk_bytes", lambda _: 1)
    np.savez_compressed(tmp_path / "a.npz", images=ARRAY)
    with pytest.raises(ResourceError, match="SCANWRIGHT_CACHE"):
        open_member(tmp_path / "a.npz", "images")


def test_a_changed_archive_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=ARRAY)
    assert open_member(path, "images")[0, 0, 0] == 0
    np.savez_compressed(path, images=ARRAY + 7, more=ARRAY)
    assert open_member(path, "images")[0, 0, 0] == 7


def test_objects_that_need_unpickling_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", labels=np.array([{"a": 1}], dtype=object))
    with pytest.raises(FileError, match="execute code"):
        read_members(tmp_path / "a.npz")


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.95])
def test_a_truncated_archive_is_refused(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=ARRAY)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    with pytest.raises(FileError, match="cannot be read"):
        read_members(path)


def test_damaged_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    images = np.random.default_rng(0).integers(0, 256, (100, 100)).astype(np.uint8)
    np.savez_compressed(path, images=images)
    content = bytearray(path.read_bytes())
    content[5000:5100] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(FileError):
        open_member(path, "images")


def test_an_array_that_lies_about_its_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.save(tmp_path / "one.npy", ARRAY)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", (tmp_path / "one.npy").read_bytes()[:-8])
    with pytest.raises(FileError, match="not as long as its header declares"):
        read_members(path)


def test_an_absurdly_large_array_of_labels_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz, "LARGEST_SMALL_BYTES", 47)
    np.savez(tmp_path / "a.npz", labels=ARRAY)
    with pytest.raises(FileError, match="absurdly large"):
        read_small(read_members(tmp_path / "a.npz")["labels"])
