"""The verdict in plain words: what the model does, how well, on whom, and what to beware of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scanwright.report.measure import Score
from scanwright.report.report import Report, SplitReport

FEW_PATIENTS = 100
"""With fewer, an interval of a rate is wider than about ± 0.1."""

POOR_CALIBRATION = 0.1
"""Calibration error from which probabilities should not be read as such."""

RARE = 0.02
"""Prevalence in screening, for the worth of a positive call."""

HEADLINES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "binary": ("auc", "sensitivity", "specificity", "accuracy"),
        "classes": ("auc", "accuracy", "balanced_accuracy", "f1"),
        "findings": ("auc", "average_precision", "sensitivity", "specificity"),
        "grade": ("kappa", "accuracy", "mae", "auc"),
        "number": ("mae", "bias", "r2", "correlation"),
    }
)
"""The scores that stand at the top of a report."""

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "test": "kept apart from training and from every choice",
        "validation": "on which choices were made, so that the figures are somewhat too good",
        "train": "that the model was trained on, which says nothing of new cases",
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clinician should read first.

    Parameters
    ----------
    headline
        One sentence.
    scores
        At most four, the first the most important.
    sentences
        What they mean in practice.
    cautions
        What to beware of.
    """

    headline: str
    scores: tuple[Score, ...]
    sentences: tuple[str, ...]
    cautions: tuple[str, ...]


def judge(report: Report) -> Verdict:
    """Put the main split of a report into plain words."""
    split = report.main
    kind = _kind(split)
    shown = tuple(split.scores.scores[name] for name in HEADLINES[kind])
    sentences = [_where(split), *_SENTENCES[kind](split)]
    return Verdict(_headline(report, shown), shown, tuple(sentences), tuple(_cautions(report)))


def percent(share: float) -> str:
    """Return a share as "about 87 of 100", with one more digit near the ends.

    Examples
    --------
    >>> percent(0.874), percent(0.998)
    ('87 of 100', '998 of 1000')
    """
    if 0.99 < share < 1 or 0 < share < 0.01:
        return f"{1000 * share:.0f} of 1000"
    return f"{100 * share:.0f} of 100"


def _kind(split: SplitReport) -> str:
    return "binary" if split.outcomes.is_binary else split.outcomes.kind


def _headline(report: Report, shown: tuple[Score, ...]) -> str:
    split = report.main
    people = _count(split.scores.patients, "patient")
    first = shown[0]
    begin = f"The model {report.purpose.rstrip('.')}. On {people}"
    if first.value is None:
        return f"{begin} its {first.title} could not be measured ({first.note})."
    return f"{begin} its {first.title} was {_figures(first)}."


def _where(split: SplitReport) -> str:
    role = ROLES.get(split.name, f'of the split "{split.name}"')
    cases = _count(split.scores.cases, "case")
    people = _count(split.scores.patients, "patient")
    return f"Measured on {cases} of {people} {role}."


def _binary_sentences(split: SplitReport) -> list[str]:
    negative, positive = split.outcomes.labels
    scores = split.scores.scores
    found = []
    area, sensitivity, specificity = (
        scores[name] for name in ("auc", "sensitivity", "specificity")
    )
    if area.value is not None:
        found.append(
            f"Shown one case of {positive} and one of {negative}, it gives the former the higher "
            f"score in {percent(area.value)} such pairs (chance: 50 of 100)."
        )
    if sensitivity.value is not None:
        found.append(
            f"It finds {percent(sensitivity.value)} cases of {positive} {_range(sensitivity)}."
        )
    if specificity.value is not None:
        found.append(
            f"It rightly clears {percent(specificity.value)} cases of {negative} "
            f"{_range(specificity)}."
        )
    return found + _worth_of_a_call(split, sensitivity.value, specificity.value)


def _worth_of_a_call(
    split: SplitReport, sensitivity: float | None, specificity: float | None
) -> list[str]:
    """Say how often a positive call is right here and where the finding is rare (Bayes)."""
    own = split.scores.scores["ppv"].value
    if sensitivity is None or specificity is None or own is None:
        return []
    prevalence = float(split.outcomes.truth.mean())
    positive = split.outcomes.labels[1]
    right, false = sensitivity * RARE, (1 - specificity) * (1 - RARE)
    rare = right / (right + false) if right + false > 0 else 0.0
    return [
        f"When it calls {positive} it is right in {percent(own)} calls here, where "
        f"{percent(prevalence)} cases are {positive}. Where only {percent(RARE)} are, it would be "
        f"right in about {percent(rare)}."
    ]


def _class_sentences(split: SplitReport) -> list[str]:
    scores = split.scores.scores
    found = []
    if scores["accuracy"].value is not None:
        found.append(
            f"The most probable class is the true one in {percent(scores['accuracy'].value)} "
            f"cases {_range(scores['accuracy'])}."
        )
    return found + _best_and_worst(split, "finds", "sensitivity")


def _finding_sentences(split: SplitReport) -> list[str]:
    return _best_and_worst(split, "ranks", "auc")


def _best_and_worst(split: SplitReport, verb: str, name: str) -> list[str]:
    known = [
        (score.value, row.label, score.title)
        for row in split.scores.per_label
        if (score := row.scores[name]).value is not None
    ]
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    return [
        f"It {verb} {high[1]} best ({high[2]} {high[0]:.2f}) and {low[1]} worst ({low[0]:.2f})."
    ]


def _grade_sentences(split: SplitReport) -> list[str]:
    scores = split.scores.scores
    found = []
    if scores["accuracy"].value is not None:
        found.append(f"The grade is exact in {percent(scores['accuracy'].value)} cases.")
    if scores["mae"].value is not None:
        found.append(f"On average it is off by {scores['mae'].value:.2f} grades.")
    return found


def _number_sentences(split: SplitReport) -> list[str]:
    score, unit = split.scores.scores["mae"], split.outcomes.unit
    if score.value is None or score.low is None or score.high is None:
        return []
    within = f"({score.low:.3g} to {score.high:.3g})"
    return [f"On average it is off by {score.value:.3g} {unit}".rstrip() + f" {within}."]


_SENTENCES: Mapping[str, Callable[[SplitReport], list[str]]] = MappingProxyType(
    {
        "binary": _binary_sentences,
        "classes": _class_sentences,
        "findings": _finding_sentences,
        "grade": _grade_sentences,
        "number": _number_sentences,
    }
)


def _cautions(report: Report) -> list[str]:
    split = report.main
    return [
        *report.warnings,
        *_about_the_split(split),
        *_about_the_scores(split.scores.scores),
        *_about_subgroups(split),
        *_about_inputs(report),
        "It was measured on past cases, not in care: it is no medical device, and no decision on "
        "a patient should rest on it alone.",
    ]


def _about_the_split(split: SplitReport) -> list[str]:
    found = []
    if split.name != "test":
        found.append(
            f'There is no test split: the figures are of "{split.name}" and may be too good.'
        )
    if split.scores.patients < FEW_PATIENTS:
        found.append(
            f"{_count(split.scores.patients, 'patient')} only: the intervals are wide, and the "
            "true figures may lie anywhere within them."
        )
    return found


def _about_the_scores(scores: Mapping[str, Score]) -> list[str]:
    found = []
    area, error = scores.get("auc"), scores.get("ece")
    if area is not None and area.low is not None and area.low <= 0.5:
        found.append("The interval of its AUC holds 0.5: it may be no better than chance.")
    if error is not None and error.value is not None and error.value >= POOR_CALIBRATION:
        found.append(
            f"Its probabilities are off by {error.value:.2f} on average: use them to rank cases, "
            "not as risks."
        )
    missing = [f"{score.title} ({score.note})" for score in scores.values() if score.value is None]
    if missing:
        found.append(f"Could not be measured: {'; '.join(missing)}.")
    return found


def _about_subgroups(split: SplitReport) -> list[str]:
    found = [
        f"In {row.column} = {row.value} ({_count(row.patients, 'patient')}) the "
        f"{' and '.join(row.scores[name].title for name in row.differs)} differs from that of "
        "all cases by more than chance explains."
        for row in split.subgroups
        if row.differs
    ]
    small = [f"{row.column} = {row.value}" for row in split.subgroups if row.is_small]
    if small:
        found.append(f"Too few patients to judge: {', '.join(small)}.")
    if not any("site" in name.lower() for name in split.outcomes.columns):
        found.append("No site is recorded: how it does on other scanners or hospitals is unknown.")
    return found


def _about_inputs(report: Report) -> list[str]:
    count = sum(part.count for part in report.left_out)
    if not count:
        return []
    return [f"{_count(count, 'input file')} could not be used; the list is under Data."]


def _figures(score: Score) -> str:
    return f"{score.value:.2f} (95 % interval {score.low:.2f} to {score.high:.2f})"


def _range(score: Score) -> str:
    if score.low is None or score.high is None:
        return ""
    return f"({100 * score.low:.0f} to {100 * score.high:.0f})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}".replace(",", "\u202f")
