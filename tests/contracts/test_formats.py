"""The contract of every file format in the catalog."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import FileError
from scanwright.image import Geometry, Image
from scanwright.io import FORMATS, ReadLimits, probe, read, recognise, write

LOSSY = {"jpeg"}
VOLUMES = {"metaimage", "nifti", "npy", "npz", "nrrd", "tiff"}
PHYSICAL = {"metaimage", "nifti", "npz", "nrrd"}
NAMES = sorted(FORMATS)


def picture(name: str) -> Image:
    ramp = np.add.outer(np.arange(40), np.arange(30)).astype(np.uint8) * 3
    assert name in FORMATS
    return Image.from_array(ramp[None])


def noisy() -> Image:
    """Return a picture that no compression makes small."""
    array = np.random.default_rng(2).integers(0, 256, (1, 64, 64)).astype(np.uint8)
    return Image.from_array(array)


def written(name: str, image: Image, folder: Path) -> Path:
    path = folder / f"image{FORMATS[name].suffixes[0]}"
    write(image, path)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read_back(name: str, tmp_path: Path) -> None:
    image = picture(name)
    back = read(written(name, image, tmp_path))
    if name in LOSSY:
        assert back.array.dtype == np.uint8
        assert np.abs(back.array.astype(int) - image.array).max() <= 8
    else:
        assert back.array.dtype == image.array.dtype
        assert np.array_equal(back.array, image.array)
    assert back.geometry == image.geometry


@pytest.mark.parametrize("name", sorted(VOLUMES))
def test_volumes_are_read_back(name: str, tmp_path: Path) -> None:
    array = np.random.default_rng(1).normal(size=(1, 4, 6, 5)).astype(np.float32)
    geometry = Geometry.axial((2.5, 0.75, 0.5), (-10.5, 20.25, 7.125))
    image = Image(array, geometry if name in PHYSICAL else Geometry.pixels(3))
    back = read(written(name, image, tmp_path))
    assert np.array_equal(back.array, array)
    assert back.geometry == image.geometry


@pytest.mark.parametrize("name", NAMES)
def test_probe_agrees_with_read(name: str, tmp_path: Path) -> None:
    path = written(name, picture(name), tmp_path)
    header = probe(path)
    assert header.format == name
    assert header.agrees(read(path))


@pytest.mark.parametrize("name", NAMES)
def test_content_decides_whatever_the_suffix(name: str, tmp_path: Path) -> None:
    path = written(name, picture(name), tmp_path)
    renamed = path.rename(tmp_path / "wrong.jpg" if name != "jpeg" else tmp_path / "wrong.nii.gz")
    assert recognise(renamed) == name
    assert read(renamed).size == (40, 30)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.8])
def test_truncated_files_are_refused(name: str, part: float, tmp_path: Path) -> None:
    path = written(name, noisy(), tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(FileError) as caught:
        read(path)
    assert caught.value.where == path


@pytest.mark.parametrize("name", sorted(VOLUMES))
@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9, 0.97])
def test_truncated_volumes_are_refused(name: str, part: float, tmp_path: Path) -> None:
    array = np.random.default_rng(2).integers(0, 256, (1, 6, 24, 25)).astype(np.uint8)
    path = written(name, Image.from_array(array), tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(FileError):
        read(path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"\0" * 4096, b"patient,label\n1,0\n" * 99, b"\xff" * 4096])
def test_garbage_is_refused_by_probe_and_read(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"image{FORMATS[name].suffixes[0]}"
    path.write_bytes(content)
    for action in (probe, read):
        with pytest.raises(FileError):
            action(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_right_beginning_and_garbage_after_it_is_refused(name: str, tmp_path: Path) -> None:
    path = written(name, noisy(), tmp_path)
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    for keep in (8, 40, 200):
        path.write_bytes(whole[:keep] + rng.bytes(64))
        with pytest.raises(FileError):
            read(path)


@pytest.mark.parametrize("name", NAMES)
def test_limits_are_kept(name: str, tmp_path: Path) -> None:
    path = written(name, picture(name), tmp_path)
    for limits in (ReadLimits(max_pixels=1199), ReadLimits(max_bytes=1199)):
        for action in (probe, read):
            with pytest.raises(FileError, match="larger than the limit"):
                action(path, limits)
    assert read(path, ReadLimits(1200, 1200)).size == (40, 30)


@pytest.mark.parametrize("name", NAMES)
def test_missing_folders_are_made_and_old_files_replaced(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "Überblick" / "深い"
    path = written(name, picture(name), folder)
    again = written(name, picture(name), folder)
    assert path == again
    assert [found.name for found in folder.iterdir()] == [path.name]


@pytest.mark.parametrize("name", NAMES)
def test_equal_images_make_equal_files(name: str, tmp_path: Path) -> None:
    first = written(name, picture(name), tmp_path / "a").read_bytes()
    assert first == written(name, picture(name), tmp_path / "b").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_format_cannot_hold_is_refused_and_nothing_is_left(
    name: str, tmp_path: Path
) -> None:
    complex_channels = Image.from_array(np.zeros((5, 4, 3), dtype=np.longdouble))
    path = tmp_path / f"image{FORMATS[name].suffixes[0]}"
    if name == "npz":
        write(complex_channels, path)
        assert read(path).is_equal(complex_channels)
        return
    with pytest.raises(FileError, match="cannot hold"):
        write(complex_channels, path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_suffixes_are_lower_case_and_distinct(name: str) -> None:
    suffixes = FORMATS[name].suffixes
    assert suffixes
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)
    others = {s for other in NAMES if other != name for s in FORMATS[other].suffixes}
    assert not others & set(suffixes)
