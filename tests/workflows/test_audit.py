import csv
import json
from pathlib import Path

import numpy as np
import pytest
from tests.auditing.builders import anatomy
from tests.workflows.test_precheck import textures

from scanwright.auditing import Severity
from scanwright.base import InputError, RecipeError
from scanwright.data import index_data
from scanwright.image import Image
from scanwright.io import write
from scanwright.workflows.audit import AuditOptions, AuditResult, audit


def kinds(result: AuditResult) -> dict[str, Severity]:
    return {one.kind: one.severity for one in result.audit.findings}


def scans(folder: Path, counts: dict[str, int]) -> Path:
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        for n in range(count):
            place = folder / name / f"{n:03d}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            write(Image.from_array(anatomy(rng)), place)
    return folder


def test_the_name_on_the_package_is_the_function_whatever_was_imported() -> None:
    import scanwright.auditing

    assert callable(scanwright.audit)
    assert callable(scanwright.audit)


def test_the_proposed_table_is_one_that_the_index_reads(tmp_path: Path) -> None:
    folder = textures(tmp_path / "scans")
    twin = (folder / "a" / "000.png").read_bytes()
    (folder / "b" / "twin.png").write_bytes(twin)
    result = audit(folder)
    assert kinds(result)["contradictions"] is Severity.ALARM
    page, plain, table = result.write(tmp_path / "audit")
    assert json.loads(plain.read_text(encoding="utf-8"))["cases"] == 31
    assert "side" in page.read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 31
    options = AuditOptions().index.model_copy(update={"labels": table})
    again = index_data(str(folder), options)
    dropped = [row for row in rows if row["decision"] == "drop"]
    assert len(again) == 31 - len(dropped) < 31
    assert all(one.reason.startswith("the table says drop: ") for one in again.skipped)
    groups = {entry.name: entry.patient for entry in again.entries}
    assert groups["b/001.png"] == groups["b/001-again.png"] != ""


@pytest.mark.parametrize("spoil", ["one image", "nan", "twelve bits", "spelling", "mixed", "files"])
def test_bad_input_is_a_finding_and_no_crash(tmp_path: Path, spoil: str) -> None:
    folder = scans(tmp_path / "scans", {"benign": 14, "malignant": 14})
    rng = np.random.default_rng(1)
    if spoil == "one image":
        scans(folder, {"rare": 1})
        wanted = "classes"
    elif spoil == "nan":
        array = anatomy(rng).astype(np.float32)
        array[0, 3] = np.nan
        np.save(folder / "benign" / "odd.npy", array[0])
        wanted = "not-finite"
    elif spoil == "twelve bits":
        array = anatomy(rng).astype(np.uint16) * 16
        write(Image.from_array(array), folder / "benign" / "deep.png")
        wanted = "depth"
    elif spoil == "spelling":
        scans(folder, {" Benign": 3})
        wanted = "spelling"
    elif spoil == "mixed":
        write(Image.from_array(rng.random((1, 9, 30, 30)).astype(np.float32)),
              folder / "benign" / "volume.nii.gz")  # fmt: skip
        wanted = "modalities"
    else:
        (folder / "benign" / "empty.png").write_bytes(b"")
        whole = (folder / "benign" / "000.png").read_bytes()
        (folder / "benign" / "cut.png").write_bytes(whole[: len(whole) // 2])
        wanted = "unreadable"
    result = audit(folder)
    assert wanted in kinds(result)
    assert result.write(tmp_path / "audit")


def test_labels_that_cannot_be_read_leave_the_images_to_be_looked_at(tmp_path: Path) -> None:
    folder = scans(tmp_path / "scans", {"images": 3})
    rows = ["images/000.png,a", "images/001.png,b", "images/002.png,a", "images/000.png,b"]
    (folder / "labels.csv").write_text("path,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    result = audit(folder)
    assert kinds(result)["unlabelled"] is Severity.ALARM
    assert "different labels" in result.audit.findings[0].what
    assert result.audit.cases == 3


def test_what_is_no_data_and_no_check_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        audit(tmp_path / "nowhere")
    with pytest.raises(RecipeError, match="did you mean"):
        audit(tmp_path, AuditOptions(without=("letering",)))


BUSI = {"contradictions": 1, "shared-copies": 1, "copies": 1}


@pytest.mark.slow
def test_the_known_traps_of_breastmnist_are_found(shared_data) -> None:
    result = audit(shared_data("classification/breastmnist/breastmnist.npz"))
    found = {one.kind: one for one in result.audit.findings}
    for kind in BUSI:
        assert len(found[kind].groups) == 1
    assert found["contradictions"].severity is Severity.ALARM


@pytest.mark.slow
def test_the_copies_of_the_brain_set_are_found(shared_data) -> None:
    result = audit(
        shared_data("classification/brain_mri_253"), AuditOptions(without=("lettering",))
    )
    found = {one.kind: one for one in result.audit.findings}
    assert found["copies"].numbers["distinct"] == 228
    assert found["shortcut"].severity is Severity.ALARM
