"""The shortcut alarm: how well the class can be guessed without looking at what is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.auditing.finding import Finding, NotChecked, Severity
from scanwright.auditing.learner import grouped_folds
from scanwright.auditing.survey import Question, Survey
from scanwright.metrics import Interval, UndefinedMetric, delong_interval

Floats = npt.NDArray[np.float64]

ALARM, WARNING, NOTE = 0.7, 0.6, 0.51
"""Lower end of the AUC's interval from which on a shortcut is an alarm, a warning, a note."""
MOST_QUESTIONS = 15
TREES = 100
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of each case beside its content.

    Parameters
    ----------
    groups
        What the facts are about → names of columns.
    table
        Shape (N, F).
    names
        Names of the F columns.
    """

    groups: dict[str, tuple[str, ...]]
    table: Floats
    names: tuple[str, ...]

    def only(self, group: str) -> Floats:
        """Return the columns of one group."""
        places = [self.names.index(name) for name in self.groups[group]]
        return self.table[:, places]


@dataclass(frozen=True, slots=True)
class Guess:
    """How well one question can be answered from facts alone.

    Parameters
    ----------
    question
        What was guessed.
    auc
        From held-out guesses, with its interval by patient.
    alone
        Group of facts → AUC of a guess from that group alone, the best first.
    """

    question: Question
    auc: Interval
    alone: dict[str, float]


def check_shortcut(survey: Survey) -> list[Finding]:
    """Guess the label from borders, sizes, spacing, depth and header alone."""
    facts = gather_facts(survey)
    if not facts.names:
        raise NotChecked("size, spacing, borders, depth and header are the same for all images")
    guesses = [
        guess
        for question in survey.questions()[:MOST_QUESTIONS]
        if (guess := guess_from(facts, question, survey)) is not None
    ]
    if not guesses:
        raise NotChecked("too few independent cases of each class")
    worst = max(guesses, key=lambda one: one.auc.low)
    severity = _severity(worst.auc.low)
    if severity is None:
        return []
    return [_finding(worst, guesses, severity)]


def measure_shortcut(survey: Survey) -> Guess | None:
    """Return the guess that comes nearest to the truth, or None where nothing can be guessed."""
    facts = gather_facts(survey)
    if not facts.names:
        return None
    questions = survey.questions()[:MOST_QUESTIONS]
    guesses = [guess_from(facts, question, survey) for question in questions]
    known = [guess for guess in guesses if guess is not None]
    return max(known, key=lambda one: one.auc.low) if known else None


def gather_facts(survey: Survey) -> Facts:
    """Collect what is known of each case beside its content; what never changes is left out."""
    columns: dict[str, dict[str, Floats]] = {
        "size": _sizes(survey),
        "spacing": _spacings(survey),
        "border": {
            name: survey.column(lambda look, side=side: look.frame[side])  # type: ignore[misc]  # a default argument, not a second parameter
            for side, name in enumerate(("top", "bottom", "left", "right"))
        },
        "depth and colour": {
            "bits": survey.column(lambda look: look.bits),
            "type": _codes([look.dtype for look in survey.looks]),
            "channels": survey.column(lambda look: look.shape[0]),
            "grey": survey.column(lambda look: look.is_grey),
        },
        "lettering": {"lines": survey.column(lambda look: len(look.lettering))},
        "header": {
            "modality": _codes([entry.modality.value for entry in survey.entries]),
            "site": _codes([entry.site for entry in survey.entries]),
            "ending": _codes([_ending(entry.reference.files) for entry in survey.entries]),
        },
    }
    groups: dict[str, tuple[str, ...]] = {}
    table: list[Floats] = []
    names: list[str] = []
    for group, members in columns.items():
        varied = {name: one for name, one in members.items() if np.unique(one).size > 1}
        if varied:
            groups[group] = tuple(f"{group} {name}" for name in varied)
            names += groups[group]
            table += varied.values()
    return Facts(groups, np.column_stack(table) if table else np.zeros((0, 0)), tuple(names))


def guess_from(facts: Facts, question: Question, survey: Survey) -> Guess | None:
    """Guess one question from all facts and from each group; None with too few cases."""
    truth = question.positive.astype(np.int64)
    groups = survey.groups()[question.rows]
    try:
        folds = grouped_folds(truth, groups)
        scores = _held_out(facts.table[question.rows], truth, folds)
        auc = delong_interval(truth, scores, patients=groups.tolist(), level=LEVEL)
        alone = {
            group: delong_interval(
                truth, _held_out(facts.only(group)[question.rows], truth, folds)
            ).value
            for group in facts.groups
        }
    except (NotChecked, UndefinedMetric):
        return None
    return Guess(question, auc, dict(sorted(alone.items(), key=lambda item: -item[1])))


def _held_out(
    table: Floats,
    truth: npt.NDArray[np.int64],
    folds: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]],
) -> Floats:
    from sklearn.ensemble import ExtraTreesClassifier

    scores = np.zeros(len(truth))
    for train, held in folds:
        forest = ExtraTreesClassifier(
            TREES, min_samples_leaf=4, max_features=None, random_state=0, n_jobs=1
        )
        forest.fit(table[train], truth[train])
        scores[held] = forest.predict_proba(table[held])[:, -1]
    return scores


def _finding(worst: Guess, guesses: Sequence[Guess], severity: Severity) -> Finding:
    auc, name = worst.auc, worst.question.name
    best = ", ".join(f"{group} alone {value:.2f}" for group, value in list(worst.alone.items())[:3])
    return Finding(
        "shortcut",
        severity,
        f"Without looking at the content, “{name}” can be guessed with an AUC of {auc.value:.2f} "
        f"({auc.low:.2f} to {auc.high:.2f}); {best}.",
        "The classes come from different sources. A network can learn the source instead of the "
        "disease, and every figure measured on this set is then too good.",
        "Crop borders and text away, bring all images to one size and spacing, take the "
        "classes from the same source; judge the model on another source.",
        numbers={
            "auc": auc.value,
            "low": auc.low,
            "high": auc.high,
            **{f"{group} alone": value for group, value in worst.alone.items()},
            **{f"auc of {one.question.name}": one.auc.value for one in guesses if one is not worst},
        },
    )


def _severity(low: float) -> Severity | None:
    for least, severity in (
        (ALARM, Severity.ALARM), (WARNING, Severity.WARNING), (NOTE, Severity.NOTE)
    ):  # fmt: skip
        if low >= least:
            return severity
    return None


def _sizes(survey: Survey) -> dict[str, Floats]:
    sizes = [look.shape[1:] for look in survey.looks]
    rank = max((len(size) for size in sizes), default=0)
    columns = {
        f"axis {axis}": np.array([size[axis] if axis < len(size) else 0.0 for size in sizes])
        for axis in range(rank)
    }
    if rank >= 2:
        columns["aspect"] = np.array([round(size[-1] / size[-2], 3) if len(size) > 1 else 0.0
                                      for size in sizes])  # fmt: skip
    return {name: column.astype(np.float64) for name, column in columns.items()}


def _spacings(survey: Survey) -> dict[str, Floats]:
    known = [entry.spacing_mm or () for entry in survey.entries]
    rank = max((len(spacing) for spacing in known), default=0)
    return {
        f"axis {axis}": np.array([one[axis] if axis < len(one) else -1.0 for one in known])
        for axis in range(rank)
    }


def _codes(words: Sequence[str]) -> Floats:
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(word, len(seen)) for word in words], dtype=np.float64)


def _ending(files: Sequence[Path]) -> str:
    return files[0].suffix.lower() if files else ""
