"""Two runs against each other: by scores of images, or by outlines class by class."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.workflows.mask_run import mask_run_folder
from tests.workflows.run_folder import plain_run

from scanwright.base import InputError
from scanwright.recipe import TASKS
from scanwright.report import MeasureOptions
from scanwright.workflows.compare_output import comparison_page, write_comparison
from scanwright.workflows.compare_runs import READINGS, compare_runs

MEASURE = MeasureOptions(replicates=200)
CASES = [f"case {number:02d}" for number in range(30)]


def dice(mean: float, seed: int = 0) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    return {case: float(np.clip(rng.normal(mean, 0.02), 0, 1)) for case in CASES}


@pytest.mark.parametrize("kind", list(TASKS))
def test_runs_of_every_kind_of_task_can_be_read(kind: str) -> None:
    assert callable(READINGS[TASKS[kind].answer].outcomes)


def test_the_better_outlines_are_found_by_a_paired_test(tmp_path: Path) -> None:
    good = mask_run_folder(tmp_path / "good", dice=dice(0.9))
    poor = mask_run_folder(tmp_path / "poor", dice=dice(0.8, 1))
    compared = compare_runs(good, poor, MEASURE)
    assert compared.verdict.choice == "first"
    assert compared.verdict.metric == "dice"
    assert "mean Dice is higher by" in compared.verdict.sentence
    (match,) = compared.matches
    for label in ("organ", "lesion"):
        found = {row.name: row for row in match.parts[label]}
        assert found["dice"].gap.low > 0.05
        assert found["dice"].p_value < 0.01
        assert found["hd95"].gap.high < 0
    gaps = [abs(one - other) for _, one, other in match.apart]
    assert gaps == sorted(gaps, reverse=True)
    assert len(gaps) == 10


def test_equal_outlines_are_not_told_apart(tmp_path: Path) -> None:
    first = mask_run_folder(tmp_path / "a", dice=dice(0.9))
    second = mask_run_folder(tmp_path / "b", dice=dice(0.9))
    compared = compare_runs(first, second, MEASURE)
    assert compared.verdict.choice == "open"
    assert all(one == other for _, one, other in compared.matches[0].apart)


def test_the_page_shows_each_class_and_the_cases_that_differ_most(tmp_path: Path) -> None:
    worse = dice(0.9) | {"case 07": 0.3}
    first = mask_run_folder(tmp_path / "a", dice=dice(0.9))
    compared = compare_runs(first, mask_run_folder(tmp_path / "b", dice=worse), MEASURE)
    grids = comparison_page(compared, MEASURE).sections[0].grids
    assert [row[:2] for row in grids[2].rows][:2] == [
        ("organ", "Mean Dice"),
        ("organ", "HD95 (mm)"),
    ]
    assert grids[2].head[0] == "Class"
    assert len(grids[2].rows) == 6
    assert grids[3].rows[0][0] == "case 07"
    plain = write_comparison(compared, tmp_path / "out", MEASURE)
    kept = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert kept == plain
    assert kept["splits"]["test"]["classes"]["lesion"]["dice"]["low"] > -0.01
    assert kept["splits"]["test"]["apart"][0]["second"] == pytest.approx(0.3)


def test_scores_of_images_have_no_classes_apart(tmp_path: Path) -> None:
    first, second = plain_run(tmp_path / "a", 60), plain_run(tmp_path / "b", 60, seed=2)
    compared = compare_runs(first, second, MEASURE)
    assert not compared.matches[0].parts
    assert len(comparison_page(compared, MEASURE).sections[0].grids) == 2


def test_outlines_and_scores_are_not_compared(tmp_path: Path) -> None:
    cases = plain_run(tmp_path / "a", 60)
    outlines = mask_run_folder(tmp_path / "b", dice=dice(0.9))
    with pytest.raises(InputError, match="same cases"):
        compare_runs(cases, outlines, MEASURE)


def test_outlines_of_other_cases_are_refused(tmp_path: Path) -> None:
    first = mask_run_folder(tmp_path / "a", dice=dice(0.9))
    second = mask_run_folder(tmp_path / "b", dice={"other": 0.9})
    with pytest.raises(InputError, match="same cases"):
        compare_runs(first, second, MEASURE)
