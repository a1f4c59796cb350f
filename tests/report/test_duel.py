from collections.abc import Sequence

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.metrics import delong_test
from scanwright.report import (
    Contender,
    Curve,
    MeasureOptions,
    Outcomes,
    both_roc_figure,
    decide_between,
    difference_grid,
    importance_figure,
    learning_figure_of,
    main_score,
    score_grid,
)

OPTIONS = MeasureOptions(replicates=200)


def answers(gap: float, cases: int = 400, seed: int = 0) -> Outcomes:
    """Return outcomes of two classes whose scores lie `gap` deviations apart."""
    rng = np.random.default_rng(seed)
    truth = np.arange(cases) % 2
    score = 1 / (1 + np.exp(-(rng.normal(size=cases) + gap * (truth - 0.5))))
    return Outcomes("classes", ("no", "yes"), truth, np.stack([1 - score, score], axis=1))


def pair(first: Outcomes, second: Outcomes, *, simpler: bool = True) -> Sequence[Contender]:
    return Contender("CNN", first), Contender("classical model", second, is_simpler=simpler)


def verdict_of(first: Outcomes, second: Outcomes, *, simpler: bool = True) -> tuple[str, str]:
    rng = np.random.default_rng(0)
    one, other = pair(first, second, simpler=simpler)
    found, _ = decide_between(one, other, OPTIONS, rng)
    return found.choice, found.sentence


def test_a_clearly_better_network_is_to_be_used() -> None:
    choice, sentence = verdict_of(answers(3.0), answers(0.5, seed=1))
    assert choice == "first"
    assert sentence.startswith("Use the CNN: its AUC is higher by +0.")


def test_a_clearly_worse_network_is_not_worth_it() -> None:
    choice, sentence = verdict_of(answers(0.5), answers(3.0, seed=1))
    assert choice == "second"
    assert "not worth it" in sentence
    assert "worse" in sentence


def test_a_network_without_gain_on_many_cases_is_not_worth_it() -> None:
    same = answers(3.0, cases=20_000)
    choice, sentence = verdict_of(same, same)
    assert choice == "second"
    assert "any gain is small" in sentence


def test_few_cases_cannot_tell_even_if_both_are_perfect() -> None:
    few = answers(50.0, cases=16)
    choice, sentence = verdict_of(few, few)
    assert choice == "open"
    assert "cannot tell" in sentence
    assert "simpler" in sentence


def test_of_two_equal_networks_none_is_called_simpler() -> None:
    same = answers(3.0, cases=20_000)
    choice, sentence = verdict_of(same, same, simpler=False)
    assert choice == "open"
    assert "simpler" not in sentence


def test_the_difference_is_delongs() -> None:
    first, second = answers(2.0), answers(1.0, seed=1)
    found, differences = decide_between(*pair(first, second), OPTIONS, np.random.default_rng(0))
    expected = delong_test(first.truth, first.scores[:, 1], second.scores[:, 1])
    assert found.gap.gap == expected.difference
    assert {row.name for row in differences} >= {"auc", "accuracy"}


def test_a_smaller_error_of_a_number_is_better() -> None:
    truth = np.linspace(0, 100, 200)
    noise = np.random.default_rng(0).normal(size=200)
    near = Outcomes("number", ("age",), truth, truth + noise)
    far = Outcomes("number", ("age",), truth, truth + 20 * noise)
    choice, sentence = verdict_of(near, far)
    assert choice == "first"
    assert "error is lower by +" in sentence
    assert verdict_of(far, near)[0] == "second"


def test_other_cases_are_refused() -> None:
    with pytest.raises(InputError, match="same cases"):
        verdict_of(answers(1.0), answers(1.0, cases=40))


def test_one_class_only_is_refused() -> None:
    alone = answers(1.0).subset(np.arange(400) % 2 == 0)
    with pytest.raises(InputError, match="cannot be held against"):
        verdict_of(alone, alone)


def test_tables_have_a_cell_for_every_model() -> None:
    contenders = pair(answers(2.0), answers(1.0, seed=1))
    grid = score_grid(contenders, "test", OPTIONS)
    assert grid.head == ("Metric", "CNN", "classical model")
    assert {len(row) for row in grid.rows} == {3}
    assert "400 cases" in grid.caption
    _, differences = decide_between(*contenders, OPTIONS, np.random.default_rng(0))
    rows = difference_grid(differences, "CNN", "classical model").rows
    assert rows[0][0] == "AUC"
    assert rows[0][5] == "DeLong"


def test_figures_say_in_words_what_they_show() -> None:
    contenders = pair(answers(2.0), answers(1.0, seed=1))
    figure = both_roc_figure("test", contenders)
    assert figure is not None
    assert "CNN" in figure.svg
    score = main_score(contenders[0].outcomes, OPTIONS)
    curve = learning_figure_of([Curve("CNN", (10, 100), (score, score))], "AUC")
    assert "100" in curve.svg
    bars = importance_figure([("run_length", 0.1, 0.01), ("pattern", -0.01, 0.01)], "AUC")
    assert "run length" in bars.svg
    assert "run_length 0.100" in bars.alt


def test_three_classes_have_no_common_roc() -> None:
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.ones(3), size=30)
    outcomes = Outcomes("classes", ("a", "b", "c"), np.arange(30) % 3, scores)
    assert both_roc_figure("test", pair(outcomes, outcomes)) is None
