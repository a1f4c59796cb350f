"""What became of a trial, as a table shows it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scanwright.base import Plain
from scanwright.search.space import Value, Values

State = Literal["complete", "stopped", "failed", "running", "waiting"]
"""Climbed all rungs; was stopped below the last; could not be trained; is at work; is to be."""


@dataclass(frozen=True, slots=True)
class Record:
    """One trial.

    Parameters
    ----------
    place
        In the sequence, from 0, which is the default recipe.
    values
        Of the dimensions.
    rungs
        Score at each rung that was reached.
    seconds
        Time that it took.
    note
        Why it failed.
    retries
        How often it was begun again after its process had died.
    """

    place: int
    state: State
    values: Values
    rungs: tuple[float, ...]
    seconds: float = 0.0
    note: str = ""
    retries: int = 0

    @property
    def score(self) -> float | None:
        """The score at the last rung, for a trial that climbed all of them."""
        return self.rungs[-1] if self.state == "complete" else None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is to be done for it."""
        return self.state in ("complete", "stopped", "failed")

    def to_plain(self) -> dict[str, Plain]:
        """Return it for JSON."""
        return {
            "trial": self.place,
            "state": self.state,
            "values": dict(self.values),
            "rungs": list(self.rungs),
            "seconds": round(self.seconds, 2),
            "note": self.note,
            "retries": self.retries,
        }


def best_of(records: Sequence[Record]) -> Record | None:
    """Return the trial with the highest score of those that climbed all rungs; of equals the first.

    The default, in place 0, is not among them.
    """
    scored = [one for one in records if one.score is not None and one.place]
    return max(scored, key=lambda one: (one.score, -one.place), default=None)


def records_csv(records: Sequence[Record], names: Sequence[str]) -> str:
    """Return trials as CSV, a column for each dimension and each rung."""
    rungs = max((len(one.rungs) for one in records), default=0)
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(
        [
            "trial",
            "state",
            *names,
            *(f"rung {rung + 1}" for rung in range(rungs)),
            "seconds",
            "note",
        ]
    )
    for one in records:
        cells: list[Value] = [one.values.get(name, "") for name in names]
        scores = [repr(value) for value in one.rungs] + [""] * (rungs - len(one.rungs))
        table.writerow([one.place, one.state, *cells, *scores, f"{one.seconds:.2f}", one.note])
    return stream.getvalue()
