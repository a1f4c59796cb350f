"""A network against the classical model, and run against run, by the Python interface."""

from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import make_scans
from tests.workflows.run_folder import QUICK, plain_run

from scanwright.base import InputError
from scanwright.classical import FeatureOptions, RivalOptions
from scanwright.data import IndexOptions
from scanwright.report import MeasureOptions
from scanwright.workflows.compare import CompareOptions, compare
from scanwright.workflows.compare_runs import compare_runs
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import train

MEASURE = MeasureOptions(replicates=100)
RUN = RunOptions(settings=QUICK, device="cpu", budget_seconds=120)


def quick(finished: Path | None) -> CompareOptions:
    return CompareOptions(
        run=RUN,
        finished=finished,
        features=FeatureOptions(families=("intensity", "cooccurrence", "gradient")),
        rival=RivalOptions(families=("logistic", "svm")),
        shares=(0.3, 1.0),
        measure=MEASURE,
    )


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scans(tmp_path_factory.mktemp("compare") / "scans", per_class=24)


@pytest.fixture(scope="module")
def run(scans: Path) -> Path:
    train(str(scans), scans.parent / "run", RUN)
    return scans.parent / "run"


@pytest.mark.slow
def test_a_finished_run_is_compared_on_its_own_folds(
    scans: Path, run: Path, tmp_path: Path
) -> None:
    compared = compare(scans, tmp_path / "out", quick(run))
    assert [match.split for match in compared.matches] == ["test", "validation"]
    for match in compared.matches:
        network, classical, both = (one.outcomes for one in match.contenders)
        assert network.cases == classical.cases == both.cases
        assert np.array_equal(network.truth, classical.truth)
        assert np.allclose(both.scores, (network.scores + classical.scores) / 2)
    # Bars that stand or lie are what gradients are made for; 8 steps teach a network little.
    assert compared.matches[1].contenders[1].outcomes.count == 38
    found = {row.name: row for row in compared.matches[1].differences}
    assert found["auc"].second > 0.95
    assert compared.seconds["CNN"].per_image is not None
    assert compared.seconds["classical model"].per_image is not None
    assert [curve.name for curve in compared.learning.curves] == ["classical model", "CNN"]
    assert compared.learning.curves[0].cases[-1] == compared.learning.curves[1].cases[0]
    assert compared.importance[0].family == "gradient"


@pytest.mark.slow
def test_the_same_comparison_gives_the_same_answer(scans: Path, run: Path, tmp_path: Path) -> None:
    answers = [
        compare(scans, tmp_path / name, quick(run)).matches[0].contenders[1].outcomes.scores
        for name in ("a", "b")
    ]
    assert np.array_equal(*answers)


@pytest.mark.slow
def test_without_a_run_a_network_is_trained_first(scans: Path, tmp_path: Path) -> None:
    compared = compare(scans, tmp_path / "out", quick(None))
    assert (tmp_path / "out" / "network" / "bundle").exists()
    assert compared.matches[0].contenders[0].name == "CNN"


@pytest.mark.slow
def test_other_data_than_the_runs_are_refused(run: Path, tmp_path: Path) -> None:
    other = make_scans(tmp_path / "other", per_class=4)
    options = quick(run).model_copy(update={"run": RunOptions(index=IndexOptions())})
    with pytest.raises(InputError, match="not those of the run"):
        compare(other, tmp_path / "out", options)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished run"):
        compare(tmp_path, tmp_path / "out", quick(tmp_path))


def test_the_better_of_two_runs_is_found(tmp_path: Path) -> None:
    good = plain_run(tmp_path / "good", 240, gap=2.0)
    poor = plain_run(tmp_path / "poor", 240, gap=0.1, seed=1)
    assert compare_runs(good, poor, MEASURE).verdict.choice == "first"
    swapped = compare_runs(poor, good, MEASURE).verdict
    assert swapped.choice == "second"
    assert "worse" in swapped.sentence


def test_two_runs_alike_are_not_told_apart(tmp_path: Path) -> None:
    first, second = plain_run(tmp_path / "a", 60), plain_run(tmp_path / "b", 60, seed=3)
    assert compare_runs(first, second, MEASURE).verdict.choice == "open"


def test_runs_on_other_cases_are_refused(tmp_path: Path) -> None:
    first, second = plain_run(tmp_path / "a", 60), plain_run(tmp_path / "b", 90)
    with pytest.raises(InputError, match="same cases"):
        compare_runs(first, second, MEASURE)
