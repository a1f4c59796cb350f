"""Checks for images that nearly show the same: as a group, under two labels, on two sides."""

from collections import Counter
from collections.abc import Sequence

from scanwright.auditing.copies import PRIORITY, case_words
from scanwright.auditing.finding import Finding, NotChecked, Severity, count_words, some
from scanwright.auditing.near_pair import NearPair
from scanwright.auditing.survey import Survey

SURE = 0.95
"""Likeness from which on two labels of one image contradict each other."""


def check_likeness(survey: Survey) -> list[Finding]:
    """Find near duplicates: rescaled, cropped, brightened, mirrored or compressed again."""
    pairs = near_pairs(survey)
    if not pairs:
        return []
    groups = near_groups(survey)
    kinds: Counter[str] = Counter(pair.kind for pair in pairs)
    where = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    ordered = sorted(groups, key=lambda group: -_likeness(survey, group, pairs))
    return [
        Finding(
            "likeness",
            Severity.WARNING,
            f"{count_words(len(pairs), 'pair', 'pairs')} of images nearly show the same ({where}), "
            f"in {count_words(len(groups), 'group')}.",
            "They are often of one patient or one image exported twice: on two sides of a split, "
            "what was learnt by heart is tested.",
            "Keep each group on one side; the proposed table gives each group one patient, and "
            "scanwright keeps them together wherever it draws the split.",
            tuple(ordered),
            _words(survey, pairs),
            {"pairs": len(pairs), "groups": len(groups), **kinds},
            together=tuple(groups),
        )
    ]


def check_like_contradictions(survey: Survey) -> list[Finding]:
    """Find near duplicates whose labels differ."""
    pairs = [
        pair
        for pair in near_pairs(survey)
        if pair.similarity >= SURE and _has_two_labels(survey, pair)
    ]
    if not pairs:
        return []
    names = _names(survey, pairs)
    return [
        Finding(
            "like-contradictions",
            Severity.WARNING,
            f"{count_words(len(pairs), 'pair')} of nearly equal images "
            f"{'has' if len(pairs) == 1 else 'have'} two labels, for example {some(names[0], 2)}.",
            "One of the labels may be wrong; or the two show two findings of one patient.",
            "Look at each pair; correct what is wrong, and leave out what stays contradictory.",
            names,
            _words(survey, pairs),
            {"pairs": len(pairs)},
            _to_drop(survey, pairs),
        )
    ]


def check_shared_likeness(survey: Survey) -> list[Finding]:
    """Find near duplicates on two sides of the data set's own split."""
    if len({entry.split for entry in survey.entries if entry.split}) < 2:
        raise NotChecked("the data set brings no split of its own")
    pairs = [pair for pair in near_pairs(survey) if len(set(_parts(survey, pair))) > 1]
    if not pairs:
        return []
    sides = Counter(" and ".join(sorted(_parts(survey, p), key=PRIORITY.index)) for p in pairs)
    where = ", ".join(f"{count} in {side}" for side, count in sides.items())
    return [
        Finding(
            "shared-likeness",
            Severity.WARNING,
            f"{count_words(len(pairs), 'pair')} of nearly equal images "
            f"{'lies' if len(pairs) == 1 else 'lie'} on two sides of the split: {where}.",
            "The split leaks: figures on it come out too good. It is kept as it is, so that they "
            "can be compared with published ones.",
            "State it beside the figures, or leave the training copies out (the proposed table "
            "does).",
            _names(survey, pairs),
            _words(survey, pairs),
            {"pairs": len(pairs), **sides},
            _earlier(survey, pairs),
        )
    ]


def near_pairs(survey: Survey) -> list[NearPair]:
    """Return the pairs that are alike and not identical, the likest first."""
    if survey.near is None:
        raise NotChecked("near duplicates were not looked for")
    looks = survey.looks
    found = [p for p in survey.near.pairs if looks[p.first].digest != looks[p.second].digest]
    return sorted(found, key=lambda pair: (-pair.similarity, pair.first, pair.second))


def near_groups(survey: Survey) -> list[tuple[str, ...]]:
    """Return the names of the cases of each group, identical ones included."""
    if survey.near is None:
        return []
    return [tuple(survey.entries[row].name for row in group) for group in survey.near.groups]


def _likeness(survey: Survey, group: Sequence[str], pairs: Sequence[NearPair]) -> float:
    named = set(group)
    return max((p.similarity for p in pairs if survey.entries[p.first].name in named), default=0.0)


def _names(survey: Survey, pairs: Sequence[NearPair]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (survey.entries[pair.first].name, survey.entries[pair.second].name) for pair in pairs
    )


def _words(survey: Survey, pairs: Sequence[NearPair]) -> dict[str, str]:
    words: dict[str, str] = {}
    for pair in reversed(pairs):
        for row in (pair.first, pair.second):
            entry = survey.entries[row]
            words[entry.name] = (
                f"{case_words(survey, entry)}; {pair.kind}, likeness {pair.similarity:.3f}"
            )
    return words


def _parts(survey: Survey, pair: NearPair) -> tuple[str, ...]:
    parts = (survey.entries[pair.first].split, survey.entries[pair.second].split)
    return tuple(part for part in parts if part)


def _has_two_labels(survey: Survey, pair: NearPair) -> bool:
    one, other = survey.entries[pair.first].target, survey.entries[pair.second].target
    return one is not None and other is not None and one != other


def _to_drop(survey: Survey, pairs: Sequence[NearPair]) -> dict[str, str]:
    drop = {}
    for pair in pairs:
        for row, other in ((pair.first, pair.second), (pair.second, pair.first)):
            entry = survey.entries[row]
            if entry.split != "test":
                drop[entry.name] = (
                    f"nearly equal to {survey.entries[other].name}, which has another label"
                )
    return drop


def _earlier(survey: Survey, pairs: Sequence[NearPair]) -> dict[str, str]:
    drop = {}
    for pair in pairs:
        rows = sorted(
            (survey.entries[pair.first], survey.entries[pair.second]),
            key=lambda entry: PRIORITY.index(entry.split),
        )
        drop[rows[0].name] = (
            f"in {rows[0].split}, nearly equal to {rows[1].name} in {rows[1].split}"
        )
    return drop
