from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from scanwright.auditing.plain_picture import read_array, read_image, read_plain
from scanwright.base import InputError
from scanwright.data import Entry, FileReference
from scanwright.image import Array
from scanwright.io import read


def noise(*shape: int) -> Array:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".PNG", ".jpeg"])
@pytest.mark.parametrize("shape", [(20, 31), (20, 31, 3)])
def test_plain_pictures_are_read_as_by_the_general_reader(
    tmp_path: Path, suffix: str, shape: tuple[int, ...]
) -> None:
    path = tmp_path / f"one{suffix}"
    Pil.fromarray(noise(*shape)).save(path)
    array = read_plain(path)
    assert array is not None
    assert np.array_equal(array, read(path).array)
    entry = Entry("one", FileReference(path))
    assert np.array_equal(read_array(entry), array)
    assert np.array_equal(read_image(entry).array, array)


def saved(path: Path, pixels: Array, **options: Any) -> Path:  # Any: Pillow's own
    Pil.fromarray(pixels).save(path, **options)
    return path


def test_what_is_not_plain_is_read_by_the_general_reader(tmp_path: Path) -> None:
    turned = Pil.Exif()
    turned[0x0112] = 6
    paths = [
        saved(tmp_path / "turned.jpg", noise(8, 12), exif=turned),
        saved(tmp_path / "turned.png", noise(8, 12), exif=turned),
        saved(tmp_path / "clear.png", noise(8, 12, 4)),
        saved(tmp_path / "deep.png", noise(8, 12).astype(np.uint16)),
        saved(tmp_path / "plain.bmp", noise(8, 12)),
    ]
    for path in paths:
        assert read_plain(path) is None
        array = read_array(Entry("one", FileReference(path)))
        assert np.array_equal(array, read(path).array)
    assert read(paths[0]).size == (12, 8)


@pytest.mark.parametrize("name", ["missing.png", "missing.jpg", "empty.png", "empty.jpg"])
def test_what_cannot_be_read_is_told_by_the_general_reader(tmp_path: Path, name: str) -> None:
    if name.startswith("empty"):
        (tmp_path / name).write_bytes(b"")
    assert read_plain(tmp_path / name) is None
    with pytest.raises(InputError):
        read_array(Entry("one", FileReference(tmp_path / name)))


def test_a_cut_jpeg_is_left_to_the_general_reader(tmp_path: Path) -> None:
    path = saved(tmp_path / "cut.jpg", noise(64, 64))
    path.write_bytes(path.read_bytes()[:900])
    assert read_plain(path) is None


def test_real_pictures_are_read_alike(shared_data: Callable[[str], Path]) -> None:
    files = sorted((shared_data("classification/brain_mri_253") / "images").rglob("*.jpg"))[:12]
    plain = [(path, read_plain(path)) for path in files]
    assert any(array is not None for _, array in plain)
    for path, array in plain:
        assert array is None or np.array_equal(array, read(path).array)
