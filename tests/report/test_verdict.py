"""The verdict: plain words that follow from the figures."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.report import LeftOut, Outcomes, Report, judge
from scanwright.report.verdict import count_of, in_words, percent

from .conftest import bare_split, invent_binary


@pytest.fixture
def report(rng):
    return Report("t", "tells ill from normal", (bare_split("test", invent_binary(), rng),))


def test_the_verdict_states_the_figures(report):
    verdict = judge(report)
    score = report.main.scores.scores["auc"]
    assert "The model tells ill from normal. On 60 patients it had never seen" in verdict.headline
    assert f"{score.value:.2f} (95\u00a0% interval {score.low:.2f} to {score.high:.2f})" in (
        verdict.headline
    )
    finds = report.main.scores.scores["sensitivity"].value
    assert any(f"it finds {100 * finds:.0f} of 100" in line for line in verdict.sentences)
    assert "120 cases of 60 patients" in verdict.sentences[0]
    assert len(verdict.scores) == 4


def test_every_kind_of_task_has_a_verdict(any_split):
    verdict = judge(Report("t", "does something", (any_split,)))
    assert len(verdict.sentences) >= 2
    assert "no medical device" in verdict.cautions[-1]


def test_the_worth_of_a_positive_call_follows_bayes(report):
    scores = report.main.scores.scores
    right = 0.02 * scores["sensitivity"].value
    false = 0.98 * (1 - scores["specificity"].value)
    expected = percent(right / (right + false), "times")
    assert any(f"it would be right about {expected}" in line for line in judge(report).sentences)


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("60 patients only", {}),
        ("4 input files could not be used", {"left_out": (LeftOut("broken", 4),)}),
        ("the scanner was changed", {"warnings": ("the scanner was changed",)}),
    ],
)
def test_cautions_are_raised(report, words, change):
    assert any(words in line for line in judge(replace(report, **change)).cautions)


def cautions_of(outcomes, rng, name="test"):
    split = bare_split(name, outcomes, rng)
    return "\n".join(judge(Report("t", "p", (split,))).cautions)


def test_a_useless_and_boasting_model_is_called_so(rng):
    truth = np.arange(200) % 2
    chance = np.where(rng.random(200) < 0.5, 0.97, 0.03)
    outcomes = Outcomes("classes", ("no", "yes"), truth, np.stack([1 - chance, chance], axis=1))
    text = cautions_of(outcomes, rng, "validation")
    assert "no better than chance" in text
    assert "not as risks" in text
    assert "no test split" in text
    assert "which cases are of one patient" in text
    assert "No site is recorded" in text


def test_a_site_where_the_model_is_weaker_is_named(rng):
    good = invent_binary(600, shift=3)
    scores = good.scores.copy()
    is_b = np.array(good.columns["site"]) == "B"
    scores[is_b] = scores[is_b][:, ::-1]
    outcomes = Outcomes(
        "classes", good.labels, good.truth, scores, patients=good.patients, columns=good.columns
    )
    assert "Weaker where site is B" in cautions_of(outcomes, rng)


def test_what_cannot_be_measured_is_said_once(rng):
    outcomes = Outcomes("classes", ("normal", "ill"), np.zeros(9, int), np.tile([0.7, 0.3], (9, 1)))
    split = bare_split("test", outcomes, rng)
    verdict = judge(Report("t", "p", (split,)))
    assert "its AUC is not defined: no case of “ill”" in verdict.headline
    assert sum("no case of “ill”" in line for line in verdict.cautions) == 1


def test_words_for_numbers(report):
    assert percent(0.5) == "50 of 100"
    assert percent(1.0) == "100 of 100"
    assert percent(0.004) == "4 of 1000"
    assert count_of(1, "patients") == "1 patient"
    scores = report.main.scores.scores
    assert in_words(scores["auc"]) == "AUC"
    assert in_words(scores["f1"]) == "F1"
    assert in_words(scores["balanced_accuracy"]) == "balanced accuracy"
