"""A prepared data set without its test part, and the inner folds that a search may use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scanwright.base import SplitError
from scanwright.data import Fold as SplitFold
from scanwright.data import SplitOptions, split_index
from scanwright.workflows.prepare import Prepared

ENOUGH_FOLDS = 4
"""Half of them score trials, the others prove what was found."""
INNER_FOLDS = (6, 4)


@dataclass(frozen=True, slots=True)
class Arena:
    """Inner folds, and what they are for.

    Parameters
    ----------
    folds
        Divisions of the development cases.
    trying, proving
        Places of the folds that score trials, and of those that prove the best one; the same
        where there are too few cases to keep them apart.
    """

    folds: tuple[SplitFold, ...]
    trying: tuple[int, ...]
    proving: tuple[int, ...]

    @property
    def is_fresh(self) -> bool:
        """Whether the proof is on validation cases that scored no trial."""
        return not set(self.trying) & set(self.proving)

    @property
    def ratio(self) -> float:
        """Validation cases over training cases of a fold."""
        return sum(len(fold.validation) for fold in self.folds) / sum(
            len(fold.train) for fold in self.folds
        )


def without_test(prepared: Prepared) -> Prepared:
    """Return the same data set as if it had no test part: no store can hold what is not in it."""
    folds = tuple(replace(fold, test=()) for fold in prepared.plan.folds)
    kept = {entry.name for fold in folds for entry in (*fold.train, *fold.validation)}
    entries = tuple(entry for entry in prepared.index.entries if entry.name in kept)
    return replace(
        prepared,
        plan=replace(prepared.plan, folds=folds),
        index=replace(prepared.index, entries=entries),
    )


def arena_of(development: Prepared, workers: int) -> Arena:
    """Return the inner folds of development cases: their own, or folds drawn among them.

    Parameters
    ----------
    workers
        Networks trained side by side; as many folds score a trial.
    """
    folds = development.plan.folds
    if len(folds) < ENOUGH_FOLDS:
        folds = _drawn(development) or folds
    places = tuple(range(len(folds)))
    if len(folds) < ENOUGH_FOLDS:
        return Arena(folds, places, places)
    trying = min(max(workers, 2), len(folds) // 2)
    return Arena(folds, places[:trying], places[trying:])


def _drawn(development: Prepared) -> tuple[SplitFold, ...]:
    """Draw folds, fewer where a class has few patients; none where it has too few."""
    split = development.recipe.split
    for count in INNER_FOLDS:
        options = SplitOptions(
            seed=split.seed,
            folds=count,
            pool=True,
            test=0.0,
            by_patient=split.by_patient,
            shared="drop",
        )
        try:
            return split_index(development.index, options).folds
        except SplitError:
            continue
    return ()


def names_of(folds: Sequence[SplitFold]) -> list[list[list[str]]]:
    """Return the names of the cases of each fold, for hashing."""
    return [
        [[entry.name for entry in part] for part in (fold.train, fold.validation)] for fold in folds
    ]
