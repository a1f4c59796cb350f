"""Networks for parts of the cases: equal steps, the same held-out cases, resumable."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import make_scans
from tests.workflows.curve_run import written_run
from tests.workflows.run_folder import QUICK

from scanwright.data import Entry, index_data
from scanwright.image import NumberTarget
from scanwright.workflows.finished import FinishedRun, read_finished
from scanwright.workflows.network_curve import CurveOptions, network_curve
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import train
from scanwright.workflows.training_part import TrainingPart

TIME = CurveOptions(seconds=60, device="cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scans(tmp_path_factory.mktemp("curve") / "scans", per_class=12)


@pytest.fixture(scope="module")
def scans(folder: Path) -> dict[str, Entry]:
    return {entry.name: entry for entry in index_data(str(folder)).entries}


def parts_of(run: FinishedRun, *shares: float) -> list[TrainingPart]:
    """Return parts with every so many-th case of each fold."""
    folds = [(fold["train"], fold["validation"]) for fold in run.folds]
    return [
        TrainingPart(share, tuple((train[:: round(1 / share)], held) for train, held in folds))
        for share in shares
    ]


def test_the_run_ends_a_curve_of_networks_trained_as_long(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    run = written_run(tmp_path / "run", scans)
    found = network_curve(run, scans, parts_of(run, 0.25, 0.5, 1.0), tmp_path / "curve", TIME)
    assert found.ends_with_run
    assert [(point.share, point.cases) for point in found.points] == [(0.25, 3), (0.5, 6)]
    assert "2 networks, one a fold, anew for 8 steps" in found.words
    for point in found.points:
        assert point.steps == 8
        assert sorted(point.names) == sorted(scans)
        assert np.allclose(point.scores.sum(axis=1), 1)
    assert not np.allclose(found.points[0].scores, found.points[1].scores)
    assert {path.suffix for path in (tmp_path / "curve").iterdir()} == {".json"}


def test_a_run_of_unlike_networks_stands_apart_from_its_curve(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    run = written_run(tmp_path / "run", scans, steps=(4, 8, 8))
    found = network_curve(run, scans, parts_of(run, 0.5, 1.0), tmp_path / "curve", TIME)
    assert not found.ends_with_run
    assert [point.share for point in found.points] == [0.5, 1.0]
    assert "the run itself, up to 8 steps a network, stands apart" in found.words


def test_too_little_time_is_refused_with_what_is_needed(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    run = written_run(tmp_path / "run", scans)
    hurried = TIME.model_copy(update={"seconds": 1e-3})
    found = network_curve(run, scans, parts_of(run, 0.5, 1.0), tmp_path / "curve", hurried)
    assert found.points == ()
    assert found.words.startswith("no networks were trained for the learning curve")
    assert "would give all points the run's steps" in found.words


def test_what_was_reached_is_kept_and_the_rest_trained_to_the_same_end(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    run = written_run(tmp_path / "run", scans)
    parts = parts_of(run, 0.25, 0.5, 1.0)
    place = tmp_path / "curve"
    first = network_curve(run, scans, parts, place, TIME)
    (place / "share-0.5.json").unlink()
    kept = json.loads((place / "share-0.25.json").read_text())
    kept["steps"], kept["is_cut"] = 7, True
    (place / "share-0.25.json").write_text(json.dumps(kept))
    again = network_curve(run, scans, parts, place, TIME)
    assert again.points[0].steps == 7
    assert first.is_even
    assert not again.is_even
    assert "the machine was slower" in again.words
    assert "7 at 3 cases" in again.words
    assert np.array_equal(again.points[1].scores, first.points[1].scores)
    other = network_curve(run, scans, parts[1:], place, TIME)
    assert [point.share for point in other.points] == [0.5]
    assert not (place / "share-0.25.json").exists()


def test_numbers_are_answered_in_their_own_unit(scans: dict[str, Entry], tmp_path: Path) -> None:
    aged = {
        name: replace(entry, target=NumberTarget(40.0 + at))
        for at, (name, entry) in enumerate(sorted(scans.items()))
    }
    run = written_run(tmp_path / "run", scans)
    changes = {"task.kind": "number", "task.labels": ("age",), "loss.name": "huber"}
    number = replace(run, recipe=run.recipe.changed({**changes, "network.outputs": 1}))
    found = network_curve(number, aged, parts_of(run, 0.5), tmp_path / "curve", TIME)
    scores = found.points[0].scores
    assert scores.shape == (24, 1)
    assert 35 < scores.mean() < 70


@pytest.mark.slow
def test_on_all_cases_the_run_is_met_again(
    folder: Path, scans: dict[str, Entry], tmp_path: Path
) -> None:
    """Same cases, seeds and steps give the run's own answers: the curve leads up to it."""
    train(
        str(folder),
        tmp_path / "run",
        RunOptions(settings=QUICK, device="cpu", budget_seconds=120, audit=False),
    )
    run = read_finished(tmp_path / "run")
    # As if it had learnt from guesses, too, so that it may not end the curve.
    unlike = replace(run, recipe=run.recipe.changed({"training.unlabelled": "guessed"}))
    found = network_curve(unlike, scans, parts_of(run, 1.0), tmp_path / "curve", TIME)
    point, answers = found.points[0], run.answers["validation"]
    place = {name: at for at, name in enumerate(point.names)}
    own = point.scores[[place[name] for name in answers.cases]]
    assert np.allclose(own, answers.scores, atol=1e-5)
