"""From folders of images and masks to what is in them and what is wrong with them."""

import json
from pathlib import Path

import numpy as np
from tests.data.mask_builders import block, labels, make_decathlon, make_folders, put, put_json
from tests.data.mask_builders import volume as scan
from tests.journeys.conftest import Command, assert_clear

from scanwright.image import Geometry


def test_a_decathlon_folder_in_words_and_in_json(tmp_path: Path, scanwright: Command) -> None:
    make_decathlon(tmp_path / "Task99", 4)
    put(tmp_path / "Task99" / "labelsTr" / "organ_003.nii.gz", labels(1, 2, 9))
    done = scanwright("index", tmp_path / "Task99")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "Decathlon folder (Organ): 3 CT volumes with 2 outlined structures" in words
    assert "segmentation: organ, tumour" in words
    assert "its mask holds 9, which stands for nothing (known: 0, 1, 2)" in words
    plain = json.loads(scanwright("index", tmp_path / "Task99", "--json").stdout)
    assert plain["task"] == {"kind": "segmentation", "labels": ["organ", "tumour"]}
    assert plain["labels"] == {"organ": {"": 3}, "tumour": {"": 3}}


def test_masks_on_another_grid_are_brought_over_by_flag(
    tmp_path: Path, scanwright: Command
) -> None:
    for name in "abc":
        put(tmp_path / "set" / "images" / f"{name}.nii.gz", scan(ord(name)))
        grid = Geometry.axial((2.0, 1.0, 1.0), (0.0, 0.0, 4.0 * (name == "c")))
        put(tmp_path / "set" / "labels" / f"{name}.nii.gz", labels(1), grid)
    told = " ".join(scanwright("index", tmp_path / "set").stdout.split())
    assert "2 volumes with 1 outlined structure (label 1)" in told
    assert "origin (0, 0, 4); image 5 × 8 × 9" in told
    assert "--resample-masks" in told
    flags = ("--resample-masks", "--order", "liver", "--modality", "ct")
    done = " ".join(scanwright("index", tmp_path / "set", *flags).stdout.split())
    assert "3 CT volumes with 1 outlined structure (liver)" in done
    assert "1 masks are resampled onto the grid of their image" in done


def test_folds_of_a_file_are_followed(tmp_path: Path, scanwright: Command) -> None:
    names = [f"c{number}" for number in range(4)]
    make_folders(tmp_path / "set", dict.fromkeys(names, block()))
    folds = put_json(tmp_path / "splits_final.json", [{"val": names[:2]}, {"val": names[2:]}])
    done = scanwright("index", tmp_path / "set", "--split-file", folds)
    assert "2 folds as given by splits_final.json" in done.stdout
    put_json(folds, [{"val": ["elsewhere"]}])
    assert_clear(
        scanwright("index", tmp_path / "set", "--split-file", folds), 3, "elsewhere", "names such"
    )


def test_an_audit_of_masks_ends_in_findings(tmp_path: Path, scanwright: Command) -> None:
    masks = {f"c{number:02d}": np.roll(block(), number % 3, 1) for number in range(6)}
    make_folders(tmp_path / "set", masks | {"c01": block(0)})
    (tmp_path / "set" / "masks" / "c02.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    done = scanwright("audit", tmp_path / "set", "-o", "found", "--without", "lettering")
    assert done.returncode == 0, done.stderr
    assert "1 mask is empty: c01." in done.stdout
    table = (tmp_path / "found" / "proposed.csv").read_text(encoding="utf-8")
    assert table.splitlines()[0].startswith("path,mask,")
    again = scanwright("index", tmp_path / "set", "--labels", tmp_path / "found" / "proposed.csv")
    assert again.returncode == 0, again.stderr
    assert 'masks by "mask"' in " ".join(again.stdout.split())


def test_what_no_mask_can_be_read_from_is_one_clear_message(
    tmp_path: Path, scanwright: Command
) -> None:
    make_folders(tmp_path / "set", {"a": block(0), "b": block(0)})
    assert_clear(scanwright("index", tmp_path / "set"), 3, "All masks are empty")
    (tmp_path / "none").mkdir()
    assert_clear(scanwright("index", tmp_path / "none", "--task", "segmentation"), 3, "empty")
