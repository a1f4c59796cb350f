"""Both learning curves, from the same parts of the cases, on the same held-out ones."""

from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import make_scans
from tests.workflows.curve_run import class_of, written_run

from scanwright.classical import RivalOptions, Table, learning_parts
from scanwright.data import Entry, index_data
from scanwright.report import MeasureOptions
from scanwright.workflows.finished import FinishedRun
from scanwright.workflows.learning import (
    CHANCE,
    CLASSICAL,
    NETWORK,
    ONE_POINT,
    RUN,
    Basis,
    CurveRequest,
    learning_curves,
)
from scanwright.workflows.network_curve import CurveOptions


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    folder = make_scans(tmp_path_factory.mktemp("learning") / "scans", per_class=12)
    return {entry.name: entry for entry in index_data(str(folder)).entries}


def basis_of(run: FinishedRun, entries: dict[str, Entry]) -> Basis:
    """Return a basis in which one of two features tells the classes apart, with noise."""
    names = sorted(entries)
    truth = np.array([int(class_of(entries[name]) == "upright") for name in names])
    rng = np.random.default_rng(0)
    values = rng.normal(size=(len(names), 2)) + 1.5 * np.outer(truth, (1, 0))
    table = Table(values, truth, tuple(names), ("a.1", "b.1"), "classes", 2)
    place = {name: row for row, name in enumerate(names)}
    folds = [
        tuple(np.array([place[name] for name in fold[part]]) for part in ("train", "validation"))
        for fold in run.folds
    ]
    return Basis(run, entries, tuple(names), table, folds, (0.5, 1.0))  # type: ignore[arg-type]  # pairs


def request(folder: Path, seconds: float) -> CurveRequest:
    return CurveRequest(
        rival=RivalOptions(folds=2),
        network=CurveOptions(seconds=seconds, device="cpu"),
        measure=MeasureOptions(replicates=60),
        folder=folder / "curve",
        seed=0,
    )


def test_without_time_the_network_has_one_point_and_a_note_says_how_to_get_more(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    run = written_run(tmp_path / "run", scans)
    found = learning_curves(basis_of(run, scans), request(tmp_path, 0))
    assert [(curve.name, curve.cases) for curve in found.curves] == [
        (CLASSICAL, (6, 12)),
        (NETWORK, (12,)),
    ]
    assert found.notes == (ONE_POINT,)
    assert found.growth is None
    assert not (tmp_path / "curve").exists()


def test_both_curves_have_the_same_numbers_of_cases_and_are_held_against_each_other(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    run = written_run(tmp_path / "run", scans)
    found = learning_curves(basis_of(run, scans), request(tmp_path, 60))
    assert [(curve.name, curve.cases) for curve in found.curves] == [
        (CLASSICAL, (6, 12)),
        (NETWORK, (6, 12)),
    ]
    assert found.notes[1] == CHANCE
    assert found.growth is not None
    assert found.growth.cases == (6, 12)
    # Two points: the slope is their difference.
    rival, network = (
        [score.value for score in curve.scores if score.value is not None] for curve in found.curves
    )
    assert found.growth.first.value == pytest.approx(network[1] - network[0])
    assert found.growth.second.value == pytest.approx(rival[1] - rival[0])


def test_of_points_that_time_cut_short_nothing_is_claimed(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    run = written_run(tmp_path / "run", scans)
    asked = request(tmp_path, 60)
    assert learning_curves(basis_of(run, scans), asked).growth is not None
    file = asked.folder / "share-0.5.json"
    file.write_text(file.read_text().replace('"is_cut": false', '"is_cut": true'))
    found = learning_curves(basis_of(run, scans), asked)
    assert found.growth is None
    assert len(found.curves) == 2


def test_a_run_trained_otherwise_stands_apart(scans: dict[str, Entry], tmp_path: Path) -> None:
    run = written_run(tmp_path / "run", scans, steps=(4, 8, 8))
    found = learning_curves(basis_of(run, scans), request(tmp_path, 60))
    assert [(curve.name, curve.cases) for curve in found.curves] == [
        (CLASSICAL, (6, 12)),
        (NETWORK, (6, 12)),
        (RUN, (12,)),
    ]


def test_the_network_gets_the_very_cases_of_the_classical_model(
    scans: dict[str, Entry], tmp_path: Path
) -> None:
    basis = basis_of(written_run(tmp_path / "run", scans), scans)
    rows = learning_parts(basis.table, basis.folds, basis.shares, 3)
    for part, own in zip(basis.parts(3), rows, strict=True):
        assert part.cases == own.cases
        for (train, held), numbers, (_, held_rows) in zip(
            part.folds, own.rows, basis.folds, strict=True
        ):
            assert train == tuple(basis.cases[row] for row in numbers)
            assert held == tuple(basis.cases[row] for row in held_rows)
            assert not set(train) & set(held)
