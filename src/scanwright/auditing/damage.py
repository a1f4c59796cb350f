"""Checks for images that hold nothing, or numbers that are none: unreadable, constant, clipped."""

from collections import Counter

import numpy as np

from scanwright.auditing.finding import Finding, NotChecked, Severity, count_words
from scanwright.auditing.flaw import Flaw, flawed
from scanwright.auditing.robust import deviations
from scanwright.auditing.survey import Survey

EMPTY_SHARE = 0.985
"""Above this share of values at the smallest one an image is nearly empty."""
EMPTY_PEERS = 0.9
"""Where the median image is emptier than this, emptiness is no flaw."""
CLIPPED_SHARE = 0.05
"""Below this share of values at the largest one nobody is misled."""
FAR = 5.0
"""Robust deviations beyond which a value is an outlier."""
FEW_LEVELS = 16
SCALE_RATIO = 50.0
"""Ratio of the largest to the smallest brightness that one scale does not explain."""


NOT_FINITE = Flaw(
    "not-finite",
    Severity.WARNING,
    "holds NaN or infinite values",
    "hold NaN or infinite values",
    "One such value spreads through a network and makes the whole answer NaN.",
    "Find out what the values stand for (outside of the field of view, as a rule) and write that "
    "number instead.",
)
FLAT = Flaw(
    "constant",
    Severity.WARNING,
    "is one flat value",
    "are one flat value",
    "Nothing can be seen in them; their label then teaches the wrong thing.",
    "Leave them out, or export them again.",
    does_drop=True,
)
EMPTY = Flaw(
    "constant",
    Severity.WARNING,
    "is nearly empty",
    "are nearly empty",
    "Next to nothing can be seen in them, while their peers are full.",
    "Look at them, and leave out those that failed.",
)
CLIPPED = Flaw(
    "clipped",
    Severity.NOTE,
    "is saturated",
    "are saturated",
    "A large part is at the largest value, unlike their peers, and all detail there is lost.",
    "Export with a wider window, if the original still exists.",
)
OTHER_DEPTH = Flaw(
    "depth",
    Severity.WARNING,
    "is stored in another depth than the rest",
    "are stored in another depth than the rest",
    "Brightness differs with the depth, and the depth can give the source away.",
    "Bring all images to one depth from their originals.",
)
FEW = Flaw(
    "depth",
    Severity.NOTE,
    "has very few grey levels",
    "have very few grey levels",
    "Screenshots of palettes and label maps look like this; photographs do not.",
    "Look whether they are images at all.",
)
MASK = Flaw(
    "depth",
    Severity.WARNING,
    "holds two values only",
    "hold two values only",
    "This is what a mask looks like; it does not belong among the images.",
    "Take masks out of the folder.",
    does_drop=True,
)


def check_unreadable(survey: Survey) -> list[Finding]:
    """List what could not be read, or names no file."""
    lost = [*survey.index.skipped, *survey.unreadable]
    if not lost:
        return []
    reasons = Counter(one.reason for one in lost)
    return [
        Finding(
            "unreadable",
            Severity.WARNING,
            f"{count_words(len(lost), 'input')} cannot be used: "
            + "; ".join(f"{count} × {why.rstrip('.')}" for why, count in reasons.most_common(4))
            + ".",
            "They take no part in training; a class that loses more than another is biased.",
            "Copy the files again, or take them out of the table.",
            tuple((one.source,) for one in lost),
            {one.source: one.reason for one in lost},
            {"inputs": len(lost)},
            {one.source: one.reason for one in survey.unreadable},
        )
    ]


def check_not_finite(survey: Survey) -> list[Finding]:
    """Find images with NaN or infinite values."""
    lost = survey.column(lambda look: look.lost)
    rows = np.flatnonzero(lost > 0)
    return flawed(survey, NOT_FINITE, rows, lambda row: f"{lost[row]:.2%} of the values")


def check_constant(survey: Survey) -> list[Finding]:
    """Find images that are one flat value, or nearly so unlike their peers."""
    looks = survey.looks
    flat = [row for row, look in enumerate(looks) if look.is_constant]
    found = flawed(survey, FLAT, flat, lambda row: f"all {looks[row].low:g}")
    at_low = survey.column(lambda look: look.at_low)
    if len(looks) and float(np.median(at_low)) < EMPTY_PEERS:
        rows = [row for row in np.flatnonzero(at_low > EMPTY_SHARE).tolist() if row not in flat]
        found += flawed(survey, EMPTY, rows, lambda row: f"{at_low[row]:.1%} background")
    return found


def check_clipped(survey: Survey) -> list[Finding]:
    """Find images much of which is at the upper end of the scale, unlike their peers."""
    share = survey.column(lambda look: 0.0 if look.is_constant else look.at_high)
    rows = np.flatnonzero((share > CLIPPED_SHARE) & (deviations(share, floor=0.01) > FAR))
    typical = float(np.median(share)) if len(share) else 0.0
    return flawed(
        survey,
        CLIPPED,
        rows,
        lambda row: f"{share[row]:.0%} at the largest value (median of all: {typical:.1%})",
    )


def check_depth(survey: Survey) -> list[Finding]:
    """Compare how many bits are used with how many are stored."""
    looks = survey.looks
    whole = [row for row, look in enumerate(looks) if look.bits and not look.is_constant]
    if not whole:
        raise NotChecked("the values are fractions")
    found = _unused_bits(survey, whole)
    counts = Counter(looks[row].stored_bits for row in whole)
    if len(counts) > 1:
        rare = min(counts, key=lambda bits: counts[bits])
        rows = [row for row in whole if looks[row].stored_bits == rare]
        found += flawed(
            survey, OTHER_DEPTH, rows, lambda row: f"{looks[row].dtype}, up to {looks[row].high:g}"
        )
    few = [row for row in whole if 2 < looks[row].levels <= FEW_LEVELS]
    found += flawed(survey, FEW, few, lambda row: f"{looks[row].levels} grey levels")
    two = [row for row in whole if looks[row].levels == 2]
    if len(two) < len(survey) / 2:
        found += flawed(survey, MASK, two, lambda _: "two values")
    return found


def _unused_bits(survey: Survey, whole: list[int]) -> list[Finding]:
    wide = [survey.looks[row] for row in whole if survey.looks[row].stored_bits >= 16]
    if not wide:
        return []
    stored = max(look.stored_bits for look in wide)
    used = max(look.bits for look in wide)
    if used >= stored:
        return []
    return [
        Finding(
            "depth",
            Severity.NOTE,
            f"Values are stored in {stored} bits and use {used}.",
            f"Dividing by the largest {stored}-bit number, as many scripts do, would leave a range "
            f"of {2.0 ** (used - stored):.3g}; scanwright looks at the values themselves.",
            "Nothing, unless other programs read the same files.",
            numbers={"stored_bits": stored, "used_bits": used},
        )
    ]


def check_scale(survey: Survey) -> list[Finding]:
    """Find sets whose cases are on scales of their own."""
    tops = survey.column(lambda look: 0.0 if look.is_constant else look.high)
    tops = tops[tops > 0]
    if len(tops) < 2:
        raise NotChecked("fewer than two images have positive values")
    low, high = np.percentile(tops, (1, 99))
    if high / low < SCALE_RATIO:
        return []
    return [
        Finding(
            "scale",
            Severity.WARNING,
            f"The largest value of an image runs from {tops.min():.3g} to {tops.max():.3g}.",
            "The cases are on scales of their own, as MRI often is: one fixed range fits none.",
            "Normalise each image by itself (the recipe's z-score or percentiles do).",
            numbers={"lowest": float(tops.min()), "highest": float(tops.max())},
        )
    ]
