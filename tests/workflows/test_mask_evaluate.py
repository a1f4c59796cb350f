"""Outlined cases become scores, a row for each case, and a picture of the worst."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.workflows.conftest import OutlinedRun
from tests.workflows.mask_run import IGNORED
from tests.workflows.test_mask_answers import answers_of, kept, validation

from scanwright.base import InputError
from scanwright.data import read_case
from scanwright.image import MaskTarget
from scanwright.workflows.evidence import Evaluation
from scanwright.workflows.mask_answers import MaskAnswer
from scanwright.workflows.mask_evaluate import evaluate_masks


def truths(run: OutlinedRun, folder: Path) -> list[MaskAnswer]:
    """Return test cases outlined as they are, and everywhere where nothing is known."""
    found = []
    for entry in run.prepared.test:
        target = read_case(entry).target
        assert isinstance(target, MaskTarget)
        truth = target.labels.array
        outlined = np.stack([np.isin(truth[0], (1, 2)), truth[0] == 2]).astype(np.uint8)
        outlined[:, truth[0] == IGNORED] = 1
        one = kept(folder / f"{entry.name}.npz", truth, outlined, entry)
        found.append(replace(one, entry=replace(entry, patient="one")))
    return found


@pytest.fixture(scope="module")
def found(outlined_run: OutlinedRun, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder = tmp_path_factory.mktemp("answers")
    answers = answers_of(outlined_run, folder)
    entries = validation(outlined_run)
    held = answers.held_out(outlined_run.fit, outlined_run.members, entries)
    parts = {"test": truths(outlined_run, folder), "validation": held}
    answers.notes = ("disc_099 could not be outlined: it is torn",)
    answers.skipped = (("disc_098", "not whole"),)
    return evaluate_masks(outlined_run.prepared, answers, parts, outlined_run.members, ("slow",))


def test_what_is_outlined_as_it_is_scores_one_whatever_lies_in_the_unknown(
    found: Evaluation,
) -> None:
    scores = found.scores["test"]
    for name in ("dice", "iou", "sensitivity", "precision", "nsd"):
        assert scores[name]["value"] == 1
    for name in ("hd95", "volume_error"):
        assert scores[name]["value"] == 0
    assert 0.5 < found.scores["validation"]["dice"]["value"] < 1


def test_each_case_and_region_has_a_row(found: Evaluation, outlined_run: OutlinedRun) -> None:
    rows = list(csv.DictReader(found.tables["cases.csv"].splitlines()))
    assert len(rows) == 2 * (len(outlined_run.prepared.test) + 2)
    assert {row["class"] for row in rows} == {"whole", "core"}
    assert {row["unit"] for row in rows} == {"pixels"}
    tested = [row for row in rows if row["split"] == "test" and row["class"] == "whole"]
    assert all(float(row["true"]) == float(row["predicted"]) > 400 for row in tested)


def test_the_report_shows_cases_and_says_what_was_not_measured(found: Evaluation) -> None:
    assert {"slow", "disc_099 could not be outlined: it is torn"} <= set(found.notes)
    page = found.files("digest", 3.0)["report.html"]
    for words in ("Best case", "disc_099 could not be outlined", "not whole", "whole, core"):
        assert words in page


def test_cases_of_a_patient_are_kept_together(found: Evaluation) -> None:
    tested, validated = found.report.splits
    assert tested.outcomes.patient_count == 1
    assert validated.outcomes.patient_count == 2


def test_no_case_at_all_is_an_error(outlined_run: OutlinedRun, tmp_path: Path) -> None:
    answers = answers_of(outlined_run, tmp_path)
    answers.notes = ("disc_001 could not be outlined: it is torn",)
    with pytest.raises(InputError, match="No case could be outlined") as told:
        evaluate_masks(outlined_run.prepared, answers, {"test": []}, outlined_run.members, ())
    assert "it is torn" in str(told.value)
