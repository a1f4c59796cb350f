"""Files and folders in, enhanced files out, every file accounted for."""

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

from scanwright.base import InputError
from scanwright.image import Image, Modality
from scanwright.io import (
    DicomTags,
    derive_uid,
    read,
    read_series,
    write,
    write_dicom,
    write_dicom_series,
)
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.workflows.enhance import EnhanceOptions, enhance


def phantom(modality: Modality, index: int = 0, size: int = 64, rank: int = 2) -> Image:
    options = CohortOptions(modality=modality, size=size, cases=4, rank=rank, slices=4)
    return simulate_case(options, index).case.image


def tags(name: str) -> DicomTags:
    return DicomTags("P", derive_uid("study", name), derive_uid("series", name))


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Make a folder of all that can be found in one, images and files that are none."""
    root = tmp_path / "in"
    write_dicom_series(phantom(Modality.CT, rank=3), root / "ct", tags("ct"))
    write_dicom(phantom(Modality.ULTRASOUND), root / "us" / "0.dcm", tags("us"))
    write(phantom(Modality.MRI, rank=3), root / "t1.nii.gz")
    grey = Image.from_array((phantom(Modality.XRAY).array // 16).astype(np.uint8))
    write(grey, root / "a.png")
    write(grey, root / "a.jpg")
    (root / "notes.txt").write_text("notes")
    (root / ".hidden.png").write_bytes((root / "a.png").read_bytes())
    (root / "broken.png").write_bytes((root / "a.png").read_bytes()[:60])
    (root / "empty.dcm").touch()
    return root


def test_every_file_is_used_skipped_or_refused(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = enhance(mixed, out)
    every = [path for path in mixed.rglob("*") if path.is_file()]
    assert result.counts == {"files": len(every), "used": 8, "skipped": 2, "refused": 2}
    assert {path.name for path in result.refused} == {"broken.png", "empty.dcm"}
    plain = json.loads((out / "enhance.json").read_text())
    assert plain["counts"] == result.counts
    assert sorted(path.name for path in out.iterdir()) == [
        "a.jpg.png", "a.png", "ct", "enhance.html", "enhance.json", "t1.nii.gz", "us",
    ]  # fmt: skip
    kinds = {one.sources[0].parent.name: one.steps.kinds for one in result.images}
    assert kinds["ct"] == ("clip_metal", "total_variation")
    assert kinds["us"] == ("crop_fan", "speckle_diffusion")
    page = (out / "enhance.html").read_text()
    assert "broken.png" in page
    assert page.count("<h2>") == 5 + 2


def test_a_series_stays_a_series_in_hounsfield_units(mixed: Path, tmp_path: Path) -> None:
    enhance(mixed / "ct", tmp_path / "out")
    files = sorted((tmp_path / "out").glob("*.dcm"))
    before, after = read_series((mixed / "ct").glob("*.dcm")), read_series(files)
    assert after.unit == "HU"
    assert after.geometry.is_close(before.geometry)
    assert after.array.std() < before.array.std()
    assert list(pydicom.dcmread(files[0]).ImageType)[:2] == ["DERIVED", "SECONDARY"]


def test_one_file_goes_to_one_file(mixed: Path, tmp_path: Path) -> None:
    options = EnhanceOptions(steps=("unsharp",), settings={"unsharp.amount": 2.0})
    result = enhance(mixed / "a.png", tmp_path / "better.png", options)
    assert (tmp_path / "better.enhance.html").exists()
    assert read(tmp_path / "better.png").array.dtype == np.uint8
    (one,) = result.images
    assert one.numbers["after"]["sharpness"] > one.numbers["before"]["sharpness"]
    again = enhance(mixed / "a.png", tmp_path / "folder", options)
    assert again.images[0].written == (tmp_path / "folder" / "a.png",)
    nifti = enhance(mixed / "t1.nii.gz", tmp_path / "b.nii.gz", EnhanceOptions(modality="mri"))
    assert nifti.sheet.name == "b.enhance.html"


def test_nothing_is_replaced_unasked(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    enhance(mixed / "us", out)
    written = (out / "0.dcm").read_bytes()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"not empty.*--overwrite"):
        enhance(mixed / "us", out)
    enhance(mixed / "us", out, EnhanceOptions(overwrite=True))
    assert (out / "0.dcm").read_bytes() == written  # equal input, equal output
    assert (out / "mine.txt").read_text() == "mine"
    (tmp_path / "x.png").write_bytes(b"mine")
    with pytest.raises(InputError, match="there already"):
        enhance(mixed / "a.png", tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes() == b"mine"


@pytest.mark.parametrize("target", [".", "us", "us/deep/er"])
def test_the_output_may_not_lie_in_the_input(mixed: Path, target: str) -> None:
    before = sorted(mixed.rglob("*"))
    with pytest.raises(InputError, match="lies in the input"):
        enhance(mixed, mixed / target)
    assert sorted(mixed.rglob("*")) == before


def test_errors_name_what_to_do(mixed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        enhance(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(InputError, match="x-ray, ct"):
        enhance(mixed, tmp_path / "out", EnhanceOptions(modality="xray"))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    with pytest.raises(InputError, match="no image here"):
        enhance(tmp_path / "texts", tmp_path / "out")
    (tmp_path / "file").write_text("a")
    with pytest.raises(InputError, match="folder goes to a folder"):
        enhance(mixed, tmp_path / "file", EnhanceOptions(overwrite=True))


def test_odd_images_end_in_a_file_or_a_reason(tmp_path: Path) -> None:
    root = tmp_path / "in"
    root.mkdir()
    write(Image.from_array(np.full((1, 9, 9), 7, dtype=np.uint8)), root / "flat.png")
    write(Image.from_array(np.full((1, 1, 1), 7, dtype=np.uint8)), root / "dot.png")
    np.save(root / "nan.npy", np.full((12, 12), np.nan, dtype=np.float32))
    np.save(root / "mask.npy", np.eye(12, dtype=bool))
    np.save(root / "negative.npy", np.random.default_rng(0).normal(0, 1, (12, 12)))
    result = enhance(root, tmp_path / "out", EnhanceOptions(steps=("n4", "clahe")))
    assert {path.name for path in result.refused} == {"mask.npy", "negative.npy"}
    assert result.counts["used"] == 3
    notes = {one.sources[0].name: one.notes for one in result.images}
    assert "one value only" in notes["flat.png"][0]


def test_a_series_that_is_no_volume_is_taken_one_by_one(tmp_path: Path) -> None:
    root = tmp_path / "in"
    for number in (1, 2):
        image = phantom(Modality.XRAY, number)
        write_dicom(image, root / f"{number}.dcm", tags("same").numbered(number))
    result = enhance(root, tmp_path / "out")
    assert [one.written[0].name for one in result.images] == ["1.dcm", "2.dcm"]
    uids = {pydicom.dcmread(one.written[0]).SOPInstanceUID for one in result.images}
    assert len(uids) == 2
