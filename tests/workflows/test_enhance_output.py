"""Enhanced images in the format of their source, or in another for a reason."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.image import Image, Modality
from scanwright.io import read, write
from scanwright.workflows.enhance_output import Places, as_stored, write_enhanced
from scanwright.workflows.enhance_steps import choose_steps

STEPS = choose_steps(Modality.UNKNOWN)
PLANE = np.random.default_rng(0).integers(0, 255, (1, 20, 24)).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("a.png", "uint8"), ("a.png", "uint16"), ("a.tif", "float32"), ("a.nii.gz", "int16"),
     ("a.npy", "float64"), ("a.mha", "uint8"), ("a.nrrd", "int16")],
)  # fmt: skip
def test_the_format_is_kept(name: str, dtype: str, tmp_path: Path) -> None:
    image = Image.from_array(PLANE.astype(dtype))
    source = tmp_path / name
    write(image, source)
    image = read(source)
    changed = as_stored(image.with_array(image.array.astype(np.float32) + 0.4), image, STEPS)
    target = tmp_path / "out" / name
    written = write_enhanced(changed, [source], target, STEPS, Places(tmp_path / "out"))
    assert written.paths == (target,)
    assert not written.reason
    assert read(target).array.dtype == (
        image.array.dtype if dtype[0] != "f" else changed.array.dtype
    )


def test_jpeg_becomes_png_and_says_why(tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    write(Image.from_array(PLANE), source)
    places = Places(tmp_path / "out")
    written = write_enhanced(
        Image.from_array(PLANE), [source], tmp_path / "out" / "a.jpg", STEPS, places
    )
    assert [path.name for path in written.paths] == ["a.png"]
    assert "JPEG" in written.reason
    write(Image.from_array(PLANE), tmp_path / "a.png")
    beside = Places(tmp_path / "out2")
    written = write_enhanced(
        Image.from_array(PLANE), [source], tmp_path / "out2" / "a.jpg", STEPS, beside
    )
    assert [path.name for path in written.paths] == ["a.jpg.png"]  # a.png has its own


def test_floats_leave_png_for_tiff(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    write(Image.from_array(PLANE), source)
    floats = Image.from_array(PLANE.astype(np.float32) / 255)
    written = write_enhanced(floats, [source], tmp_path / "o" / "a.png", STEPS, Places(tmp_path))
    assert written.paths[0].suffix == ".tiff"
    np.testing.assert_array_equal(read(written.paths[0]).array, floats.array)


def test_integers_are_rounded_and_kept_inside_their_type() -> None:
    before = Image.from_array(PLANE)
    wild = before.with_array(np.array(PLANE, dtype=np.float32) * 2 - 60.6)
    stored = as_stored(wild, before, STEPS).array
    assert stored.dtype == np.uint8
    np.testing.assert_array_equal(stored, np.clip(np.rint(wild.array), 0, 255))
    holes = wild.array.copy()
    holes[0, 0, :3] = (np.nan, np.inf, -np.inf)
    kept = as_stored(before.with_array(holes), before, STEPS).array[0, 0, :3]
    assert kept.tolist() == [PLANE.min(), 255, PLANE.min()]
    scaled = choose_steps(Modality.CT, ("percentile",))
    assert as_stored(wild, before, scaled).array.dtype == np.float32


def test_no_place_is_given_twice_and_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    places = Places(tmp_path)
    first = places.claim(tmp_path / "a.png", Path("x/a.bmp"))
    second = places.claim(tmp_path / "a.png", Path("x/a.jpg"))
    assert (first.name, second.name) == ("a.png", "a.jpg.png")
    (tmp_path / "b.png").write_bytes(b"mine")
    with pytest.raises(InputError, match="--overwrite"):
        places.claim(tmp_path / "b.png", Path("b.png"))
    Places(tmp_path, overwrite=True).claim(tmp_path / "b.png", Path("b.png"))
