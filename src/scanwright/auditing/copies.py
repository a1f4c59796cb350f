"""Checks for one picture that is there more than once: twice, under two labels, on two sides."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from scanwright.auditing.finding import Finding, NotChecked, Severity, count_words, some
from scanwright.auditing.survey import Survey, label_words
from scanwright.data import Entry, truth_key

PRIORITY = ("train", "validation", "test")
"""Of two copies the one in the earlier part is proposed to be dropped."""


def check_copies(survey: Survey) -> list[Finding]:
    """Find images whose pixels are identical."""
    groups = identical(survey)
    if not groups:
        return []
    extra = sum(len(group) - 1 for group in groups)
    names = tuple(tuple(entry.name for entry in group) for group in groups)
    return [
        Finding(
            "copies",
            Severity.WARNING,
            f"{count_words(extra, 'image is', 'images are')} an exact copy of another: "
            f"{len(survey) - extra:,} of {len(survey):,} are distinct.",
            "Copies count twice in every figure, and one in the test part is known from training.",
            "Keep one of each; scanwright keeps copies on one side of every split that it draws.",
            names,
            _words(survey, groups),
            {"copies": extra, "groups": len(groups), "distinct": len(survey) - extra},
            _spare_copies(groups),
            names,
        )
    ]


def check_contradictions(survey: Survey) -> list[Finding]:
    """Find identical images whose labels differ."""
    groups = [group for group in identical(survey) if _disagree(group)]
    if not groups:
        return []
    names = tuple(tuple(entry.name for entry in group) for group in groups)
    drop = {
        entry.name: f"identical to {_other(entry, group).name}, which has another label"
        for group in groups
        for entry in group
        if entry.split != "test"
    }
    return [
        Finding(
            "contradictions",
            Severity.ALARM,
            f"{count_words(len(groups), 'picture is', 'pictures are')} there under two labels, "
            f"for example {some(names[0], 2)}.",
            "At least one of the labels is wrong, and nothing can be learnt from both.",
            "Look them up and correct the label; until then leave them out of training. "
            "A test part that was published is left as it is.",
            names,
            _words(survey, groups),
            {"groups": len(groups)},
            drop,
            names,
        )
    ]


def check_shared_copies(survey: Survey) -> list[Finding]:
    """Find identical images on two sides of the data set's own split."""
    _need_parts(survey)
    groups = [group for group in identical(survey) if len(_parts(group)) > 1]
    if not groups:
        return []
    names = tuple(tuple(entry.name for entry in group) for group in groups)
    pairs = Counter(" and ".join(_parts(group)) for group in groups)
    where = ", ".join(f"{count} in {pair}" for pair, count in pairs.items())
    return [
        Finding(
            "shared-copies",
            Severity.ALARM,
            f"{count_words(len(groups), 'picture lies', 'pictures lie')} on two sides of the "
            f"split: {where}.",
            "What was learnt by heart is tested: the figures come out too good.",
            "Leave the copies of the earlier part out (--shared drop does).",
            names,
            _words(survey, groups),
            {"groups": len(groups), **pairs},
            _earlier(groups),
            names,
        )
    ]


def check_shared_patients(survey: Survey) -> list[Finding]:
    """Find patients on two sides of the data set's own split."""
    _need_parts(survey)
    if not survey.has_patients:
        raise NotChecked("no patient is named")
    by_patient: dict[str, list[Entry]] = defaultdict(list)
    for entry in survey.entries:
        if entry.patient and entry.split:
            by_patient[entry.patient].append(entry)
    groups = [group for group in by_patient.values() if len(_parts(group)) > 1]
    if not groups:
        return []
    names = tuple(tuple(entry.name for entry in group) for group in groups)
    return [
        Finding(
            "shared-patients",
            Severity.ALARM,
            f"{count_words(len(groups), 'patient lies', 'patients lie')} on two sides of the "
            "split.",
            "Images of one patient resemble each other: the figures come out too good.",
            "Leave the patient's cases of the earlier part out (--shared drop does).",
            names,
            _words(survey, groups),
            {"patients": len(groups)},
            _earlier(groups),
        )
    ]


def check_patients(survey: Survey) -> list[Finding]:
    """Find out whether it is known which cases are of one patient."""
    nameless = [entry.name for entry in survey.entries if not entry.patient]
    if not nameless or not survey.entries:
        return []
    share = "No case names" if len(nameless) == len(survey) else f"{len(nameless):,} cases name no"
    return [
        Finding(
            "patients",
            Severity.WARNING,
            f"{share} {'its ' if len(nameless) == len(survey) else ''}patient.",
            "Several images of one patient can come on two sides of a split, and nothing here can "
            "tell; only near duplicates are kept together.",
            "Give the patient in a column of the table, or one folder per patient below the class.",
            numbers={"cases": len(nameless)},
        )
    ]


def identical(survey: Survey) -> list[tuple[Entry, ...]]:
    """Return the groups of cases with identical pixels, two or more each."""
    alike: dict[str, list[Entry]] = defaultdict(list)
    for entry, look in zip(survey.entries, survey.looks, strict=True):
        alike[look.digest].append(entry)
    return [tuple(group) for group in alike.values() if len(group) > 1]


def case_words(survey: Survey, entry: Entry) -> str:
    """Return what is known of a case: its label and its part."""
    words = label_words(entry, survey.index.task.labels)
    return f"{words} ({entry.split})" if entry.split else words


def _words(survey: Survey, groups: Sequence[Sequence[Entry]]) -> dict[str, str]:
    return {entry.name: case_words(survey, entry) for group in groups for entry in group}


def _parts(group: Sequence[Entry]) -> tuple[str, ...]:
    present = {entry.split for entry in group}
    return tuple(part for part in PRIORITY if part in present)


def _disagree(group: Sequence[Entry]) -> bool:
    return len({truth_key(entry) for entry in group if entry.target is not None}) > 1


def _other(entry: Entry, group: Sequence[Entry]) -> Entry:
    return next(one for one in group if truth_key(one) != truth_key(entry))


def _spare_copies(groups: Sequence[Sequence[Entry]]) -> dict[str, str]:
    """Propose to keep the copy nearest to the test, the first by name; test cases stay."""
    drop: dict[str, str] = {}
    for group in groups:
        ordered = sorted(group, key=lambda one: (-_rank(one), one.name))
        kept = ordered[0]
        drop |= {
            entry.name: f"identical to {kept.name}, which is kept"
            for entry in ordered[1:]
            if entry.split != "test"
        }
    return drop


def _earlier(groups: Sequence[Sequence[Entry]]) -> dict[str, str]:
    drop: dict[str, str] = {}
    for group in groups:
        kept = max(group, key=_rank)
        drop |= {
            entry.name: f"in {entry.split}, shared with {kept.name} in {kept.split}"
            for entry in group
            if entry.split and _rank(entry) < _rank(kept)
        }
    return drop


def _rank(entry: Entry) -> int:
    return PRIORITY.index(entry.split) if entry.split in PRIORITY else -1


def _need_parts(survey: Survey) -> None:
    if len({entry.split for entry in survey.entries if entry.split}) < 2:
        raise NotChecked("the data set brings no split of its own")
