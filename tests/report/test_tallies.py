"""Figures of decisions, numbers and training."""

from xml.etree import ElementTree

import numpy as np
import pytest

from scanwright.report import LearningCurve, Outcomes, learning_figure, measure_scores
from scanwright.report.tallies import agreement_figure, confusion_figure, forest_figure

from .conftest import QUICK, invent_binary, invent_classes, invent_findings, invent_numbers


def words_of(figure):
    return [text for text in ElementTree.fromstring(figure.svg).itertext() if text.strip()]


def test_the_confusion_matrix_shows_counts_and_shares():
    truth = np.repeat([0, 1], [10, 5])
    decided = np.repeat([0, 1, 1, 0], [7, 3, 4, 1])
    outcomes = Outcomes("classes", ("no", "yes"), truth, np.eye(2)[decided])
    words = words_of(confusion_figure("test", outcomes))
    for expected in ("7", "3", "4", "1", "70\u00a0%", "30\u00a0%", "80\u00a0%", "20\u00a0%"):
        assert expected in words


@pytest.mark.parametrize(("classes", "is_wide"), [(4, False), (9, True)])
def test_many_classes_take_the_whole_width(classes, is_wide):
    outcomes = invent_classes(tuple(f"class {index}" for index in range(classes)))
    assert confusion_figure("test", outcomes).is_wide is is_wide


def test_too_many_classes_have_no_confusion_matrix():
    outcomes = invent_classes(tuple(f"class {index}" for index in range(30)))
    assert confusion_figure("test", outcomes) is None


def test_the_forest_has_the_best_label_on_top(rng):
    scores = measure_scores(invent_findings(), QUICK, rng)
    words = [w for w in words_of(forest_figure("test", scores)) if "(" in w]
    order = sorted(scores.per_label, key=lambda row: row.scores["auc"].value)
    assert words == [f"{row.label} ({row.positives})" for row in order]
    assert forest_figure("test", measure_scores(invent_binary(), QUICK, rng)) is None


def test_agreement_shows_bias_and_limits():
    outcomes = invent_numbers()
    gap = outcomes.decided - outcomes.truth
    words = words_of(agreement_figure("test", outcomes))
    assert f"{gap.mean():.3g}".replace("-", "\u2212") in words
    assert "True age (months)" in words


def test_one_number_is_drawn_without_limits():
    figure = agreement_figure("test", Outcomes("number", ("age",), [4.0], [5.0]))
    assert "True age" in words_of(figure)


def test_thousands_of_dots_become_pixels():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=5000)
    figure = agreement_figure("test", Outcomes("number", ("x",), truth, truth + 1))
    assert "data:image/png;base64," in figure.svg
    assert len(figure.svg) < 400_000


def test_learning_curves_name_each_member():
    epochs = [1, 2, 3]
    curves = [
        LearningCurve(name, epochs, [3, 2, 1], [3, 2.5, 2], [0.6, 0.7, 0.65], [0.1, 0.1, 0.01], 2)
        for name in ("fold 1", "fold 2")
    ]
    words = words_of(learning_figure(curves, "accuracy"))
    assert {"fold 1", "fold 2", "Validation accuracy", "train"} <= set(words)


def test_a_run_stopped_before_its_first_note_is_drawn():
    curve = LearningCurve("only", [], [], [], [], [], None)
    assert "Loss" in words_of(learning_figure([curve]))
