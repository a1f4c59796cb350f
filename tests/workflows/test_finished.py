from pathlib import Path

import numpy as np
import pytest
from tests.workflows.run_folder import plain_run

from scanwright.base import FileError, InputError
from scanwright.workflows.finished import is_run, read_finished


def test_a_run_is_read_as_it_was_left(tmp_path: Path) -> None:
    run = read_finished(plain_run(tmp_path / "run", 30))
    assert run.recipe.task.labels == ("healthy", "ill")
    assert set(run.answers) == {"test", "validation"}
    assert run.answers["test"].cases == run.folds[0]["test"]
    assert run.answers["test"].scores.shape == (10, 2)
    assert np.allclose(run.answers["test"].scores.sum(axis=1), 1)
    assert set(run.answers["test"].truth) == {"healthy", "ill"}


def test_seconds_of_all_networks_are_added_up(tmp_path: Path) -> None:
    assert read_finished(plain_run(tmp_path / "run")).training_seconds == 9.5


def test_seconds_are_unknown_without_a_log(tmp_path: Path) -> None:
    folder = plain_run(tmp_path / "run")
    (folder / "log.jsonl").unlink()
    assert read_finished(folder).training_seconds is None


def test_a_folder_without_a_run_is_refused_and_says_what_is_missing(tmp_path: Path) -> None:
    assert not is_run(tmp_path)
    with pytest.raises(InputError, match=r"predictions\.csv"):
        read_finished(tmp_path)
    folder = plain_run(tmp_path / "run")
    assert is_run(folder)


def test_a_table_without_scores_is_refused(tmp_path: Path) -> None:
    folder = plain_run(tmp_path / "run")
    (folder / "predictions.csv").write_text("number,case\n1,a\n")
    with pytest.raises(FileError, match="no scores"):
        read_finished(folder)
