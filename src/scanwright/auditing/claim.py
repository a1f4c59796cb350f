"""How sure a figure can be before anything is trained: the interval that the cases allow."""

from math import exp, log, sqrt

from scanwright.auditing.balance import class_counts
from scanwright.auditing.finding import Finding, NotChecked, Severity
from scanwright.auditing.survey import Survey
from scanwright.base import InputError, Plain
from scanwright.metrics import wilson

AUCS = (0.7, 0.8, 0.9, 0.95)
ACCURACIES = (0.7, 0.8, 0.9)
TEST_SHARE = 0.2
"""Share that the split holds out for test where the data set brings none."""
WIDE, TOO_WIDE = 0.15, 0.25
"""Width of the interval of an AUC of 0.8 from which on it is a note's and a warning's matter."""
NORMAL_95 = 1.959964
"""97.5 % point of the normal distribution."""


def auc_width(auc: float, positive: int, negative: int) -> float:
    """Expect the width of the 95 % interval of an AUC.

    Hanley & McNeil 1982, Radiology 143:29, equation 1, on the logit scale so that it stays inside
    0 to 1, as the report's own intervals do.

    Parameters
    ----------
    positive, negative
        Independent cases (patients) of either class.

    Examples
    --------
    >>> round(auc_width(0.9, 50, 50), 2)
    0.12
    """
    if not 0 < auc < 1 or positive < 1 or negative < 1:
        raise InputError(
            "The width needs an AUC between 0 and 1 and cases of both classes.",
            got=f"AUC {auc}, {positive} and {negative} cases",
        )
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (positive - 1) * (first - auc**2)
        + (negative - 1) * (second - auc**2)
    ) / (positive * negative)  # fmt: skip
    step = NORMAL_95 * sqrt(variance) / (auc * (1 - auc))
    centre = log(auc / (1 - auc))
    return 1 / (1 + exp(-centre - step)) - 1 / (1 + exp(-centre + step))


def accuracy_width(accuracy: float, cases: int) -> float:
    """Expect the width of Wilson's 95 % interval of an accuracy.

    >>> round(accuracy_width(0.8, 100), 2)
    0.16
    """
    interval = wilson(accuracy * cases, cases)
    return interval.high - interval.low


def check_claim(survey: Survey) -> list[Finding]:
    """Expect how wide the intervals will be, of the test part and of cross-validation."""
    if survey.index.task.kind == "number":
        raise NotChecked("the label is a number")
    counts = class_counts(survey)
    if sum(count > 0 for count in counts.values()) < 2:
        raise NotChecked("there are no two classes")
    label = min(counts, key=lambda name: counts[name] or 1 << 60)
    total = len(set(survey.groups().tolist()))
    positive = counts[label]
    negative = total - positive
    if negative < 1:
        raise NotChecked("every case has the rarest label")
    test_positive, test_negative, has_own = _test_counts(survey, label, positive, negative)
    rows = {"all cases, cross-validated": (positive, negative)}
    part = "the test part" if has_own else f"a test part of {TEST_SHARE:.0%}"
    if test_positive and test_negative:
        rows[part] = (test_positive, test_negative)
    numbers: dict[str, Plain] = {}
    for name, (one, other) in rows.items():
        numbers |= {f"AUC {auc:g}, {name}": auc_width(auc, one, other) for auc in AUCS}
        numbers |= {
            f"accuracy {share:g}, {name}": accuracy_width(share, one + other)
            for share in ACCURACIES
        }
    name, (one, other) = list(rows.items())[-1]
    width = auc_width(0.8, one, other)
    severity = Severity.WARNING if width > TOO_WIDE else Severity.NOTE
    if width <= WIDE:
        meaning = "Differences between methods that are smaller than this cannot be seen."
    else:
        meaning = "Most differences between published methods are smaller than this."
    return [
        Finding(
            "claim",
            severity,
            f"On {name} ({one} “{label}”, {other} others) an AUC of 0.80 will have a 95 % "
            f"interval {width:.2f} wide, an accuracy of 0.80 one "
            f"{accuracy_width(0.8, one + other):.2f} wide.",
            meaning,
            "State the interval with every figure; cross-validate (--folds 5) to use all cases; "
            "collect more of the rarest class.",
            numbers=numbers,
        )
    ]


def _test_counts(survey: Survey, label: str, positive: int, negative: int) -> tuple[int, int, bool]:
    """Return the independent cases with and without a label in the test part."""
    tested = [row for row, entry in enumerate(survey.entries) if entry.split == "test"]
    if not tested:
        return round(positive * TEST_SHARE), round(negative * TEST_SHARE), False
    groups, labels = survey.groups(), survey.labels()
    bearing = {int(groups[row]) for row in tested if label in labels[row]}
    rest = {int(groups[row]) for row in tested} - bearing
    return len(bearing), len(rest), True
