import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from scanwright.base import RecipeError
from scanwright.metrics import log_loss
from scanwright.recipe import TASKS, DecisionChoice
from scanwright.recipe.task import ordinal, sigmoid, softmax

PLAIN = DecisionChoice(calibrate=False)


def two_classes(overconfident: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs of honest odds times a factor, and the truth."""
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 2, 4000)
    truth = (rng.random(4000) < sigmoid(odds)).astype(np.int64)
    outputs = np.stack([np.zeros_like(odds), odds], axis=1) * overconfident
    return outputs, truth


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_takes_back_what_is_too_sure(factor: float) -> None:
    outputs, truth = two_classes(factor)
    decision = TASKS["classes"].fit_decision(outputs, truth, DecisionChoice(), softmax)
    assert decision.temperature == pytest.approx(factor, rel=0.1)


def test_without_calibration_the_temperature_is_one() -> None:
    outputs, truth = two_classes(3.0)
    assert TASKS["classes"].fit_decision(outputs, truth, PLAIN, softmax).temperature == 1


def sensitivity_and_specificity(
    outputs: np.ndarray, truth: np.ndarray, choice: DecisionChoice
) -> tuple[float, float]:
    task = TASKS["classes"]
    decision = task.fit_decision(outputs, truth, choice, softmax)
    scores = softmax(outputs / decision.temperature)
    positive = task.decide(scores, np.array(decision.thresholds))[:, 1] == 1
    return float(positive[truth == 1].mean()), float((~positive[truth == 0]).mean())


@pytest.mark.parametrize("calibrate", [True, False])
def test_a_sensitivity_asked_for_is_reached_and_little_more(calibrate: bool) -> None:
    outputs, truth = two_classes(2.0)
    choice = DecisionChoice(rule="sensitivity", target=0.9, calibrate=calibrate)
    assert 0.9 <= sensitivity_and_specificity(outputs, truth, choice)[0] < 0.91


def test_a_specificity_asked_for_is_reached_and_little_more() -> None:
    outputs, truth = two_classes()
    choice = DecisionChoice(rule="specificity", target=0.8)
    assert 0.8 <= sensitivity_and_specificity(outputs, truth, choice)[1] < 0.81


def test_youden_is_the_best_sum_of_both() -> None:
    outputs, truth = two_classes()
    best = sum(sensitivity_and_specificity(outputs, truth, DecisionChoice()))
    for rule, target in (("half", 0.9), ("sensitivity", 0.7), ("specificity", 0.9)):
        choice = DecisionChoice(rule=rule, target=target)  # type: ignore[arg-type]  # rule by name
        assert best >= sum(sensitivity_and_specificity(outputs, truth, choice))


def test_half_is_half() -> None:
    outputs, truth = two_classes()
    decision = TASKS["classes"].fit_decision(outputs, truth, DecisionChoice(rule="half"), softmax)
    assert decision.thresholds == (0.5, 0.5)
    assert "0.5" in decision.rule


def test_the_thresholds_of_two_classes_add_up_to_one() -> None:
    outputs, truth = two_classes()
    decision = TASKS["classes"].fit_decision(outputs, truth, DecisionChoice(), softmax)
    assert sum(decision.thresholds) == pytest.approx(1)
    assert decision.rule


def test_of_more_classes_the_highest_score_decides() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 50)
    decision = TASKS["classes"].fit_decision(
        rng.normal(size=(50, 4)), truth, DecisionChoice(), softmax
    )
    assert decision.thresholds == (0.0,) * 4
    assert "highest score" in decision.rule


def test_grades_are_calibrated_by_their_own_model() -> None:
    rng = np.random.default_rng(1)
    honest = rng.normal(0, 1.5, (3000, 2))
    chances = ordinal(honest)
    truth = np.array([rng.choice(3, p=row) for row in chances])
    decision = TASKS["grade"].fit_decision(honest * 2.5, truth, DecisionChoice(), ordinal)
    assert decision.temperature == pytest.approx(2.5, rel=0.1)
    best = minimize_scalar(
        lambda t: log_loss(truth, ordinal(honest * 2.5 / t)), bounds=(1, 5), method="bounded"
    )
    assert decision.temperature == pytest.approx(best.x, rel=1e-2)
    assert TASKS["grade"].fit_decision(honest, truth, PLAIN, ordinal).temperature == 1


def test_findings_get_one_threshold_each() -> None:
    outputs = np.array([[-2.0, 1.0], [-1.0, 2.0], [1.0, 3.0], [2.0, 4.0]])
    truth = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    decision = TASKS["findings"].fit_decision(outputs, truth, PLAIN, sigmoid)
    decided = TASKS["findings"].decide(sigmoid(outputs), np.array(decision.thresholds))
    assert decided.tolist() == truth.tolist()
    assert len(decision.thresholds) == 2


@pytest.mark.parametrize("rule", ["youden", "sensitivity", "specificity"])
def test_a_label_that_validation_lacks_is_decided_at_half(rule: str) -> None:
    outputs = np.array([[-2.0, 1.0], [1.0, 2.0]])
    truth = np.array([[0.0, 0.0], [1.0, 0.0]])
    choice = DecisionChoice(rule=rule, calibrate=False)  # type: ignore[arg-type]  # rule by name
    assert TASKS["findings"].fit_decision(outputs, truth, choice, sigmoid).thresholds[1] == 0.5
    one_class = TASKS["classes"].fit_decision(outputs, np.array([1, 1]), choice, softmax)
    assert one_class.thresholds == (0.5, 0.5)


def test_a_number_is_its_own_decision() -> None:
    decision = TASKS["number"].fit_decision(
        np.zeros((2, 1)), np.zeros((2, 1)), DecisionChoice(), lambda outputs: outputs
    )
    assert (decision.temperature, decision.thresholds) == (1.0, ())


def test_a_target_below_a_half_is_refused() -> None:
    with pytest.raises(RecipeError):
        DecisionChoice.parse({"target": 0.4}, "")


def balanced_outputs(shares: tuple[float, ...], factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs as balanced training gives them, times a factor, and the truth."""
    rng = np.random.default_rng(3)
    truth = rng.choice(len(shares), 6000, p=shares)
    means = 2.0 * np.eye(len(shares))[truth]
    features = means + rng.normal(0, 1, means.shape)
    return 2.0 * features * factor, truth  # log density ratios of the classes, equally frequent


@pytest.mark.parametrize("shares", [(0.95, 0.05), (0.7, 0.25, 0.05)])
@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_shift_puts_balanced_scores_back_to_true_frequencies(
    shares: tuple[float, ...], factor: float
) -> None:
    outputs, truth = balanced_outputs(shares, factor)
    choice = DecisionChoice(shift=True)
    decision = TASKS["classes"].fit_decision(outputs, truth, choice, softmax)
    assert decision.temperature == pytest.approx(factor, rel=0.15)
    expected = np.log(shares) - np.log(shares).mean()
    np.testing.assert_allclose(decision.shift, expected, atol=0.25)
    scores = softmax(outputs / decision.temperature + np.array(decision.shift))
    np.testing.assert_allclose(scores.mean(axis=0), shares, atol=0.01)


def test_a_shift_of_classes_told_apart_without_error_is_finite() -> None:
    truth = np.array([0] * 30 + [1] * 3)
    outputs = np.where(np.eye(2)[truth] == 1, 9.0, -9.0)
    decision = TASKS["classes"].fit_decision(outputs, truth, DecisionChoice(shift=True), softmax)
    assert np.isfinite(decision.shift).all()
    assert sum(decision.thresholds) == pytest.approx(1)


def test_without_a_shift_asked_for_there_is_none() -> None:
    outputs, truth = balanced_outputs((0.9, 0.1), 1.0)
    assert TASKS["classes"].fit_decision(outputs, truth, DecisionChoice(), softmax).shift == ()


def test_by_prior_the_most_likely_label_for_its_frequency_is_decided_for() -> None:
    """Menon et al. 2021, equation 9: argmax of p_k / π_k, the balanced decision."""
    shares = (0.7, 0.25, 0.05)
    outputs, truth = balanced_outputs(shares, 1.0)
    frequent = outputs + np.log(shares)  # as plain training would give them
    task, choice = TASKS["classes"], DecisionChoice(rule="prior", calibrate=False)
    decision = task.fit_decision(frequent, truth, choice, softmax)
    np.testing.assert_allclose(decision.thresholds, np.bincount(truth) / len(truth), atol=1e-3)
    decided = task.decide(softmax(frequent), np.array(decision.thresholds)).argmax(axis=1)
    assert (decided == outputs.argmax(axis=1)).mean() > 0.99
    plain = softmax(frequent).argmax(axis=1)
    recalls = [
        np.mean([(chosen == k)[truth == k].mean() for k in range(3)]) for chosen in (decided, plain)
    ]
    assert recalls[0] > recalls[1] + 0.02


def test_by_prior_two_classes_and_findings_are_cut_at_their_share() -> None:
    outputs, truth = two_classes()
    choice = DecisionChoice(rule="prior", calibrate=False)
    decision = TASKS["classes"].fit_decision(outputs, truth, choice, softmax)
    assert decision.thresholds[1] == pytest.approx(truth.mean())
    found = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    each = TASKS["findings"].fit_decision(np.zeros((4, 2)), found, choice, sigmoid)
    assert each.thresholds == (0.25, 0.5)  # a label that is absent has no share
