"""Hold a network against the best classical model on the same folds and test cases."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.base import SILENT, InputError, Options, Progress, hold_folder, option
from scanwright.classical import (
    CrossFit,
    FeatureOptions,
    FeatureTable,
    Importance,
    RivalOptions,
    Sampling,
    Table,
    cross_fit,
    family_importance,
    feature_table,
)
from scanwright.data import Entry, index_data, read_case
from scanwright.image import Array, Floats, Image
from scanwright.recipe import Recipe
from scanwright.report import (
    Contender,
    Difference,
    DuelVerdict,
    MeasureOptions,
    decide_between,
)
from scanwright.workflows.contest import (
    encoded,
    fit_rival_decision,
    network_outcomes,
    rival_outcomes,
)
from scanwright.workflows.finished import read_finished
from scanwright.workflows.learning import (
    CLASSICAL,
    NETWORK,
    Basis,
    CurveRequest,
    Learning,
    learning_curves,
)
from scanwright.workflows.network_curve import CurveOptions
from scanwright.workflows.predict import load
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import train
from scanwright.workflows.whole_images import check_whole_images

BOTH = "mean of both"
NETWORK_SHARE = 0.75
"""Of the budget, where the network is still to be trained."""
FIT_SHARE, CURVE_SHARE = 0.6, 0.3
"""Of what is left after the features were measured."""
INSTEAD = "train two models with other settings, then `scanwright compare RUN_A RUN_B`"
"""For outlines, which no classical model here makes."""
TIMED_CASES = 12
"""Cases on which the seconds per image of the network are measured."""


class CompareOptions(Options):
    """How a network and a classical model are compared."""

    run: RunOptions = option(RunOptions(), help="How the data are read, and a network trained.")
    finished: Path | None = option(None, help="A finished run to take the network from.")
    features: FeatureOptions = option(FeatureOptions(), help="What the classical model sees.")
    rival: RivalOptions = option(RivalOptions(), help="How the classical model is chosen.")
    shares: tuple[float, ...] = option(
        (0.125, 0.25, 0.5, 1.0), help="Parts of the training patients for the learning curve."
    )
    curve_seconds: float = option(
        0.0,
        low=0.0,
        unit="s",
        help="Time, beyond that of the run, to train networks on parts of the cases; 0: none.",
    )
    measure: MeasureOptions = option(MeasureOptions(), help="Intervals and replicates.")


@dataclass(frozen=True, slots=True)
class Match:
    """Models on the cases of one split, with the differences of the first two.

    Parameters
    ----------
    parts
        The same differences for each class by itself, where classes are measured apart.
    apart
        Cases in which the first two differ most: (case, first, second).
    """

    split: str
    contenders: tuple[Contender, ...]
    verdict: DuelVerdict
    differences: tuple[Difference, ...]
    parts: Mapping[str, tuple[Difference, ...]] = field(default_factory=dict)
    apart: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Seconds:
    """What a model costs.

    Parameters
    ----------
    training
        All fitting, choosing included, added up over networks or folds; None if unknown.
    per_image
        Reading and answering one case; None if unknown.
    """

    training: float | None
    per_image: float | None


@dataclass(frozen=True, slots=True)
class Compared:
    """All that a comparison found.

    Parameters
    ----------
    matches
        The one that the verdict rests on first.
    chosen
        What the classical model is, in words.
    importance
        Families of features, the most important first.
    """

    title: str
    matches: tuple[Match, ...]
    seconds: Mapping[str, Seconds]
    notes: tuple[str, ...]
    chosen: str = ""
    features: int = 0
    learning: Learning = field(default=Learning((), ()))
    importance: tuple[Importance, ...] = field(default=())

    @property
    def verdict(self) -> DuelVerdict:
        """Of the main match."""
        return self.matches[0].verdict


def compare(
    data: str | Path, output: str | Path, options: CompareOptions, progress: Progress = SILENT
) -> Compared:
    """Compare a network with the best classical model on the same folds and test cases.

    The network is taken from `options.finished`, or trained into `output`/network first.

    Raises
    ------
    InputError
        The data are not those of the run, the run is not finished, or outlines are asked for.
    """
    started = time.monotonic()
    folder = Path(output)
    check_whole_images(_kind(data, options, progress), "A classical model", INSTEAD)
    with hold_folder(folder):
        if options.finished is None:
            seconds = NETWORK_SHARE * options.run.budget_seconds
            asked = options.run.model_copy(update={"budget_seconds": seconds})
            train(data, folder / "network", asked, progress)
        return _Comparison(str(data), folder, options, started, progress).go()


def _kind(data: str | Path, options: CompareOptions, progress: Progress) -> str:
    """Return what is asked of the images, before a network is trained for it."""
    if options.finished is not None:
        return read_finished(options.finished).recipe.task.kind
    return index_data(str(data), options.run.index, progress).task.kind


class _Comparison:
    """One comparison, step by step."""

    def __init__(
        self,
        data: str,
        folder: Path,
        options: CompareOptions,
        started: float,
        progress: Progress,
    ) -> None:
        self.folder = folder
        self.run = run = read_finished(options.finished or folder / "network")
        answered = set(run.answers["validation"].cases)
        # With fewer networks than folds some folds were never trained on.
        self.folds = [fold for fold in run.folds if answered & set(fold["validation"])]
        self.options = options
        self.started = started
        self.progress = progress
        self.index = index_data(data, options.run.index, progress)
        self.entries = self._entries()
        self.notes: list[str] = []

    def go(self) -> Compared:
        """Measure, fit, answer, and say which to use."""
        table = self._features()
        place = {case: row for row, case in enumerate(table.cases)}
        self._note_skipped(table)
        case_table = self._table(table)
        folds = [
            (_rows(fold["train"], place), _rows(fold["validation"], place)) for fold in self.folds
        ]
        left = max(self._seconds_left(), 1.0)
        rival = self.options.rival.model_copy(update={"seconds": FIT_SHARE * left})
        fitted = cross_fit(case_table, folds, rival, self.progress)
        matches = self._matches(case_table, table, fitted)
        learning = self._learning(case_table, folds, table, left)
        self.notes += learning.notes
        rng = np.random.default_rng([self.options.run.seed, 13])
        importance = family_importance(case_table, folds, fitted, rng)
        return Compared(
            title=self.index.root.name,
            matches=matches,
            seconds={
                NETWORK: Seconds(self.run.training_seconds, self._network_seconds()),
                CLASSICAL: Seconds(
                    fitted.seconds + table.seconds_per_case * len(table.cases),
                    table.seconds_per_case + _predict_seconds(fitted, table.values),
                ),
            },
            notes=tuple(self.notes),
            chosen=fitted.words,
            features=len(table.names),
            learning=learning,
            importance=importance,
        )

    def _entries(self) -> dict[str, Entry]:
        known = {entry.name: entry for entry in self.index.entries}
        wanted = {name for fold in self.folds for names in fold.values() for name in names}
        missing = sorted(wanted - set(known))
        if missing:
            raise InputError(
                "The data are not those of the run.",
                got=f"{len(missing)} of its {len(wanted)} cases are not there",
                next="name the data that the run was trained on",
                where=self.run.folder,
            )
        return {name: known[name] for name in sorted(wanted)}

    def _features(self) -> FeatureTable:
        first = self.folds[0]
        learnt = [self.entries[name] for name in (*first["train"], *first["validation"])]
        sizes = [entry.size or read_case(entry).image.size for entry in learnt]
        spacings = [entry.spacing_mm for entry in learnt]
        sampling = Sampling.choose(sizes, spacings, self.options.features)
        cases = list(self.entries.items())
        return feature_table(cases, _read, sampling, self.options.features, self.progress)

    def _note_skipped(self, table: FeatureTable) -> None:
        if table.skipped:
            name, reason = table.skipped[0]
            self.notes.append(
                f"{len(table.skipped)} cases could not be measured and are left out of both "
                f"models' scores, for example {name}: {reason}"
            )

    def _table(self, table: FeatureTable) -> Table:
        recipe: Recipe = self.run.recipe
        entries = [self.entries[case] for case in table.cases]
        return Table(
            values=table.values,
            truth=encoded(recipe, entries),
            patients=tuple(entry.patient or entry.name for entry in entries),
            names=table.names,
            kind=recipe.task.kind,
            labels=len(recipe.task.labels),
        )

    def _matches(
        self, case_table: Table, table: FeatureTable, fitted: CrossFit
    ) -> tuple[Match, ...]:
        truth = np.asarray(case_table.truth)[fitted.rows]
        decision = fit_rival_decision(self.run.recipe, truth, fitted.scores)
        scores = dict(
            zip([table.cases[row] for row in fitted.rows.tolist()], fitted.scores, strict=True)
        )
        place = {case: row for row, case in enumerate(table.cases)}
        tested = [name for name in self.folds[0]["test"] if name in place]
        if tested:
            answers = fitted.predict(table.values[_rows(tested, place)])
            scores.update(zip(tested, answers, strict=True))
        # Validation first: the operating point of the mean of both is chosen there, too.
        held = self._answered("validation", scores)
        both = fit_rival_decision(self.run.recipe, encoded(self.run.recipe, held[0]), held[2])
        matches = []
        for split in ("test", "validation"):
            if split not in self.run.answers:
                continue
            entries, own, mean = self._answered(split, scores)
            contenders = (
                Contender(NETWORK, network_outcomes(self.run, split, entries)),
                Contender(
                    CLASSICAL, rival_outcomes(self.run, entries, own, decision), is_simpler=True
                ),
                Contender(BOTH, rival_outcomes(self.run, entries, mean, both)),
            )
            matches.append(match_of(split, contenders, self.options.measure, self.options.run.seed))
        if not tested:
            self.notes.append(
                "there is no test part: the verdict rests on cases out of fold, on which the "
                "network's schedule and threshold were chosen, so that it looks somewhat too good"
            )
        return tuple(matches)

    def _answered(
        self, split: str, scores: Mapping[str, Floats]
    ) -> tuple[list[Entry], Floats, Floats]:
        """Return the cases of a split that both answered, the rival's scores, and the mean."""
        cases = [case for case in self.run.answers[split].cases if case in scores]
        entries = [self.entries[case] for case in cases]
        network = network_outcomes(self.run, split, entries)
        own = np.array([scores[case] for case in cases])
        return entries, own, (own + network.scores.reshape(own.shape)) / 2

    def _learning(
        self,
        case_table: Table,
        folds: Sequence[tuple[Array, Array]],
        table: FeatureTable,
        left: float,
    ) -> Learning:
        options = self.options
        basis = Basis(self.run, self.entries, table.cases, case_table, folds, options.shares)
        asked = CurveRequest(
            rival=options.rival.model_copy(update={"seconds": CURVE_SHARE * left}),
            network=CurveOptions(seconds=options.curve_seconds, device=options.run.device),
            measure=options.measure,
            folder=self.folder / "curve",
            seed=options.run.seed,
        )
        return learning_curves(basis, asked, self.progress)

    def _network_seconds(self) -> float:
        """Time reading and answering single cases, as the bundle does it."""
        model = load(self.run.folder / "bundle", self.options.run.device)
        chosen = list(self.entries.values())[:TIMED_CASES]
        list(model.predictor.predict([read_case(chosen[0])]))
        started = time.perf_counter()
        for entry in chosen:
            list(model.predictor.predict([read_case(entry)]))
        return (time.perf_counter() - started) / len(chosen)

    def _seconds_left(self) -> float:
        return self.options.run.budget_seconds - (time.monotonic() - self.started)


def match_of(
    split: str, contenders: Sequence[Contender], options: MeasureOptions, seed: int
) -> Match:
    """Hold the first two of several models against each other."""
    rng = np.random.default_rng([seed, 11])
    verdict, differences = decide_between(contenders[0], contenders[1], options, rng)
    return Match(split, tuple(contenders), verdict, differences)


def _rows(names: Sequence[str], place: Mapping[str, int]) -> Any:  # Any: int64 indices
    return np.array([place[name] for name in names if name in place], dtype=np.int64)


def _read(entry: Entry) -> tuple[Image, Array | None]:
    return read_case(entry).image, None


def _predict_seconds(fitted: CrossFit, values: Floats) -> float:
    """Time the answer to one case at a time."""
    few = values[:TIMED_CASES]
    started = time.perf_counter()
    for row in few:
        fitted.predict(row[None])
    return (time.perf_counter() - started) / len(few)
