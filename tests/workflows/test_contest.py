from pathlib import Path

import numpy as np
import pytest
from tests.workflows.run_folder import plain_run

from scanwright.base import InputError
from scanwright.data import Entry
from scanwright.data.reference import FileReference
from scanwright.image import ClassTarget
from scanwright.metrics import roc_auc
from scanwright.workflows.contest import (
    fit_rival_decision,
    network_outcomes,
    rival_outcomes,
    run_outcomes,
)
from scanwright.workflows.finished import FinishedRun, read_finished


@pytest.fixture
def run(tmp_path: Path) -> FinishedRun:
    return read_finished(plain_run(tmp_path / "run"))


def entries_of(run: FinishedRun, split: str) -> list[Entry]:
    answers = run.answers[split]
    return [
        Entry(name, FileReference(Path(name)), ClassTarget(truth))
        for name, truth in zip(answers.cases, answers.truth, strict=True)
    ]


def test_answers_follow_the_order_of_the_entries(run: FinishedRun) -> None:
    entries = entries_of(run, "test")[::-1]
    outcomes = network_outcomes(run, "test", entries)
    assert outcomes.cases == tuple(entry.name for entry in entries)
    assert np.array_equal(outcomes.scores, run.answers["test"].scores[::-1])
    words = [run.recipe.task.labels[k] for k in outcomes.decided]
    assert words == list(run.answers["test"].decided[::-1])


def test_a_run_alone_gives_the_same_outcomes(run: FinishedRun) -> None:
    with_data = network_outcomes(run, "test", entries_of(run, "test"))
    alone = run_outcomes(run, "test")
    assert alone.cases == with_data.cases
    assert np.array_equal(alone.truth, with_data.truth)
    assert np.array_equal(alone.scores, with_data.scores)


def test_a_split_that_the_run_has_not_is_refused(run: FinishedRun) -> None:
    with pytest.raises(InputError, match="no answers to a train part"):
        run_outcomes(run, "train")


def test_the_rival_is_decided_by_the_recipes_rule(run: FinishedRun) -> None:
    entries = entries_of(run, "validation")
    scores = run.answers["validation"].scores * 0.2
    scores[:, 0] = 1 - scores[:, 1]
    network = network_outcomes(run, "validation", entries)
    decision = fit_rival_decision(run.recipe, network.truth, scores)
    outcomes = rival_outcomes(run, entries, scores, decision)
    assert 0 < decision.thresholds[-1] < 0.2
    assert 0 < outcomes.decided.mean() < 1
    assert roc_auc(outcomes.truth, outcomes.scores[:, 1]) == pytest.approx(
        roc_auc(network.truth, network.scores[:, 1])
    )
