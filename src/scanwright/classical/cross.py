"""The rival on the folds of another model: answers out of fold and on test cases, and why."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.base import SILENT, Progress
from scanwright.classical.expert import Question
from scanwright.classical.options import RivalOptions
from scanwright.classical.rival import Rival, fit_rival, merit
from scanwright.classical.rivals import one_thread
from scanwright.image import Array, Floats

Rows = npt.NDArray[np.int64]
"""Indices of cases."""


@dataclass(frozen=True, slots=True)
class Table:
    """Features and truth of N cases.

    Parameters
    ----------
    values
        Shape (N, F).
    truth
        Class indices or numbers (N,); findings 0 and 1, shape (N, K).
    patients
        Whom each case belongs to.
    names
        F names of features, "family.feature".
    kind
        "classes", "grade", "findings" or "number".
    labels
        Number of labels K.
    """

    values: Floats = field(repr=False)
    truth: Array = field(repr=False)
    patients: Sequence[Hashable] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    kind: str
    labels: int

    @property
    def families(self) -> tuple[str, ...]:
        """Family of each column."""
        return tuple(name.partition(".")[0] for name in self.names)

    @property
    def questions(self) -> tuple[tuple[Question, Array], ...]:
        """What is asked of the rival, with the truth (N,): one question, or one a finding."""
        known = list(dict.fromkeys(self.families))
        families = tuple(known.index(family) for family in self.families)
        if self.kind == "number":
            return ((Question(0, families), np.asarray(self.truth, dtype=np.float64).reshape(-1)),)
        if self.kind == "findings":
            columns = np.asarray(self.truth).astype(np.int64).T
            return tuple((Question(2, families), column) for column in columns)
        return ((Question(self.labels, families), np.asarray(self.truth)),)


@dataclass(frozen=True, slots=True)
class Panel:
    """One rival for each question; None where a finding is always or never there.

    Parameters
    ----------
    constants
        What is answered where there is no rival: the share of cases with the finding.
    """

    rivals: tuple[Rival | None, ...]
    constants: tuple[float, ...]
    kind: str

    @property
    def words(self) -> str:
        """What was chosen, as a reader is told."""
        chosen = [rival.words for rival in self.rivals if rival is not None]
        return "; ".join(dict.fromkeys(chosen)) or "the share of each finding"

    def predict(self, values: Floats) -> Floats:
        """Return scores (N, K) of the kind of task, or numbers (N, 1)."""
        answers = [
            np.full((len(values), 2), (1 - share, share))
            if rival is None
            else rival.predict(values)
            for rival, share in zip(self.rivals, self.constants, strict=True)
        ]
        if self.kind == "findings":
            return np.stack([answer[:, 1] for answer in answers], axis=1)
        return answers[0]


@dataclass(frozen=True, slots=True)
class Importance:
    """How much merit is lost when a family of features is shuffled among the held-out cases."""

    family: str
    loss: float
    spread: float


@dataclass(frozen=True, slots=True)
class CrossFit:
    """What the rival came to.

    Parameters
    ----------
    rows
        Cases that were held out, ascending.
    scores
        Their answers out of fold, shape (len(rows), K).
    panels
        The fitted rivals, one panel a fold.
    seconds
        Wall time of choosing and fitting all of them.
    """

    rows: Rows
    scores: Floats = field(repr=False)
    panels: tuple[Panel, ...] = field(repr=False)
    seconds: float

    @property
    def words(self) -> str:
        """What was chosen in how many folds, the most frequent first."""
        chosen = [panel.words for panel in self.panels]
        counts = sorted(set(chosen), key=lambda words: (-chosen.count(words), words))
        if len(chosen) == 1:
            return chosen[0]
        return "; ".join(f"{words} in {chosen.count(words)} folds" for words in counts)

    def predict(self, values: Floats) -> Floats:
        """Return the mean answer of the folds' rivals to new cases."""
        return np.asarray(np.mean([panel.predict(values) for panel in self.panels], axis=0))


def cross_fit(
    table: Table,
    folds: Sequence[tuple[Rows, Rows]],
    options: RivalOptions | None = None,
    progress: Progress = SILENT,
) -> CrossFit:
    """Choose and fit a rival on the training part of each fold; answer for its held-out part.

    Parameters
    ----------
    folds
        (train, held out) rows of the table. A case held out more than once gets the mean answer.
    options
        `seconds` is the time for all folds together.
    """
    options = options or RivalOptions()
    started = time.monotonic()
    progress.begin("fitting the classical rival", len(folds), "folds")
    panels: list[Panel] = []
    total: dict[int, Floats] = {}
    count: dict[int, int] = {}
    for at, (train, held) in enumerate(folds):
        left = options.seconds - (time.monotonic() - started) if options.seconds else 0.0
        share = max(left / (len(folds) - at), 1e-3) if options.seconds else 0.0
        panel = fit_panel(table, train, options.model_copy(update={"seconds": share}))
        with one_thread():
            answers = panel.predict(table.values[held])
        for row, score in zip(held.tolist(), answers, strict=True):
            total[row] = total.get(row, 0.0) + score
            count[row] = count.get(row, 0) + 1
        panels.append(panel)
        progress.step(1)
    progress.end()
    rows = np.array(sorted(total), dtype=np.int64)
    scores = np.array([total[row] / count[row] for row in rows.tolist()])
    return CrossFit(rows, scores, tuple(panels), time.monotonic() - started)


def fit_panel(table: Table, rows: Rows, options: RivalOptions) -> Panel:
    """Fit one rival a question on some rows of a table."""
    patients = [table.patients[row] for row in rows.tolist()]
    seconds = options.seconds / len(table.questions)
    each = options.model_copy(update={"seconds": seconds})
    rivals: list[Rival | None] = []
    for question, truth in table.questions:
        own = truth[rows]
        is_lone = table.kind == "findings" and not _has_two_of_each(own, patients)
        rivals.append(
            None if is_lone else fit_rival(table.values[rows], own, patients, question, each)
        )
    shares = tuple(float(np.mean(truth[rows])) for _, truth in table.questions)
    return Panel(tuple(rivals), shares, table.kind)


def panel_merit(table: Table, rows: Rows, scores: Floats) -> float:
    """Return the merit of answers (len(rows), K): the mean over questions."""
    found = []
    for at, (question, truth) in enumerate(table.questions):
        own = scores
        if table.kind == "findings":
            own = np.stack([1 - scores[:, at], scores[:, at]], axis=1)
            if len(np.unique(truth[rows])) < 2:
                continue
        found.append(merit(truth[rows], own, question))
    return float(np.mean(found))


def family_importance(
    table: Table,
    folds: Sequence[tuple[Rows, Rows]],
    fitted: CrossFit,
    rng: np.random.Generator,
    repeats: int = 5,
) -> tuple[Importance, ...]:
    """Shuffle each family of features among the held-out cases of each fold (L. Breiman 2001).

    All columns of a family are shuffled together: they say much the same, so that one alone
    would hardly be missed.

    Returns
    -------
    The most important first; a loss within its spread of zero is none.
    """
    base = panel_merit(table, fitted.rows, fitted.scores)
    found = []
    for family in dict.fromkeys(table.families):
        with one_thread():
            losses = [
                base - panel_merit(table, fitted.rows, _shuffled(table, folds, fitted, family, rng))
                for _ in range(repeats)
            ]
        found.append(Importance(family, float(np.mean(losses)), float(np.std(losses))))
    return tuple(sorted(found, key=lambda one: -one.loss))


def _shuffled(
    table: Table,
    folds: Sequence[tuple[Rows, Rows]],
    fitted: CrossFit,
    family: str,
    rng: np.random.Generator,
) -> Floats:
    """Answer again for the held-out cases, the columns of a family shuffled among them."""
    columns = np.flatnonzero(np.array(table.families) == family)
    scores = np.zeros_like(fitted.scores)
    count = np.zeros(len(fitted.rows))
    for (_, held), panel in zip(folds, fitted.panels, strict=True):
        shuffled = table.values[held].copy()
        shuffled[:, columns] = shuffled[rng.permutation(len(held))][:, columns]
        places = np.searchsorted(fitted.rows, held)
        scores[places] += panel.predict(shuffled)
        count[places] += 1
    return scores / count[:, None]


def _has_two_of_each(claims: Array, patients: Sequence[Hashable]) -> bool:
    names = np.array([str(patient) for patient in patients])
    return all(len(set(names[claims == value].tolist())) > 1 for value in (0, 1))
