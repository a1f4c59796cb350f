"""Figures of scores: drawn from what is there, absent where nothing can be drawn."""

from xml.etree import ElementTree

import numpy as np
import pytest

from scanwright.metrics import Resamples
from scanwright.report import Outcomes, measure_scores
from scanwright.report.curves import (
    benefit_figure,
    precision_recall_figure,
    reliability_figure,
    roc_figure,
    score_histogram_figure,
)

from .conftest import QUICK, invent_binary, invent_classes, invent_findings


def words_of(figure):
    return "".join(ElementTree.fromstring(figure.svg).itertext())


@pytest.mark.parametrize("invent", [invent_binary, invent_classes, invent_findings])
def test_curves_name_their_labels_and_values(invent, rng):
    outcomes = invent()
    scores = measure_scores(outcomes, QUICK, rng).scores
    resamples = Resamples.draw(outcomes.patients, 20, rng)
    roc = roc_figure("test", outcomes, scores, resamples)
    shown = outcomes.labels[1:] if outcomes.is_binary else outcomes.labels
    for label in shown:
        assert f"{label} · AUC 0." in words_of(roc)
    assert f"{scores['auc'].value:.3f}" in roc.alt
    assert "AP 0." in words_of(precision_recall_figure("test", outcomes, scores))
    assert "Stated probability" in words_of(reliability_figure("test", outcomes, scores))
    assert "% of each class" in words_of(score_histogram_figure("test", outcomes))


def test_one_class_alone_has_no_curves_but_keeps_its_histogram(rng):
    outcomes = Outcomes("classes", ("normal", "ill"), np.zeros(9, int), np.tile([0.7, 0.3], (9, 1)))
    scores = measure_scores(outcomes, QUICK, rng).scores
    resamples = Resamples.draw(outcomes.patients, 20, rng)
    assert roc_figure("test", outcomes, scores, resamples) is None
    assert precision_recall_figure("test", outcomes, scores) is None
    assert benefit_figure("test", outcomes) is None
    assert "normal (9)" in words_of(score_histogram_figure("test", outcomes))


def test_many_labels_are_drawn_in_part_and_that_is_said(rng):
    outcomes = invent_classes(tuple(f"class {index}" for index in range(12)), 240)
    scores = measure_scores(outcomes, QUICK, rng).scores
    figure = roc_figure("test", outcomes, scores, Resamples.draw(outcomes.patients, 20, rng))
    assert words_of(figure).count("AUC 0.") == 8
    assert "4 labels are not drawn" in figure.caption


def test_the_threshold_and_the_prevalence_are_drawn(rng):
    outcomes = invent_binary()
    scores = measure_scores(outcomes, QUICK, rng).scores
    assert "threshold 0.400" in words_of(score_histogram_figure("test", outcomes))
    share = outcomes.truth.mean()
    figure = precision_recall_figure("test", outcomes, scores)
    assert f"prevalence {share:.2f}" in words_of(figure)
    assert "act on all" in words_of(benefit_figure("test", outcomes))
