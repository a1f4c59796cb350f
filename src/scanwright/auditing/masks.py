"""Checks of masks: empty, tiny, too full, at the edge, rare, and one mask under two images."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from scanwright.auditing.finding import Finding, NotChecked, Severity, count_words, some
from scanwright.auditing.mask_look import MaskLook
from scanwright.auditing.survey import Survey

TINY_ELEMENTS = 10
TINY_SHARE = 0.01
"""An outline is tiny below this many elements, or below this part of the structure's median."""
FULL_SHARE = 0.9
"""A structure that fills more than this of an image is likely the background."""
EDGE_SHARE = 0.2
"""Where more masks than this touch the edge, that is how the images were cropped."""
FEWEST = 10
"""Cases from which on a structure's rest can say what is usual."""
RARE = 5
"""A structure in fewer cases than this can hardly be learnt and tested."""


def check_empty_masks(survey: Survey) -> list[Finding]:
    """Find masks in which nothing is outlined."""
    names = tuple(name for name, look in _looks(survey) if look.is_empty)
    if not names:
        return []
    return [
        Finding(
            "mask-empty",
            Severity.NOTE,
            f"{count_words(len(names), 'mask is', 'masks are')} empty: {some(names)}.",
            "Either there is nothing to outline, which a network must learn, too, or it was not "
            "done.",
            "Look whether it was done; leave out the cases where it was not.",
            tuple((name,) for name in names),
            numbers={"cases": len(names)},
        )
    ]


def check_tiny_outlines(survey: Survey) -> list[Finding]:
    """Find outlines of a few elements where others have many."""
    words: dict[str, str] = {}
    medians = _medians(survey)
    for case, look in _looks(survey):
        for name, count in zip(look.names, look.elements, strict=True):
            if 0 < count < max(TINY_ELEMENTS, TINY_SHARE * medians.get(name, 0)):
                size = f" ({count * look.element_ml:.2g} ml)" if look.element_ml else ""
                words[case] = (
                    f"“{name}”: {count_words(count, 'element')}{size}, median {medians[name]:,.0f}"
                )
    if not words:
        return []
    return [
        Finding(
            "mask-tiny",
            Severity.WARNING,
            f"{count_words(len(words), 'mask holds', 'masks hold')} a tiny outline.",
            "A slip of the mouse, or the remainder of a correction, counts as a whole structure "
            "in every figure per case.",
            "Look at it, and remove it where nothing is there.",
            tuple((case,) for case in words),
            words,
            {"cases": len(words)},
        )
    ]


def check_full_outlines(survey: Survey) -> list[Finding]:
    """Find outlines that fill the image, as exchanged black and white do."""
    words = {
        case: f"“{name}” fills {count / look.total:.0%}"
        for case, look in _looks(survey)
        for name, count in zip(look.names, look.elements, strict=True)
        if count > FULL_SHARE * look.total
    }
    if not words:
        return []
    return [
        Finding(
            "mask-full",
            Severity.WARNING,
            f"{count_words(len(words), 'outline fills', 'outlines fill')} more than "
            f"{FULL_SHARE:.0%} of the image.",
            "Inside and outside may be exchanged.",
            "Look at it, and exchange the values where they are.",
            tuple((case,) for case in words),
            words,
            {"cases": len(words)},
        )
    ]


def check_cut_outlines(survey: Survey) -> list[Finding]:
    """Find outlines that touch the edge of the image while most of their kind do not."""
    words: dict[str, str] = {}
    for name, holding in _by_name(survey).items():
        cut = [case for case, look, place in holding if look.at_edge[place]]
        if len(holding) >= FEWEST and 0 < len(cut) <= EDGE_SHARE * len(holding):
            words |= dict.fromkeys(cut, f"“{name}” touches the edge")
    if not words:
        return []
    return [
        Finding(
            "mask-edge",
            Severity.NOTE,
            f"{count_words(len(words), 'outline touches', 'outlines touch')} the edge of the "
            "image, unlike most.",
            "The structure goes on outside: its volume is too small there.",
            "Leave the case out of figures of volume.",
            tuple((case,) for case in words),
            words,
            {"cases": len(words)},
        )
    ]


def check_rare_outlines(survey: Survey) -> list[Finding]:
    """Find structures that few cases hold."""
    looks = list(_looks(survey))
    counts = {
        name: sum(look.elements[look.names.index(name)] > 0 for _, look in looks)
        for name in survey.index.task.labels
    }
    few = {name: count for name, count in counts.items() if count < min(RARE, len(looks))}
    if not few:
        return []
    named = ", ".join(f"{name}: {count}" for name, count in few.items())
    return [
        Finding(
            "mask-rare",
            Severity.ALARM if min(few.values()) < 2 else Severity.WARNING,
            f"{count_words(len(few), 'structure is', 'structures are')} outlined in fewer than "
            f"{RARE} cases ({named}).",
            "Train, validation and test each need some.",
            "Outline more cases, or leave the structure out.",
            numbers=dict(few),
        )
    ]


def check_copied_masks(survey: Survey) -> list[Finding]:
    """Find one mask that belongs to two different images."""
    alike: dict[str, list[str]] = defaultdict(list)
    pixels: dict[str, set[str]] = defaultdict(set)
    digests = survey.digests
    for case, look in _looks(survey):
        if not look.is_empty:
            alike[look.digest].append(case)
            pixels[look.digest].add(digests[case])
    groups = tuple(tuple(cases) for key, cases in alike.items() if len(pixels[key]) > 1)
    if not groups:
        return []
    return [
        Finding(
            "mask-copies",
            Severity.WARNING,
            f"{count_words(len(groups), 'mask belongs', 'masks belong')} to several images that "
            f"differ, for example {some(groups[0], 2)}.",
            "A mask drawn by hand is never twice the same: it was copied to the wrong image.",
            "Find the mask that belongs to each.",
            groups,
            numbers={"masks": len(groups)},
        )
    ]


def _looks(survey: Survey) -> Iterator[tuple[str, MaskLook]]:
    """Give the name and the look of each case with a mask.

    Raises
    ------
    NotChecked
        There is none.
    """
    if not any(survey.masks):
        raise NotChecked("there are no masks")
    for entry, look in zip(survey.entries, survey.masks, strict=True):
        if look is not None:
            yield entry.name, look


def _by_name(survey: Survey) -> dict[str, list[tuple[str, MaskLook, int]]]:
    """Return structure → the cases that hold it, and its place in their looks."""
    holding: dict[str, list[tuple[str, MaskLook, int]]] = defaultdict(list)
    for case, look in _looks(survey):
        for place, (name, count) in enumerate(zip(look.names, look.elements, strict=True)):
            if count:
                holding[name].append((case, look, place))
    return holding


def _medians(survey: Survey) -> dict[str, float]:
    """Return structure → median of its elements where it is outlined."""
    return {
        name: float(np.median([look.elements[place] for _, look, place in holding]))
        for name, holding in _by_name(survey).items()
    }
