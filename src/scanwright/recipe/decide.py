"""From validation outputs to a decision: temperature and thresholds."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar

from scanwright.base import Options, option
from scanwright.image import Floats
from scanwright.inference import Decision
from scanwright.metrics import (
    OperatingPoint,
    UndefinedMetric,
    fit_labels_temperature,
    fit_temperature,
    log_loss,
    sensitivity_point,
    specificity_point,
    youden_point,
)


class DecisionChoice(Options):
    """How scores become a decision."""

    rule: Literal["youden", "sensitivity", "specificity", "half", "prior"] = option(
        "youden", help="Operating point chosen on validation."
    )
    target: float = option(
        0.9, low=0.5, high=1.0, help="Sensitivity or specificity to reach, for those rules."
    )
    calibrate: bool = option(True, help="Fit a temperature on validation.")
    shift: bool = option(
        False, help="Fit a shift of each label with it: scores mean frequencies after balancing."
    )


Decode = Callable[[Floats], Floats]


def decide_one(
    outputs: Floats, truth: npt.NDArray[np.int64], choice: DecisionChoice, decode: Decode
) -> Decision:
    """Fit a decision for one label of K: for K = 2 a threshold on the last label's score."""
    if choice.shift and choice.calibrate:
        temperature, shift = fit_shift(truth, outputs)
        fitted = _for_one(decode(outputs / temperature + shift), truth, choice, temperature)
        return fitted.model_copy(update={"shift": tuple(shift.tolist())})
    temperature = fit_temperature(truth, outputs) if choice.calibrate else 1.0
    return _for_one(decode(outputs / temperature), truth, choice, temperature)


def fit_shift(truth: npt.NDArray[np.int64], outputs: Floats) -> tuple[float, Floats]:
    """Fit temperature and a shift of each class to class indices (N,) and logits (N, K).

    Training that balances classes learns scores for classes of equal frequency; true ones differ
    from them by a shift of the logits. Alexandari et al. 2020, Maximum likelihood with
    bias-corrected calibration, section 3.2. A class that is absent is shifted as if it had half
    a case; a weak pull to no change keeps the fit finite where classes are told apart without
    error.
    """
    classes = outputs.shape[1]
    counts = np.bincount(truth, minlength=classes) + 0.5
    start = np.log(counts / counts.sum()) - np.log(_softmax(outputs).mean(axis=0) + 1e-12)
    start -= start.mean()
    rows = np.arange(len(truth))

    def cost(knobs: Floats) -> float:
        scaled = outputs / np.exp(knobs[0]) + knobs[1:]
        losses = np.logaddexp.reduce(scaled, axis=1) - scaled[rows, truth]
        return float(losses.sum() + 0.05 * (knobs[0] ** 2 + ((knobs[1:] - start) ** 2).sum()))

    bounds = [(-3.0, 3.0)] + [(-20.0, 20.0)] * classes
    found = minimize(cost, np.concatenate([[0.0], start]), method="L-BFGS-B", bounds=bounds)
    shift: Floats = found.x[1:] - found.x[1:].mean()
    return float(np.exp(found.x[0])), shift


def _softmax(logits: Floats) -> Floats:
    return np.asarray(np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)))


def decide_grade(
    outputs: Floats, truth: npt.NDArray[np.int64], choice: DecisionChoice, decode: Decode
) -> Decision:
    """Fit a decision for ordered grades, whose outputs are no softmax logits."""

    def loss(log_temperature: float) -> float:
        return log_loss(truth, decode(outputs / np.exp(log_temperature)))

    found = minimize_scalar(loss, bounds=(-3, 3), method="bounded") if choice.calibrate else None
    temperature = 1.0 if found is None else float(np.exp(found.x))
    return _for_one(decode(outputs / temperature), truth, choice, temperature)


def _for_one(
    scores: Floats, truth: npt.NDArray[np.int64], choice: DecisionChoice, temperature: float
) -> Decision:
    if scores.shape[1] != 2 and choice.rule == "prior":
        shares = (np.bincount(truth, minlength=scores.shape[1]) + 0.5) / (
            len(truth) + 0.5 * scores.shape[1]
        )
        return Decision(
            temperature=temperature,
            thresholds=tuple(shares.tolist()),
            rule="the label whose score is highest for how frequent it is",
        )
    if scores.shape[1] != 2:
        return Decision(
            temperature=temperature,
            thresholds=(0.0,) * scores.shape[1],
            rule="the label with the highest score",
        )
    point = _operating_point(truth == 1, scores[:, 1], choice)
    return Decision(
        temperature=temperature,
        thresholds=(1.0 - point.threshold, point.threshold),
        rule=point.rule,
    )


def decide_each(outputs: Floats, truth: Floats, choice: DecisionChoice, decode: Decode) -> Decision:
    """Fit a decision for several labels: one threshold each."""
    temperature = fit_labels_temperature(truth, outputs) if choice.calibrate else 1.0
    scores = decode(outputs / temperature)
    points = [
        _operating_point(truth[:, index] > 0.5, scores[:, index], choice)
        for index in range(scores.shape[1])
    ]
    return Decision(
        temperature=temperature,
        thresholds=tuple(point.threshold for point in points),
        rule=points[0].rule,
    )


def decide_nothing(
    outputs: Floats,
    truth: Floats,
    choice: DecisionChoice,
    decode: Decode,
) -> Decision:
    """Return the decision of a task that answers with a number."""
    return Decision(rule="the number itself")


def _operating_point(
    positive: npt.NDArray[np.bool_], scores: Floats, choice: DecisionChoice
) -> OperatingPoint:
    half = OperatingPoint(0.5, float("nan"), float("nan"), "a score of at least 0.5")
    if choice.rule == "half":
        return half
    if choice.rule == "prior":
        share = float(positive.mean())
        rule = "a score above the label's share of the validation cases"
        return OperatingPoint(share, np.nan, np.nan, rule) if 0 < share < 1 else half
    try:
        if choice.rule == "sensitivity":
            return sensitivity_point(positive, scores, choice.target)
        if choice.rule == "specificity":
            return specificity_point(positive, scores, choice.target)
        return youden_point(positive, scores)
    except UndefinedMetric:
        # A label that validation lacks (rare findings) has no operating point to choose.
        return half
