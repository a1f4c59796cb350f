"""Checks for what was added to images: empty borders and burned-in text."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from scanwright.auditing.balance import CERTAIN, cramers_v
from scanwright.auditing.finding import Finding, Severity, count_words
from scanwright.auditing.survey import Survey

WIDE = 0.03
"""Share of an edge from which on a border counts."""
LINKED = 0.2
"""Cramér's V from which on the mark is said to go with the label."""
PLACES = ("top left", "top", "top right", "left", "middle", "right",
          "bottom left", "bottom", "bottom right")  # fmt: skip


def check_borders(survey: Survey) -> list[Finding]:
    """Find images with an empty border that others do not have."""
    frames = np.array([look.frame for look in survey.looks]).reshape(-1, 4)
    has = np.asarray((frames > WIDE).any(axis=1))
    if not has.any():
        return []
    rows = np.flatnonzero(has)
    words = {survey.entries[row].name: _frame_words(frames[row]) for row in rows.tolist()}
    linked = _link_words(survey, has)
    widest = np.argsort(-frames[rows].max(axis=1), kind="stable")
    is_mixed = 0.02 < has.mean() < 0.98
    return [
        Finding(
            "borders",
            Severity.WARNING if linked else Severity.NOTE,
            f"{count_words(len(rows), 'image has', 'images have')} an empty border wider than "
            f"{WIDE:.0%} of the edge ({has.mean():.0%}){linked}.",
            "A border tells where an image comes from, not what it shows"
            + (", and only some have one." if is_mixed else "; all have one, which wastes size."),
            "Crop to the content (step “crop_to_content” of the preprocessing), or before.",
            tuple((survey.entries[row].name,) for row in rows[widest].tolist()),
            words,
            {"cases": len(rows), "share": float(has.mean())},
        )
    ]


def check_lettering(survey: Survey) -> list[Finding]:
    """Find burned-in text, and where it lies."""
    has = np.array([bool(look.lettering) for look in survey.looks], dtype=bool)
    if not has.any():
        return []
    rows = np.flatnonzero(has)
    places = Counter(
        place for row in rows.tolist() for place in {_place(b) for b in survey.looks[row].lettering}
    )
    words = {
        survey.entries[row].name: ", ".join(
            dict.fromkeys(_place(box) for box in survey.looks[row].lettering)
        )
        for row in rows.tolist()
    }
    linked = _link_words(survey, has)
    where = ", ".join(f"{place} {count}" for place, count in places.most_common(4))
    most = np.argsort([-len(survey.looks[row].lettering) for row in rows.tolist()], kind="stable")
    return [
        Finding(
            "lettering",
            Severity.WARNING,
            f"{count_words(len(rows), 'image seems', 'images seem')} to have text burned in "
            f"({has.mean():.0%}; {where}){linked}.",
            "Text can name the patient, and can say what is wrong (a measured lesion has been "
            "found before): a network reads it. Small vessels are sometimes taken for letters.",
            "Look at the places named; crop them away or paint them over before training, and "
            "never publish such images unseen.",
            tuple((survey.entries[row].name,) for row in rows[most].tolist()),
            words,
            {"cases": len(rows), "share": float(has.mean()), **places},
        )
    ]


def _frame_words(frame: npt.NDArray[np.float64]) -> str:
    sides = zip(("top", "bottom", "left", "right"), frame.tolist(), strict=True)
    return ", ".join(f"{side} {share:.0%}" for side, share in sides if share > WIDE)


def _place(box: tuple[float, float, float, float]) -> str:
    down, right = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return PLACES[3 * min(int(down * 3), 2) + min(int(right * 3), 2)]


def _link_words(survey: Survey, has: npt.NDArray[np.bool_]) -> str:
    """Say with which label a mark goes, if with any."""
    strongest, words = LINKED, ""
    for question in survey.questions():
        marked = has[question.rows]
        counts = np.array(
            [
                [int((marked & question.positive).sum()), int((~marked & question.positive).sum())],
                [int((marked & ~question.positive).sum()),
                 int((~marked & ~question.positive).sum())],
            ]
        )  # fmt: skip
        link, p_value = cramers_v(counts)
        if link > strongest and p_value < CERTAIN:
            strongest = link
            yes, no = (row[0] / max(row.sum(), 1) for row in counts)
            words = f"; of “{question.name}” {yes:.0%}, of the others {no:.0%}"
    return words
