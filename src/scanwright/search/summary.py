"""What a search came to, in words, tables and drawings."""

from collections.abc import Sequence
from dataclasses import dataclass

from scanwright.base import Plain
from scanwright.report import Figure, Grid, Section
from scanwright.search.figures import history_figure, importance_figure
from scanwright.search.gain import Gain
from scanwright.search.importance import Importance
from scanwright.search.plan import SearchPlan
from scanwright.search.record import Record
from scanwright.search.space import Dimension, Space, Value


@dataclass(frozen=True, slots=True)
class Summary:
    """A search that has ended.

    Parameters
    ----------
    best
        The trial that was put to the proof, if any did better than the default.
    gain
        Its gain over the default, on what had no part in the choice.
    is_fresh
        Whether the proof was on cases that scored no trial, not only with other seeds.
    merit
        Name of the figure of merit.
    importances
        Of the dimensions.
    """

    space: Space
    plan: SearchPlan
    records: tuple[Record, ...]
    best: Record | None
    gain: Gain | None
    is_fresh: bool
    merit: str
    importances: tuple[Importance, ...] = ()

    @property
    def keeps_default(self) -> bool:
        """Whether nothing was found that is better beyond noise."""
        return self.gain is None or not self.gain.is_real

    @property
    def finished(self) -> int:
        """Trials that nothing more is to be done for."""
        return sum(one.is_finished for one in self.records)

    def sentence(self) -> str:
        """Say what was found, and what is done about it."""
        if len(self.records) <= 1:
            return "The time sufficed for the default recipe alone: give a larger --budget."
        if self.best is None or self.gain is None:
            return (
                f"None of {self.finished} trials scored higher than the default recipe on "
                "validation: the default is kept."
            )
        proof = "folds that scored no trial" if self.is_fresh else "other seeds"
        gain = self.gain
        found = (
            f"Trial {self.best.place}, the best of {self.finished}, was trained again beside the "
            f"default on {proof}: it gains {gain.value:+.4f} in {self.merit} (90 % interval "
            f"{gain.low:+.4f} to {gain.high:+.4f})"
        )
        if self.keeps_default:
            return f"{found}. That is no more than noise: the default is kept."
        return f"{found}. That is more than noise: its settings are used."

    def reason(self) -> str:
        """Say in the recipe why a setting has its value."""
        if self.best is None or self.gain is None:
            return ""
        return (
            f"found by search: trial {self.best.place} of {self.finished} gains "
            f"{self.gain.value:+.4f} in {self.merit} ({self.gain.low:+.4f} to "
            f"{self.gain.high:+.4f}) over the default"
        )

    def section(self) -> Section:
        """Return the part of the report."""
        drawings: tuple[Figure | None, ...] = (
            history_figure(self.records, self.merit),
            importance_figure(self.importances, sum(bool(one.rungs) for one in self.records)),
        )
        grids = [self._changes()] if self.best is not None else []
        return Section(
            name="search",
            title="Search",
            sentences=(
                self.sentence(),
                f"Trials were scored on inner folds of the development cases alone; the test part "
                f"was not even read. Plan: {self.plan.reason}.",
            ),
            figures=tuple(one for one in drawings if one is not None),
            grids=(*grids, self._trials(), self._limits()),
        )

    def to_plain(self) -> dict[str, Plain]:
        """Return it for JSON."""
        return {
            "sentence": self.sentence(),
            "keeps_default": self.keeps_default,
            "best": None if self.best is None else self.best.to_plain(),
            "gain": None if self.gain is None else self.gain.to_plain(),
            "merit": self.merit,
            "plan": self.plan.to_plain(),
            "space": [one.to_plain() for one in self.space.dimensions],
            "importance": [one.to_plain() for one in self.importances],
            "trials": [one.to_plain() for one in self.records],
        }

    def _changes(self) -> Grid:
        assert self.best is not None
        used = "tried and not used" if self.keeps_default else "used"
        rows = tuple(
            (name, value_words(default), value_words(value))
            for name, default, value in self.space.differences(self.best.values)
        )
        return Grid(
            f"What trial {self.best.place} changes against the default ({used})",
            ("Setting", "Default", f"Trial {self.best.place}"),
            rows,
        )

    def _trials(self) -> Grid:
        rungs = len(self.plan.ladder.shares)
        heads = [f"{100 * share:.3g} % schedule" for share in self.plan.ladder.shares]
        names = [one.name for one in self.space.dimensions]
        rows = []
        for one in self.records:
            scores = [f"{value:.4f}" for value in one.rungs] + ["–"] * (rungs - len(one.rungs))
            values = [value_words(one.values.get(name, "–")) for name in names]
            words = one.note or one.state
            rows.append((str(one.place), words, *scores, *values, f"{one.seconds:.1f}"))
        head = ("Trial", "State", *heads, *names, "Seconds")
        return Grid(
            f"All {len(rows)} trials; trial 0 is the default recipe",
            head,
            tuple(rows),
            numbers=tuple(range(2, len(head))),
            is_folded=True,
        )

    def _limits(self) -> Grid:
        rows = tuple(
            (one.name, value_words(one.default), _limit_words(one), one.reason)
            for one in self.space.dimensions
        )
        head = ("Setting", "Default", "Varied over", "Reason")
        return Grid("What was varied, and why", head, rows, is_folded=True)


def value_words(value: Value) -> str:
    """Return a value as a reader wants it: three digits of a number."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _limit_words(one: Dimension) -> str:
    if one.choices:
        return ", ".join(value_words(choice) for choice in one.choices)
    scale = ", on a logarithmic scale" if one.is_log else ""
    return f"{value_words(one.low)} to {value_words(one.high)}{scale}"


def default_of(records: Sequence[Record]) -> Record | None:
    """Return the trial of the default recipe, when it climbed to the end."""
    return next((one for one in records if one.place == 0 and one.score is not None), None)
