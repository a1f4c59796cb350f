"""The classical rival: the best of several families, chosen by inner folds, calibrated."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError
from scanwright.classical.expert import Calibration, Candidate, Question, raw_scores
from scanwright.classical.options import RivalOptions
from scanwright.classical.rivals import RIVALS, Estimator, one_thread
from scanwright.image import Array, Floats
from scanwright.metrics import UndefinedMetric, macro_auc

Rows = npt.NDArray[np.int64]
"""Indices of cases."""

MARGIN = 1.5
"""Another candidate is tried if this many times the longest one so far still fits the time."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What inner folds said of a candidate.

    Parameters
    ----------
    words
        The candidate as a reader is told.
    merit
        AUC (macro) on held-out cases; of a number minus the root mean square error.
    """

    words: str
    merit: float


@dataclass(frozen=True, slots=True)
class Expert:
    """A fitted candidate with its calibration."""

    candidate: Candidate
    model: Estimator = field(repr=False)
    calibration: Calibration = field(repr=False)

    def predict(self, values: Floats) -> Floats:
        """Return probabilities (N, classes), or numbers (N, 1)."""
        question = self.calibration.question
        return self.calibration.apply(raw_scores(self.model, values, question))


@dataclass(frozen=True, slots=True)
class Rival:
    """A fitted classical model.

    Parameters
    ----------
    experts
        One, or one of each family if their mean was the best.
    trials
        All candidates that were tried, the best first.
    seconds
        Time for choosing and fitting.
    """

    experts: tuple[Expert, ...]
    trials: tuple[Trial, ...]
    seconds: float

    @property
    def words(self) -> str:
        """What was chosen, as a reader is told."""
        if len(self.experts) == 1:
            return self.experts[0].candidate.words
        return "mean of " + ", ".join(one.candidate.words for one in self.experts)

    def predict(self, values: Floats) -> Floats:
        """Return probabilities (N, classes), or numbers (N, 1), of features (N, F)."""
        return np.asarray(np.mean([expert.predict(values) for expert in self.experts], axis=0))


def fit_rival(
    values: Floats,
    truth: Array,
    patients: Sequence[Hashable],
    question: Question,
    options: RivalOptions | None = None,
) -> Rival:
    """Choose, calibrate and fit a classical model.

    Parameters
    ----------
    values
        Features, shape (N, F).
    truth
        Class indices, or numbers, shape (N,).
    patients
        Whom each case belongs to: the cases of one are never on two sides of an inner fold.

    Raises
    ------
    LabelError
        There are not two classes, or not two patients of each, to learn from.
    """
    options = options or RivalOptions()
    started = time.monotonic()
    inner = inner_folds(truth, patients, question, options)
    if not inner:
        raise LabelError(
            "There are too few patients of each class to choose a classical model.",
            legal="at least two patients of two classes",
            next="collect more cases",
        )
    with one_thread():
        tried = _try_all(values, truth, inner, question, options, started)
        best = _best_of_each_family(tried)
        chosen, trials = _choose(tried, best, truth, question, options)
        experts = tuple(_fitted(one, values, truth, question, options.seed) for one in chosen)
    return Rival(experts, trials, time.monotonic() - started)


def inner_folds(
    truth: Array, patients: Sequence[Hashable], question: Question, options: RivalOptions
) -> list[tuple[Rows, Rows]]:
    """Return (train, held-out) rows of inner folds: by patient, stratified; none if impossible."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    names = {name: place for place, name in enumerate(dict.fromkeys(patients))}
    groups = np.array([names[patient] for patient in patients])
    if question.is_number:
        count = min(options.folds, len(names))
        if count < 2:
            return []
        plain = GroupKFold(count, shuffle=True, random_state=options.seed)
        return list(plain.split(groups, groups=groups))
    present = [label for label in range(question.classes) if (truth == label).any()]
    people = [len(np.unique(groups[truth == label])) for label in present]
    cases = [int((truth == label).sum()) for label in present]
    count = min(options.folds, *people, *cases) if len(present) > 1 else 0
    if count < 2:
        return []
    folds = StratifiedGroupKFold(count, shuffle=True, random_state=options.seed)
    parts = list(folds.split(groups, truth, groups))
    return [(train, held) for train, held in parts if len(np.unique(truth[train])) > 1]


@dataclass(frozen=True, slots=True)
class _Tried:
    candidate: Candidate
    merit: float
    calibration: Calibration
    held_out: Floats
    rows: Rows


def _fitted(tried: _Tried, values: Floats, truth: Array, question: Question, seed: int) -> Expert:
    model = tried.candidate.fit(values, truth, question, seed)
    return Expert(tried.candidate, model, tried.calibration)


def _try_all(
    values: Floats,
    truth: Array,
    inner: list[tuple[Rows, Rows]],
    question: Question,
    options: RivalOptions,
    started: float,
) -> list[_Tried]:
    """Try candidates: the first setting of each family, then the others, while time is left."""
    grids = [(family, RIVALS[family].grid) for family in options.families]
    rounds = range(max(len(grid) for _, grid in grids))
    queue = [
        Candidate(family, grid[at]) for at in rounds for family, grid in grids if at < len(grid)
    ]
    tried: list[_Tried] = []
    longest = 0.0
    for candidate in queue:
        began = time.monotonic()
        spent = began - started
        # What was chosen must still be fitted, which takes about as long as one inner fold.
        if tried and options.seconds and spent + MARGIN * longest > options.seconds:
            break
        tried.append(_try(candidate, values, truth, inner, question, options.seed))
        longest = max(longest, time.monotonic() - began)
    return tried


def _try(
    candidate: Candidate,
    values: Floats,
    truth: Array,
    inner: list[tuple[Rows, Rows]],
    question: Question,
    seed: int,
) -> _Tried:
    rows = np.concatenate([held for _, held in inner])
    scores = np.concatenate(
        [
            raw_scores(
                candidate.fit(values[train], truth[train], question, seed), values[held], question
            )
            for train, held in inner
        ]
    )
    calibration = Calibration.fit(scores, truth[rows], question)
    held_out = calibration.apply(scores)
    return _Tried(candidate, merit(truth[rows], held_out, question), calibration, held_out, rows)


def merit(truth: Array, answers: Floats, question: Question) -> float:
    """Return the AUC of answers (macro), or minus the root mean square error of a number."""
    if question.is_number:
        return -float(np.sqrt(np.mean((answers[:, 0] - truth) ** 2)))
    try:
        return macro_auc(truth, answers)
    except UndefinedMetric:
        own = answers[np.arange(len(truth)), truth]
        return float(np.mean(np.log(np.maximum(own, 1e-12))))


def _best_of_each_family(tried: list[_Tried]) -> list[_Tried]:
    best: dict[str, _Tried] = {}
    for one in tried:
        known = best.get(one.candidate.family)
        if known is None or one.merit > known.merit:
            best[one.candidate.family] = one
    return list(best.values())


def _choose(
    tried: list[_Tried],
    best: list[_Tried],
    truth: Array,
    question: Question,
    options: RivalOptions,
) -> tuple[list[_Tried], tuple[Trial, ...]]:
    trials = [Trial(one.candidate.words, one.merit) for one in tried]
    chosen = [max(best, key=lambda one: one.merit)]
    if options.blend and len(best) > 1:
        mean = np.mean([one.held_out for one in best], axis=0)
        together = merit(truth[best[0].rows], mean, question)
        trials.append(Trial("mean of the best of each family", together))
        if together > chosen[0].merit:
            chosen = best
    return chosen, tuple(sorted(trials, key=lambda one: -one.merit))
