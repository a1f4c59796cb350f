"""The table of metrics: for each kind of task what is measured, and what that means in words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from scanwright import metrics
from scanwright.metrics import Statistic
from scanwright.report.box_metric import box_metrics
from scanwright.report.mask_metric import mask_metrics
from scanwright.report.metric_row import Bind, Metric, Support
from scanwright.report.outcomes import Outcomes


def metric_set(outcomes: Outcomes) -> tuple[Metric, ...]:
    """Return the metrics that suit the outcomes."""
    if outcomes.masks is not None:
        return mask_metrics(outcomes)
    if outcomes.boxes is not None:
        return box_metrics(outcomes)
    return METRIC_SETS["binary" if outcomes.is_binary else outcomes.kind]


def label_metrics(alone: Outcomes) -> tuple[Metric, ...]:
    """Return the metrics of one label, of which alone the outcomes are."""
    if alone.masks is not None:
        return mask_metrics(alone)
    if alone.boxes is not None:
        return box_metrics(alone)
    wanted = ("auc", "average_precision", "sensitivity", "specificity", "ppv")
    by_name = {row.name: row for row in METRIC_SETS["binary"]}
    return tuple(by_name[name] for name in wanted)


def _all_patients(outcomes: Outcomes) -> int:
    return outcomes.patient_count


def _patients_of(label: int) -> Support:
    def support(outcomes: Outcomes) -> int:
        names = np.array(outcomes.patients)[outcomes.truth == label]
        return len(set(names.tolist()))

    return support


def _rarest(outcomes: Outcomes) -> int:
    if outcomes.kind == "findings":
        columns = [column for label in outcomes.truth.T for column in (label == 0, label == 1)]
    else:
        columns = [outcomes.truth == label for label in range(len(outcomes.labels))]
    names = np.array(outcomes.patients)
    return min(len(set(names[column].tolist())) for column in columns)


def _scored(bind: Callable[..., Statistic]) -> Bind:
    return lambda outcomes: bind(outcomes.truth, outcomes.scores)


def _guessed(bind: Callable[..., Statistic]) -> Bind:
    return lambda outcomes: bind(outcomes.truth, outcomes.decided)


def _decided(bind: Callable[..., Statistic]) -> Bind:
    return lambda outcomes: bind(outcomes.truth, outcomes.decided, len(outcomes.labels))


def _binary(rate: metrics.Rate) -> Bind:
    return lambda outcomes: metrics.bind_binary_rate(outcomes.truth, outcomes.decided, rate)


def _macro(rate: metrics.Rate) -> Bind:
    return lambda outcomes: metrics.bind_macro_rate(
        outcomes.truth, outcomes.decided, len(outcomes.labels), rate
    )


def _labels(rate: metrics.Rate) -> Bind:
    return lambda outcomes: metrics.bind_labels_rate(outcomes.truth, outcomes.decided, rate)


def _sensitivity_at(specificity: float) -> Bind:
    return lambda outcomes: metrics.bind_sensitivity_at(
        outcomes.truth == 1, outcomes.scores[:, 1], specificity
    )


_HALF_BRIER = "Half the squared distance between probabilities and truth; 0 is best."
_NLL = "Mean negative logarithm of the probability given to the truth (nats); 0 is best."

BINARY = (
    Metric(
        "auc",
        "AUC",
        "Area under the ROC curve: how often a positive case scores above a negative one.",
        _scored(metrics.bind_macro_auc),
        _rarest,
    ),
    Metric(
        "accuracy",
        "Accuracy",
        "Share of cases whose more probable class (above 0.5) is the true one.",
        _scored(metrics.bind_accuracy),
        _all_patients,
    ),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        "Mean of sensitivity and specificity at the operating point.",
        _decided(metrics.bind_balanced_accuracy),
        _rarest,
    ),
    Metric(
        "f1",
        "F1",
        "Harmonic mean of sensitivity and positive predictive value at the operating point.",
        _binary(metrics.f1_of),
        _patients_of(1),
    ),
    Metric(
        "sensitivity",
        "Sensitivity",
        "Share of positive cases that are called positive at the operating point.",
        _binary(metrics.sensitivity_of),
        _patients_of(1),
    ),
    Metric(
        "specificity",
        "Specificity",
        "Share of negative cases that are called negative at the operating point.",
        _binary(metrics.specificity_of),
        _patients_of(0),
    ),
    Metric(
        "ppv",
        "Positive predictive value",
        "Share of positive calls that are right, at the prevalence of these cases.",
        _binary(metrics.positive_predictive_value_of),
        _patients_of(1),
    ),
    Metric(
        "npv",
        "Negative predictive value",
        "Share of negative calls that are right, at the prevalence of these cases.",
        _binary(metrics.negative_predictive_value_of),
        _patients_of(0),
    ),
    Metric(
        "average_precision",
        "Average precision",
        "Mean precision over the positive cases' scores; chance is the prevalence.",
        _scored(metrics.bind_macro_average_precision),
        _patients_of(1),
    ),
    Metric(
        "sensitivity_at_90",
        "Sensitivity at 90 % specificity",
        "Highest sensitivity of a cut with at most one false alarm in ten negative cases, the cut "
        "chosen on these cases; for comparing models, not for working with.",
        _sensitivity_at(0.9),
        _patients_of(1),
    ),
    Metric("brier", "Brier score", _HALF_BRIER, _scored(metrics.bind_brier), best=0.0),
    Metric(
        "ece",
        "Calibration error",
        "Mean gap between stated probability and what happened, in 15 bins of equal width.",
        _scored(metrics.bind_calibration_error),
        best=0.0,
        is_inflated=True,
    ),
    Metric("nll", "Log loss", _NLL, _scored(metrics.bind_log_loss), best=0.0),
)

CLASSES = (
    Metric(
        "auc",
        "AUC",
        "Mean over classes of the area under the ROC curve of each class against the rest.",
        _scored(metrics.bind_macro_auc),
        _rarest,
    ),
    Metric(
        "accuracy",
        "Accuracy",
        "Share of cases whose most probable class is the true one.",
        _scored(metrics.bind_accuracy),
        _all_patients,
    ),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        "Mean over classes of the share decided rightly.",
        _decided(metrics.bind_balanced_accuracy),
        _rarest,
    ),
    Metric("f1", "F1", "Mean over classes of F1.", _macro(metrics.f1_of), _rarest),
    Metric(
        "sensitivity",
        "Sensitivity",
        "Mean over classes, each against the rest.",
        _macro(metrics.sensitivity_of),
        _rarest,
    ),
    Metric(
        "specificity",
        "Specificity",
        "Mean over classes, each against the rest.",
        _macro(metrics.specificity_of),
        _rarest,
    ),
    Metric(
        "average_precision",
        "Average precision",
        "Mean over classes, each against the rest.",
        _scored(metrics.bind_macro_average_precision),
        _rarest,
    ),
    Metric("brier", "Brier score", _HALF_BRIER, _scored(metrics.bind_brier), best=0.0),
    Metric(
        "ece",
        "Calibration error",
        "Mean gap between the highest probability and how often it is right, in 15 bins.",
        _scored(metrics.bind_calibration_error),
        best=0.0,
        is_inflated=True,
    ),
    Metric("nll", "Log loss", _NLL, _scored(metrics.bind_log_loss), best=0.0),
)

FINDINGS = (
    Metric(
        "auc",
        "AUC",
        "Mean over findings of the area under the ROC curve.",
        _scored(metrics.bind_labels_auc),
        _rarest,
    ),
    Metric(
        "accuracy",
        "Accuracy",
        "Mean over findings of the share of cases decided rightly at 0.5.",
        _scored(metrics.bind_labels_accuracy),
        _all_patients,
    ),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        "Mean over findings of the mean of sensitivity and specificity.",
        _labels(metrics.balanced_accuracy_of),
        _rarest,
    ),
    Metric("f1", "F1", "Mean over findings of F1.", _labels(metrics.f1_of), _rarest),
    Metric(
        "sensitivity",
        "Sensitivity",
        "Mean over findings, at each one's operating point.",
        _labels(metrics.sensitivity_of),
        _rarest,
    ),
    Metric(
        "specificity",
        "Specificity",
        "Mean over findings, at each one's operating point.",
        _labels(metrics.specificity_of),
        _rarest,
    ),
    Metric(
        "average_precision",
        "Average precision",
        "Mean over findings.",
        _scored(metrics.bind_labels_average_precision),
        _rarest,
    ),
    Metric(
        "brier",
        "Brier score",
        "Mean over findings of the squared distance between probability and truth; 0 is best.",
        _scored(metrics.bind_labels_brier),
        best=0.0,
    ),
    Metric(
        "ece",
        "Calibration error",
        "Mean over findings of the gap between stated probability and what happened, in 15 bins.",
        _scored(metrics.bind_labels_calibration_error),
        best=0.0,
        is_inflated=True,
    ),
    Metric("nll", "Log loss", _NLL, _scored(metrics.bind_labels_log_loss), best=0.0),
)

GRADE = (
    Metric(
        "kappa",
        "Quadratic kappa",
        "Agreement of decided and true grades beyond chance, weighted by squared distance.",
        _decided(metrics.bind_quadratic_kappa),
    ),
    Metric(
        "mae",
        "Mean absolute error",
        "Mean distance between decided and true grade, in grades.",
        _guessed(metrics.bind_mean_absolute_error),
        best=0.0,
    ),
    *CLASSES,
)

NUMBER = (
    Metric(
        "mae",
        "Mean absolute error",
        "Mean distance between predicted and true value.",
        _guessed(metrics.bind_mean_absolute_error),
        best=0.0,
    ),
    Metric(
        "rmse",
        "Root mean square error",
        "Root of the mean squared distance; large errors weigh more.",
        _guessed(metrics.bind_root_mean_square_error),
        best=0.0,
    ),
    Metric(
        "r2",
        "R²",
        "Share of the variance of the truth that is explained; 0 is guessing the mean.",
        _guessed(metrics.bind_r_squared),
    ),
    Metric(
        "correlation",
        "Correlation",
        "Pearson's correlation of predicted and true value.",
        _guessed(metrics.bind_correlation),
    ),
    Metric(
        "bias", "Bias", "Mean of predicted minus true value.", _guessed(metrics.bind_bias), best=0.0
    ),
)

METRIC_SETS: Mapping[str, tuple[Metric, ...]] = MappingProxyType(
    {
        "binary": BINARY,
        "classes": CLASSES,
        "findings": FINDINGS,
        "grade": GRADE,
        "number": NUMBER,
    }
)
"""The metrics of each kind of task; "binary" is "classes" with two of them."""
