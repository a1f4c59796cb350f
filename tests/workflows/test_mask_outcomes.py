"""Outcomes of outlines are read back from a run's table of cases, digit by digit."""

from pathlib import Path

import numpy as np
import pytest
from tests.workflows.conftest import OutlinedRun
from tests.workflows.mask_run import mask_run_folder

from scanwright.base import FileError, InputError
from scanwright.workflows.finished import read_finished
from scanwright.workflows.mask_outcomes import case_scores, classes_apart, mask_outcomes


def test_what_a_run_measured_is_what_is_read(outlined_run: OutlinedRun) -> None:
    run = read_finished(outlined_run.folder)
    for split in ("test", "validation"):
        found = mask_outcomes(run, split)
        assert found.labels == ("whole", "core")
        assert found.count == 2
        assert found.masks is not None
        dice = found.masks.values["dice"]
        assert dice.mean() == pytest.approx(outlined_run.result.scores[split]["dice"]["value"])
        assert found.masks.unit == found.masks.length_unit == "pixels"
        assert list(found.cases) == sorted(found.cases)


def test_gaps_and_distances_to_nothing_are_kept(tmp_path: Path) -> None:
    run = read_finished(mask_run_folder(tmp_path / "run", dice={"a": 0.5, "b": float("nan")}))
    masks = mask_outcomes(run, "test").masks
    assert masks is not None
    assert np.isnan(masks.values["dice"][1]).all()
    assert np.isinf(masks.values["hd95"][1]).all()
    assert masks.length_unit == "mm"


def test_patients_are_named_after_their_first_case(tmp_path: Path) -> None:
    folder = mask_run_folder(tmp_path / "run", dice={"a": 0.5, "b": 0.6, "c": 0.7}, patients="aba")
    assert mask_outcomes(read_finished(folder), "test").patients == ("a", "b", "a")


def test_classes_are_taken_apart(tmp_path: Path) -> None:
    run = read_finished(mask_run_folder(tmp_path / "run", dice={"a": 0.5, "b": 0.6}))
    whole = mask_outcomes(run, "test")
    parts = classes_apart(whole)
    assert list(parts) == ["organ", "lesion"]
    for place, part in enumerate(parts.values()):
        assert part.labels == (whole.labels[place],)
        assert part.masks is not None
        assert part.masks.values["dice"].shape == (2, 1)
        np.testing.assert_array_equal(part.truth[:, 0], whole.truth[:, place])


def test_cases_without_any_dice_have_no_score(tmp_path: Path) -> None:
    run = read_finished(mask_run_folder(tmp_path / "run", dice={"a": 0.5, "b": float("nan")}))
    assert case_scores(mask_outcomes(run, "test")) == {"a": pytest.approx(0.5)}


def test_a_split_or_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    run = read_finished(mask_run_folder(tmp_path / "run", dice={"a": 0.5}))
    with pytest.raises(InputError, match="no outlines of a validation part"):
        mask_outcomes(run, "validation")
    table = run.folder / "cases.csv"
    table.write_text(table.read_text().replace("0.5", "half"))
    with pytest.raises(FileError, match="cannot be read"):
        mask_outcomes(run, "test")
    table.unlink()
    with pytest.raises(FileError, match="cannot be read"):
        mask_outcomes(run, "test")
