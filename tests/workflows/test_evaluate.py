"""The report beside a bundle says the same as the scores inside it, and names no patient."""

import json
from pathlib import Path

import numpy as np
import pytest

from scanwright.bundle import read_bundle
from scanwright.data import IndexOptions
from scanwright.image import Modality
from scanwright.inference import Decision
from scanwright.phantom import CohortOptions
from scanwright.recipe import NetworkChoice, Recipe, TaskChoice
from scanwright.workflows.cohort_files import write_cohort
from scanwright.workflows.evaluate import _decisions
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import train

pytestmark = pytest.mark.slow


def test_report_scores_and_bundle_agree_and_hide_patients(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_cohort(CohortOptions(modality=Modality.MRI, cases=48, size=32, sites=2), data)
    settings = {
        "network.width": 0.25, "network.size": (32, 32), "training.members": 1,
        "training.workers": 1, "training.threads": 1, "schedule.steps": (20,), "split.folds": 0,
        "training.validations": 2,
    }  # fmt: skip
    options = RunOptions(
        index=IndexOptions(labels=data / "labels.csv"), settings=settings, device="cpu"
    )
    result = train(str(data), tmp_path / "run", options)
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    assert scores == result.scores == read_bundle(tmp_path / "run" / "bundle").scores
    assert set(scores) == {"validation", "test"}
    page = (tmp_path / "run" / "report.html").read_text()
    assert f"{scores['test']['auc']['value']:.3f}" in page
    assert "site" in page
    patients = {path.parent.name for path in data.rglob("*.dcm")}
    assert len(patients) == 48
    card = (tmp_path / "run" / "bundle" / "card.md").read_text()
    for patient in patients:
        assert patient not in page
        assert patient not in card


def recipe_of(*labels: str) -> Recipe:
    return Recipe(
        task=TaskChoice(labels=labels), preprocessing=(), network=NetworkChoice(outputs=len(labels))
    )


def test_what_is_reported_is_what_was_decided_where_rare_labels_are_made_up_for() -> None:
    scores = np.array([[0.9, 0.05, 0.05], [0.8, 0.05, 0.15], [0.1, 0.8, 0.1]])
    by_prior = Decision(thresholds=(0.85, 0.1, 0.05))
    decided = _decisions(recipe_of("a", "b", "c"), scores, by_prior)
    assert decided is not None
    assert decided.tolist() == [0, 2, 1]
    by_score = Decision(thresholds=(0.0, 0.0, 0.0))
    assert _decisions(recipe_of("a", "b", "c"), scores, by_score) is None
    assert _decisions(recipe_of("a", "b"), scores[:, :2], by_prior) is None
