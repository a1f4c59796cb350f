"""The check of labels against held-out predictions: of a cheap model here, of any model there."""

import numpy as np
import numpy.typing as npt

from scanwright.auditing.confident import find_doubts
from scanwright.auditing.finding import Finding, NotChecked, Severity
from scanwright.auditing.learner import FEWEST_GROUPS, held_out_probabilities, picture_features
from scanwright.auditing.survey import Survey
from scanwright.metrics import macro_auc

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

USEFUL = 0.75
"""AUC of the held-out predictions below which they can contradict nobody."""
SURE = 0.7
"""Smallest margin between the class believed in and the given one."""
MOST = 60
"""Cases listed; they are to be looked at one by one."""


def check_labels(survey: Survey) -> list[Finding]:
    """Find labels that a cheap cross-validated model contradicts."""
    if survey.index.task.kind not in ("classes", "grade"):
        raise NotChecked("the label is not one of several classes")
    rows, truth, labels = _classes(survey)
    features = picture_features(survey.pictures[rows])
    probabilities = held_out_probabilities(features, truth, survey.groups()[rows])
    names = tuple(survey.entries[row].name for row in rows.tolist())
    return doubt_labels(names, labels, probabilities, truth, "a simple model on small pictures")


def doubt_labels(
    names: tuple[str, ...],
    labels: tuple[str, ...],
    probabilities: Floats,
    truth: Integers,
    model: str,
) -> list[Finding]:
    """Make the finding of labels that held-out predictions contradict.

    Parameters
    ----------
    names
        Names of the N cases.
    labels
        The K classes.
    probabilities
        Shape (N, K), each from a model that has not seen the case.
    truth
        Shape (N,): given class of each case.
    model
        What predicted, in words.

    Raises
    ------
    NotChecked
        The predictions are too poor to contradict anybody.
    """
    sums = probabilities.sum(axis=1, keepdims=True)
    probabilities = probabilities / np.maximum(sums, 1e-12)
    auc = macro_auc(truth, probabilities)
    if auc < USEFUL:
        raise NotChecked(f"{model} tells the classes apart too poorly (AUC {auc:.2f})")
    doubts = find_doubts(probabilities, truth)
    chosen = np.flatnonzero(doubts.margin >= SURE)
    if not chosen.size:
        return []
    words = {
        names[doubts.rows[place]]: f"labelled {labels[truth[doubts.rows[place]]]}, looks like "
        f"{labels[doubts.suggested[place]]} "
        f"({probabilities[doubts.rows[place], doubts.suggested[place]]:.0%})"
        for place in chosen.tolist()
    }
    return [
        Finding(
            "labels",
            Severity.NOTE,
            f"{len(words):,} of {len(names):,} labels are contradicted by {model} that did not "
            f"see the case (AUC {auc:.2f}).",
            "Some of these labels may be wrong; others are right and the case is hard. "
            f"Confident learning puts the share of wrong labels at up to {doubts.noise:.1%}.",
            "Look at them again without knowing the label; correct what is wrong. Do not drop "
            "hard cases: that would only make the figures look better.",
            tuple((name,) for name in list(words)[:MOST]),
            words,
            {"cases": len(words), "auc": auc, "noise": doubts.noise},
        )
    ]


def _classes(survey: Survey) -> tuple[Integers, Integers, tuple[str, ...]]:
    """Return the rows of the classes that can be cross-validated, and their class."""
    labels = survey.labels()
    groups = survey.groups()
    bearing: dict[str, set[int]] = {}
    for one, group in zip(labels, groups.tolist(), strict=True):
        for label in one:
            bearing.setdefault(label, set()).add(group)
    known = tuple(
        label for label in survey.index.task.labels
        if len(bearing.get(label, ())) >= FEWEST_GROUPS
    )  # fmt: skip
    if len(known) < 2:
        raise NotChecked(f"fewer than two classes have {FEWEST_GROUPS} independent cases")
    rows = [row for row, one in enumerate(labels) if one and one[0] in known]
    truth = [known.index(labels[row][0]) for row in rows]
    return np.array(rows, dtype=np.int64), np.array(truth, dtype=np.int64), known
