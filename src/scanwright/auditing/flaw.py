"""A flaw that images have one by one, and the finding that names those that have it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.auditing.finding import Finding, Severity, count_words
from scanwright.auditing.survey import Survey


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an image, whichever it is.

    Parameters
    ----------
    kind
        Name of the check.
    severity
        How much it can spoil.
    one, many
        What one image, or several, do: "is one flat value", "are one flat value".
    meaning, advice
        As in a finding.
    does_drop
        Whether such images are proposed to be left out.
    """

    kind: str
    severity: Severity
    one: str
    many: str
    meaning: str
    advice: str
    does_drop: bool = False


def flawed(
    survey: Survey,
    flaw: Flaw,
    rows: Sequence[int] | npt.NDArray[np.int64],
    words: Callable[[int], str],
) -> list[Finding]:
    """Make one finding of the cases that share a flaw; none if there are no cases.

    Parameters
    ----------
    rows
        Places of the cases in the survey.
    words
        Place of a case → what is said of it.
    """
    if not len(rows):
        return []
    said = {survey.entries[int(row)].name: words(int(row)) for row in rows}
    does = flaw.many if len(said) > 1 else flaw.one
    return [
        Finding(
            flaw.kind,
            flaw.severity,
            f"{count_words(len(said), 'image')} {does}.",
            flaw.meaning,
            flaw.advice,
            tuple((name,) for name in said),
            said,
            {"cases": len(said)},
            {name: f"it {flaw.one}: {why}" for name, why in said.items()} if flaw.does_drop else {},
        )
    ]
