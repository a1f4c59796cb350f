"""The verdict in plain words: what the model does, how well, on whom, and what to beware of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scanwright.report.box_verdict import box_sentences
from scanwright.report.breakdown import Subgroup
from scanwright.report.measure import Score
from scanwright.report.report import Report, SplitReport
from scanwright.report.wording import count_of, in_words, percent, range_of

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
        "segmentation": ("dice", "hd95", "nsd", "volume_error"),
        "detection": ("ap50", "sensitivity", "false_per_image", "auc"),
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


def extent(split: SplitReport) -> str:
    """Return how many cases of how many patients, the latter where known."""
    cases = count_of(split.scores.cases, "cases")
    if not split.outcomes.has_patients:
        return cases
    return f"{cases} of {count_of(split.scores.patients, 'patients')}"


def _kind(split: SplitReport) -> str:
    return "binary" if split.outcomes.is_binary else split.outcomes.kind


def _headline(report: Report, shown: tuple[Score, ...]) -> str:
    split = report.main
    people = count_of(split.scores.patients, split.outcomes.people)
    first = shown[0]
    unseen = " it had never seen," if split.name == "test" else ""
    begin = f"The model {report.purpose.rstrip('.')}. On {people}{unseen}"
    if first.value is None:
        return f"{begin} its {in_words(first)} is {first.note}."
    figures = _figures(first, split.scores.level, split.outcomes.unit)
    return f"{begin} its {in_words(first)} was {figures}."


def _where(split: SplitReport) -> str:
    role = ROLES.get(split.name, f'of the split "{split.name}"')
    return f"Measured on {extent(split)} {role}."


def _binary_sentences(split: SplitReport) -> list[str]:
    negative, positive = (f"“{label}”" for label in split.outcomes.labels)
    scores = split.scores.scores
    found = []
    area, sensitivity, specificity = (
        scores[name] for name in ("auc", "sensitivity", "specificity")
    )
    if area.value is not None:
        found.append(
            f"Shown one case of each kind, it gives the {positive} one the higher score in "
            f"{percent(area.value)} such pairs; guessing would in 50."
        )
    if sensitivity.value is not None:
        found.append(
            f"Of cases that truly are {positive} it finds {percent(sensitivity.value)}"
            f"{range_of(sensitivity)}."
        )
    if specificity.value is not None:
        found.append(
            f"Of cases that truly are {negative} it rightly clears {percent(specificity.value)}"
            f"{range_of(specificity)}."
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
    positive = f"“{split.outcomes.labels[1]}”"
    right, false = sensitivity * RARE, (1 - specificity) * (1 - RARE)
    rare = right / (right + false) if right + false > 0 else 0.0
    return [
        f"When it says {positive} it is right {percent(own, 'times')} here, where "
        f"{percent(prevalence)} cases are. Where only {percent(RARE)} are, as in screening, it "
        f"would be right about {percent(rare, 'times')}."
    ]


def _class_sentences(split: SplitReport) -> list[str]:
    scores = split.scores.scores
    found = _pairs(scores["auc"], "of a class and one of another")
    if scores["accuracy"].value is not None:
        found.append(
            f"The most probable class is the true one in {percent(scores['accuracy'].value)} "
            f"cases{range_of(scores['accuracy'])}."
        )
    return found + _best_and_worst(split, "finds", "sensitivity")


def _finding_sentences(split: SplitReport) -> list[str]:
    return _pairs(split.scores.scores["auc"], "with a finding and one without") + _best_and_worst(
        split, "ranks", "auc"
    )


def _pairs(area: Score, words: str) -> list[str]:
    if area.value is None:
        return []
    return [
        f"Shown one case {words}, it gives the former the higher score in "
        f"{percent(area.value)} such pairs; guessing would in 50."
    ]


def _best_and_worst(split: SplitReport, verb: str, name: str) -> list[str]:
    known = [
        (score.value, row.label, in_words(score))
        for row in split.scores.per_label
        if (score := row.scores[name]).value is not None
    ]
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    return [
        f"It {verb} “{high[1]}” best ({high[2]} {high[0]:.2f}) and “{low[1]}” worst ({low[0]:.2f})."
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


def _mask_sentences(split: SplitReport) -> list[str]:
    scores, found = split.scores.scores, []
    sensitivity, precision, distance = (
        scores[name].value for name in ("sensitivity", "precision", "hd95")
    )
    if sensitivity is not None and precision is not None:
        found.append(
            f"Of a true mask {percent(sensitivity)} elements are found; of a predicted one "
            f"{percent(precision)} are true."
        )
    if distance is not None:
        found.append(
            f"Nineteen twentieths of true and predicted surfaces lie within {distance:.2g} mm of "
            "each other, on average."
        )
    return [*found, *_best_and_worst(split, "outlines", "dice"), *_absent_masks(split)]


def _detection_sentences(split: SplitReport) -> list[str]:
    return [*box_sentences(split), *_best_and_worst(split, "finds", "ap50")]


def _absent_masks(split: SplitReport) -> list[str]:
    """Count the masks that were missed altogether, and those claimed where there is none."""
    truth, guess = split.outcomes.truth > 0, split.outcomes.scores > 0
    missed, invented = int((truth & ~guess).sum()), int((guess & ~truth).sum())
    if not missed and not invented:
        return []
    return [
        f"{count_of(missed, 'masks')} of {truth.sum()} missed altogether, "
        f"{count_of(invented, 'masks')} claimed where there is none; their Dice counts as 0, their "
        "distances are left out."
    ]


_SENTENCES: Mapping[str, Callable[[SplitReport], list[str]]] = MappingProxyType(
    {
        "binary": _binary_sentences,
        "classes": _class_sentences,
        "findings": _finding_sentences,
        "grade": _grade_sentences,
        "number": _number_sentences,
        "segmentation": _mask_sentences,
        "detection": _detection_sentences,
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
            f"{count_of(split.scores.patients, split.outcomes.people)} only: the intervals are "
            "wide, and the true figures may lie anywhere within them."
        )
    if not split.outcomes.has_patients:
        found.append(
            "It is not recorded which cases are of one patient: if some are, the intervals are "
            "too narrow."
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
    reasons: dict[str, list[str]] = {}
    for score in scores.values():
        if score.value is None:
            reasons.setdefault(score.note, []).append(in_words(score))
    found += [f"{', '.join(names)}: {reason}." for reason, names in reasons.items()]
    return found


def _about_subgroups(split: SplitReport) -> list[str]:
    found = [_weakness(row, split.scores.scores) for row in split.subgroups if row.weaker]
    small = [f"{row.column} = {row.value}" for row in split.subgroups if row.is_small]
    if small:
        found.append(f"Too few patients to judge: {', '.join(small)}.")
    if not any("site" in name.lower() for name in split.outcomes.columns):
        found.append("No site is recorded: how it does on other scanners or hospitals is unknown.")
    return found


def _weakness(row: Subgroup, whole: Mapping[str, Score]) -> str:
    parts = [
        f"{in_words(row.scores[name])} {row.scores[name].value:.2f} against {whole[name].value:.2f}"
        for name in row.weaker
    ]
    people = count_of(row.patients, "patients")
    return f"Weaker where {row.column} is {row.value} ({people}): {', '.join(parts)} in all cases."


def _about_inputs(report: Report) -> list[str]:
    count = sum(part.count for part in report.left_out)
    if not count:
        return []
    return [f"{count_of(count, 'input files')} could not be used; the list is under Data."]


def _figures(score: Score, level: float, unit: str) -> str:
    ends = f"{score.low:.2f} to {score.high:.2f}"
    value = f"{score.value:.2f} {unit}".rstrip()
    return f"{value} ({100 * level:.4g}\u00a0% interval {ends})"
