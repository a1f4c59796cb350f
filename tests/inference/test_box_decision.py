import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from scanwright.base import BundleError, ShapeError
from scanwright.inference import Decision, choose_threshold, fit_calibration, fit_calibrations
from scanwright.inference.box_decision import calibrated


def invented(count: int, slope: float, shift: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose log-odds are off by a slope and a shift, and outcomes."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 2, count)
    chances = 1 / (1 + np.exp(-(slope * odds + shift)))
    return 1 / (1 + np.exp(-odds)), rng.random(count) < chances


def test_the_fit_is_that_of_logistic_regression() -> None:
    scores, is_true = invented(4000, 0.6, -1.2, 0)
    temperature, shift = fit_calibration(scores, is_true)
    odds = np.log(scores / (1 - scores))[:, None]
    peer = LogisticRegression(C=1e9, tol=1e-8).fit(odds, is_true)
    # Platt's targets shrink a little towards one half: 1 / N of N boxes.
    assert 1 / temperature == pytest.approx(peer.coef_[0, 0], abs=0.01)
    assert shift == pytest.approx(peer.intercept_[0], abs=0.01)


def test_calibrated_scores_are_as_often_right_as_they_say() -> None:
    scores, is_true = invented(20_000, 0.5, -1.0, 1)
    temperature, shift = fit_calibration(scores, is_true)
    found = calibrated(
        scores,
        np.zeros(len(scores), dtype=np.int64),
        Decision(temperature=temperature, shift=(shift,)),
    )
    for low in np.arange(0.1, 0.8, 0.1):
        here = (found >= low) & (found < low + 0.1)
        assert is_true[here].mean() == pytest.approx(found[here].mean(), abs=0.04)


def test_labels_share_the_temperature_and_have_their_own_shift() -> None:
    one, other = invented(4000, 0.7, 1.0, 2), invented(4000, 0.7, -2.0, 3)
    scores, is_true = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    temperature, shift = fit_calibrations(scores, is_true, np.repeat([0, 2], 4000), 3)
    assert 1 / temperature == pytest.approx(0.7, abs=0.05)
    assert shift == pytest.approx((1.0, 0.0, -2.0), abs=0.15)


def test_one_kind_of_outcome_is_never_certain() -> None:
    temperature, shift = fit_calibration([0.5, 0.5, 0.5], [True] * 3)
    assert temperature == 1.0
    assert 1 / (1 + np.exp(-shift)) == pytest.approx(4 / 5, abs=1e-3)
    assert fit_calibration([], []) == (1.0, 0.0)
    temperature, shift = fit_calibration([0.0, 1.0], [False, True])
    assert 0.1 <= temperature <= 10
    assert np.isfinite(shift)


@given(st.integers(0, 10**6), st.integers(2, 60))
def test_calibration_keeps_the_order_of_scores(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.random(count))
    temperature, shift = fit_calibration(scores, rng.random(count) < 0.5)
    classes = np.zeros(count, dtype=np.int64)
    found = calibrated(scores, classes, Decision(temperature=temperature, shift=(shift,)))
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_without_a_decision_scores_stay_what_they_are() -> None:
    scores = np.array([0.02, 0.5, 0.99])
    assert calibrated(scores, np.zeros(3, dtype=np.int64), Decision()) == pytest.approx(scores)
    with pytest.raises(BundleError):
        calibrated(scores, np.full(3, 2), Decision(shift=(0.1, 0.1)))


def best_f1(scores: np.ndarray, is_true: np.ndarray, truths: int) -> float:
    """Try every score."""
    levels = [*scores.tolist(), 2.0]
    hits = [np.sum(is_true & (scores >= level)) for level in levels]
    boxes = [np.sum(scores >= level) for level in levels]
    return max(2 * hit / max(box + truths, 1) for hit, box in zip(hits, boxes, strict=True))


@given(st.integers(0, 10**6), st.integers(1, 40))
def test_no_score_has_a_higher_f1_than_the_threshold(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    scores, is_true = rng.integers(0, 12, count) / 12, rng.random(count) < 0.6
    truths = int(is_true.sum()) + int(rng.integers(0, 5))
    threshold = choose_threshold(scores, is_true, truths)
    reported = scores >= threshold
    f1 = 2 * np.sum(is_true & reported) / max(reported.sum() + truths, 1)
    assert not is_true.any() or f1 == pytest.approx(best_f1(scores, is_true, truths))


def test_of_equal_merit_the_higher_threshold_is_taken() -> None:
    # From 0.9 on: 2 · 1 / (1 + 2); from 0.5 on: 2 · 2 / (4 + 2); both two thirds.
    scores, is_true = [0.9, 0.7, 0.6, 0.5], [True, False, False, True]
    assert choose_threshold(scores, is_true, 2) == pytest.approx(0.8)


def test_a_label_of_which_no_box_is_right_gets_one_half() -> None:
    assert choose_threshold([0.9, 0.1], [False, False], 3) == 0.5
    assert choose_threshold([], [], 0) == 0.5
    assert choose_threshold([0.3], [True], 1) == 0.3
    with pytest.raises(ShapeError):
        choose_threshold([0.9, 0.1], [True], 1)
