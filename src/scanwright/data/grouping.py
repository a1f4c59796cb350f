"""Cases that belong together, and the tags by which they are dealt."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

import numpy as np

from scanwright.base import LabelError
from scanwright.data.entry import Entry
from scanwright.data.index import TaskHint
from scanwright.data.mask_boxes import MaskBoxes
from scanwright.data.mask_reference import MaskReference
from scanwright.data.stratify import ALL, Group
from scanwright.image import BoxesTarget, ClassTarget, GradeTarget, LabelsTarget, NumberTarget

MOST_BINS = 10
CASES_PER_BIN = 10
"""Numbers are cut into at most `MOST_BINS` quantiles of about this many cases or more."""

Tagger = Callable[[Entry], list[str]]
"""What a case is stratified by."""


def together(
    entries: Sequence[Entry],
    digests: Mapping[str, str],
    *,
    by_patient: bool,
    alike: Iterable[Sequence[str]] = (),
) -> list[list[Entry]]:
    """Put cases of one patient, and identical images, into one group each.

    Parameters
    ----------
    alike
        Names of cases that belong together for other reasons, such as near duplicates.

    Returns
    -------
    Groups of cases, each sorted by name; the result does not depend on the order of `entries`.
    """
    root: dict[Hashable, Hashable] = {}

    def find(node: Hashable) -> Hashable:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for entry in entries:
        case = find(("case", entry.name))
        root[find(("pixels", digests[entry.name]))] = case
        if by_patient and entry.patient:
            root[find(("patient", entry.patient))] = find(case)
    for names in alike:
        for name in names[1:]:
            root[find(("case", names[0]))] = find(("case", name))
    groups: dict[Hashable, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.name):
        groups.setdefault(find(("case", entry.name)), []).append(entry)
    return list(groups.values())


def tagger_for(task: TaskHint, entries: Sequence[Entry]) -> Tagger:
    """Return the function that names the label tags of a case.

    Raises
    ------
    LabelError
        A case has no truth of the task's kind.
    """
    edges = _quantiles(entries) if task.kind == "number" else np.zeros(0)

    def tags(entry: Entry) -> list[str]:
        target = entry.target
        if isinstance(target, ClassTarget):
            return [target.label]
        if isinstance(target, GradeTarget):
            return [task.labels[target.grade]]
        if isinstance(target, LabelsTarget):
            return sorted(target.labels) or ["no finding"]
        if isinstance(target, BoxesTarget):
            return sorted({box.label for box in target.boxes}) or ["no finding"]
        if isinstance(target, NumberTarget):
            return [f"quantile {int(np.searchsorted(edges, target.value, side='right'))}"]
        if isinstance(target, MaskReference | MaskBoxes):
            # Masks too large to be looked through are dealt by site and number alone.
            return ["outlined"] if target.present is None else list(target.present) or ["nothing"]
        raise LabelError("The case cannot be split by its label.", where=entry.source)

    return tags


def as_group(entries: Sequence[Entry], label_tags: Tagger) -> Group:
    """Make the group of some cases: tagged by label, by site, and by both."""
    tags: Counter[str] = Counter()
    for entry in entries:
        labels = label_tags(entry)
        tags[ALL] += 1
        tags.update(f"label {label}" for label in labels)
        if entry.site:
            tags[f"site {entry.site}"] += 1
            tags.update(f"label {label} at {entry.site}" for label in labels)
    return Group(entries[0].name, tags)


def tag_weights(groups: Iterable[Group]) -> dict[str, float]:
    """Return how much each tag counts: labels most, then sites and labels within sites."""
    weights = {ALL: 0.25}
    for group in groups:
        for tag in group.tags:
            if " at " in tag or tag.startswith("site "):
                weights[tag] = 0.25
    return weights


def _quantiles(entries: Sequence[Entry]) -> np.typing.NDArray[np.float64]:
    values = [one.target.value for one in entries if isinstance(one.target, NumberTarget)]
    bins = min(MOST_BINS, max(1, len(values) // CASES_PER_BIN))
    edges: np.typing.NDArray[np.float64] = np.quantile(values, np.arange(1, bins) / bins)
    return edges
