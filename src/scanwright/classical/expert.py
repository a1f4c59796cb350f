"""One setting of one family on one question: raw scores, and honest probabilities from them."""

from dataclasses import dataclass, field

import numpy as np

from scanwright.classical.rivals import RIVALS, Estimator, Settings
from scanwright.image import Array, Floats

RAREST = 1e-6
"""Smallest probability, before its logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be answered, and from what.

    Parameters
    ----------
    classes
        How many there are to choose one from; 0 where the answer is a number.
    families
        Number of the family of each column of features; empty where there is but one.
    """

    classes: int
    families: tuple[int, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether the answer is a number."""
        return self.classes == 0

    @property
    def width(self) -> int:
        """Columns of an answer."""
        return self.classes or 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A family with its settings."""

    family: str
    settings: Settings

    @property
    def words(self) -> str:
        """The candidate as a reader is told."""
        chosen = ", ".join(f"{name} {value:g}" for name, value in self.settings.items())
        return f"{RIVALS[self.family].title} ({chosen})"

    def fit(self, values: Floats, truth: Array, question: Question, seed: int) -> Estimator:
        """Fit an estimator to features (N, F) and truths (N,)."""
        family = RIVALS[self.family]
        make = family.regress if question.is_number else family.classify
        return make(self.settings, seed, question.families).fit(values, truth)


def raw_scores(model: Estimator, values: Floats, question: Question) -> Floats:
    """Return what a fitted model says, uncalibrated, shape (N, classes) or (N, 1).

    Classes that the model has not met get the lowest score.
    """
    if question.is_number:
        return np.asarray(model.predict(values), dtype=np.float64).reshape(-1, 1)
    if hasattr(model, "predict_proba"):
        own = np.log(np.maximum(model.predict_proba(values), RAREST))
    else:
        own = np.asarray(model.decision_function(values), dtype=np.float64)
        own = np.stack([-own / 2, own / 2], axis=1) if own.ndim == 1 else own
    scores = np.full((len(values), question.classes), min(float(own.min()), np.log(RAREST)))
    scores[:, np.asarray(model.classes_, dtype=np.intp)] = own
    return scores


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns raw scores into probabilities: logistic regression on held-out scores (Platt).

    J. Platt, Probabilistic outputs for support vector machines, 1999; with a weak penalty, and
    for several classes with a weight for each pair of class and score. Of a number it is a line
    through held-out estimates.
    """

    question: Question
    model: Estimator = field(repr=False)

    @classmethod
    def fit(cls, scores: Floats, truth: Array, question: Question) -> "Calibration":
        """Fit to scores of cases that the scoring models had not met."""
        from sklearn.linear_model import LinearRegression, LogisticRegression

        model = LinearRegression() if question.is_number else LogisticRegression(max_iter=5000)
        return cls(question, model.fit(_relative(scores), truth))

    def apply(self, scores: Floats) -> Floats:
        """Return probabilities (N, classes), or numbers (N, 1)."""
        if self.question.is_number:
            return np.asarray(self.model.predict(_relative(scores))).reshape(-1, 1)
        found = np.zeros((len(scores), self.question.classes))
        found[:, np.asarray(self.model.classes_, dtype=np.intp)] = self.model.predict_proba(
            _relative(scores)
        )
        return found


def _relative(scores: Floats) -> Floats:
    """Only differences of class scores count."""
    if scores.shape[1] == 1:
        return scores
    if scores.shape[1] == 2:
        return np.asarray(scores[:, 1:] - scores[:, :1])
    return np.asarray(scores - scores.mean(axis=1, keepdims=True))
