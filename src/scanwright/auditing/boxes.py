"""Checks of boxes: faulty, twice, under two names, huge, tiny, and labels that are rare."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from scanwright.auditing.box_look import BoxLook
from scanwright.auditing.finding import Finding, NotChecked, Severity, count_words, some
from scanwright.auditing.survey import Survey
from scanwright.data import BoxFault

FULL_SHARE = 0.9
"""A box over more than this part of an image tells nothing of where the finding is."""
TINY_EDGE = 2.0
"""A box with an edge shorter than this many elements is hardly more than a click."""
TINY_RATIO = 0.1
"""A box is tiny, too, if its longest edge is below this part of its label's median."""
FEWEST = 10
"""Boxes from which on a label's median says what is usual."""
RARE = 5
"""A label in fewer images than this can hardly be learnt and tested."""
UNEVEN = 10.0
"""Most frequent over rarest label from which on it is told."""


def check_box_faults(survey: Survey) -> list[Finding]:
    """Find boxes that were left out or cut when the data set was read."""
    flaws = [flaw for flaw in survey.index.box_flaws if flaw.fault is not BoxFault.TWICE]
    found = []
    for fault in BoxFault:
        cases = Counter(flaw.case for flaw in flaws if flaw.fault is fault)
        if not cases:
            continue
        count = cases.total()
        found.append(
            Finding(
                "box-faults",
                Severity.WARNING if fault.is_lost else Severity.NOTE,
                f"{count_words(count, 'box', 'boxes')}: each {fault.value} ({some(list(cases))}).",
                "The finding is not learnt as it was marked, and counts as none where it is "
                "looked for.",
                "Correct the box; a box may have been drawn on another version of the image.",
                tuple((case,) for case in cases),
                {case: count_words(n, "such box", "such boxes") for case, n in cases.items()},
                {"boxes": count, "cases": len(cases)},
            )
        )
    return found


def check_box_copies(survey: Survey) -> list[Finding]:
    """Find boxes that are there twice, exactly or nearly, under one label."""
    words: dict[str, str] = {}
    copies = near = 0
    for case, look in _looks(survey):
        if look.copies or look.near:
            copies, near = copies + look.copies, near + look.near
            words[case] = f"{look.copies} exact and {look.near} near copies of a box"
    if not words:
        return []
    return [
        Finding(
            "box-copies",
            Severity.WARNING,
            f"{count_words(copies + near, 'box is', 'boxes are')} there twice: {copies} exactly, "
            f"{near} nearly.",
            "A detector answers each finding once, so that one of the two always counts as missed.",
            "Keep one box for each finding.",
            tuple((case,) for case in words),
            words,
            {"copies": copies, "near": near, "cases": len(words)},
        )
    ]


def check_box_readers(survey: Survey) -> list[Finding]:
    """Find findings under two names, and boxes that only one of two lists of an image holds."""
    words: dict[str, str] = {}
    clashes: Counter[tuple[str, str]] = Counter()
    for case, look in _looks(survey):
        if look.opposed:
            clashes.update(look.opposed)
            words[case] = "; ".join(f"“{a}” and “{b}” in one place" for a, b in look.opposed)
    alone = Counter(flaw.case for flaw in survey.index.box_flaws if flaw.fault is BoxFault.TWICE)
    for case, count in alone.items():
        said = f"{count_words(count, 'box', 'boxes')} in only one of its lists"
        words[case] = f"{words[case]}; {said}" if case in words else said
    if not words:
        return []
    pairs = ", ".join(f"{a} / {b}: {count}" for (a, b), count in clashes.most_common(5))
    return [
        Finding(
            "box-readers",
            Severity.WARNING,
            f"Readers disagree in {count_words(len(words), 'image')}"
            f"{f' ({pairs})' if pairs else ''}.",
            "Whatever a detector answers there, one of the two readers says that it is wrong.",
            "Let a third reader decide, or merge the labels.",
            tuple((case,) for case in words),
            words,
            {"cases": len(words), "clashes": clashes.total(), "alone": alone.total()},
        )
    ]


def check_full_boxes(survey: Survey) -> list[Finding]:
    """Find boxes over nearly the whole image."""
    words = {
        case: f"a box covers {look.shares.max():.0%} of the image"
        for case, look in _looks(survey)
        if look.shares.max(initial=0) > FULL_SHARE
    }
    if not words:
        return []
    return [
        Finding(
            "box-full",
            Severity.WARNING,
            f"{count_words(len(words), 'image has', 'images have')} a box over more than "
            f"{FULL_SHARE:.0%} of it.",
            "It says that there is a finding and not where; a mark of the whole image may have "
            "been meant.",
            "Draw the box around the finding, or learn classes in place of boxes.",
            tuple((case,) for case in words),
            words,
            {"cases": len(words)},
        )
    ]


def check_tiny_boxes(survey: Survey) -> list[Finding]:
    """Find boxes of an element or two, and boxes far smaller than others of their label."""
    medians = _medians(survey)
    words: dict[str, str] = {}
    boxes = 0
    for case, look in _looks(survey):
        least = np.array([TINY_RATIO * medians.get(label, 0.0) for label in look.labels])
        is_tiny = (look.shortest < TINY_EDGE) | (look.longest < least)
        if is_tiny.any():
            boxes += int(is_tiny.sum())
            smallest = int(np.argmin(np.where(is_tiny, look.longest, np.inf)))
            words[case] = f"“{look.labels[smallest]}”: {look.longest[smallest]:.3g} elements long"
    if not words:
        return []
    return [
        Finding(
            "box-tiny",
            Severity.NOTE,
            f"{count_words(boxes, 'box is', 'boxes are')} tiny.",
            "A slip of the mouse counts as a whole finding; and what is smaller than a few "
            "elements can hardly be seen.",
            "Look at it, and remove it where nothing is there.",
            tuple((case,) for case in words),
            words,
            {"boxes": boxes, "cases": len(words)},
        )
    ]


def check_box_labels(survey: Survey) -> list[Finding]:
    """Find labels in few images, labels far rarer than others, and sets without empty images."""
    looks = [look for _, look in _looks(survey)]
    images = dict.fromkeys(survey.index.task.labels, 0)
    boxes = Counter(label for look in looks for label in look.labels)
    for look in looks:
        for label in set(look.labels):
            images[label] = images.get(label, 0) + 1
    found = _rare(images, len(looks))
    if len(boxes) > 1 and max(boxes.values()) >= UNEVEN * min(boxes.values()):
        found.append(_uneven(boxes))
    if all(look.labels for look in looks):
        found.append(
            Finding(
                "box-labels",
                Severity.NOTE,
                "Every image has a finding.",
                "How often a detector cries wolf in healthy images cannot be measured.",
                "Add images without a finding: they need no box.",
                numbers={"images": len(looks)},
            )
        )
    return found


def _rare(images: Mapping[str, int], total: int) -> list[Finding]:
    few = {label: count for label, count in images.items() if count < min(RARE, total)}
    if not few:
        return []
    named = ", ".join(f"{label}: {count}" for label, count in few.items())
    return [
        Finding(
            "box-labels",
            Severity.ALARM if min(few.values()) < 2 else Severity.WARNING,
            f"{count_words(len(few), 'label is', 'labels are')} in fewer than {RARE} images "
            f"({named}).",
            "It cannot be learnt from some and tested on others.",
            "Add images, or leave the label out.",
            numbers=dict(few),
        )
    ]


def _uneven(boxes: Counter[str]) -> Finding:
    (most, many), (least, few) = boxes.most_common()[0], boxes.most_common()[-1]
    return Finding(
        "box-labels",
        Severity.NOTE,
        f"There are {many / few:.0f} boxes of “{most}” for each of “{least}”.",
        "A mean over labels and a sum over boxes will say different things.",
        "Read the figures of each label.",
        numbers=dict(boxes),
    )


def _looks(survey: Survey) -> Iterator[tuple[str, BoxLook]]:
    """Give the name and the look of each case with boxes, or known to have none.

    Raises
    ------
    NotChecked
        There is none.
    """
    if not any(look is not None for look in survey.boxes):
        raise NotChecked("there are no boxes")
    for entry, look in zip(survey.entries, survey.boxes, strict=True):
        if look is not None:
            yield entry.name, look


def _medians(survey: Survey) -> dict[str, float]:
    """Return label → median of the longest edge, where there are enough boxes."""
    lengths: dict[str, list[float]] = defaultdict(list)
    for _, look in _looks(survey):
        for label, length in zip(look.labels, look.longest.tolist(), strict=True):
            lengths[label].append(length)
    return {label: float(np.median(many)) for label, many in lengths.items() if len(many) >= FEWEST}
