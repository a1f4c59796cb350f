"""How a network and a classical model learn from fewer cases, and what more would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.base import SILENT, Progress
from scanwright.classical import CurvePoint, RivalOptions, Table, learning_curve, learning_parts
from scanwright.data import Entry
from scanwright.image import Array
from scanwright.inference import Decision
from scanwright.report import (
    Curve,
    Growth,
    Learner,
    MeasureOptions,
    Outcomes,
    growth_of,
    main_score,
)
from scanwright.workflows.contest import (
    fit_rival_decision,
    network_outcomes,
    rival_outcomes,
)
from scanwright.workflows.finished import FinishedRun
from scanwright.workflows.network_curve import CurveOptions, NetworkCurve, network_curve
from scanwright.workflows.training_part import TrainingPart

NETWORK, CLASSICAL = "CNN", "classical model"
RUN = "CNN of the run"
"""Where it was trained otherwise than the points of its curve."""
QUICK_FAMILIES = ("logistic", "svm")
"""Of classical models on parts of the cases."""
ONE_POINT = (
    "the network's learning curve has one point, all cases: --curve-budget 10m, say, gives time to "
    "train networks for fewer cases"
)
CHANCE = (
    "intervals of the learning curves hold the chance of held-out patients, not that of which "
    "cases were drawn to learn from, nor of a network's first weights: each point is one training "
    "a fold"
)


@dataclass(frozen=True, slots=True)
class Basis:
    """What both models learn from.

    Parameters
    ----------
    entries
        By name.
    cases
        Names of the rows of the table.
    table
        Features and truth.
    folds
        (train, held out) rows of the table.
    shares
        Parts of the training patients, rising.
    """

    run: FinishedRun
    entries: Mapping[str, Entry]
    cases: tuple[str, ...]
    table: Table
    folds: Sequence[tuple[Array, Array]]
    shares: tuple[float, ...]

    @property
    def held(self) -> list[int]:
        """Rows that are held out, ascending."""
        return sorted({row for _, held in self.folds for row in held.tolist()})

    def parts(self, seed: int) -> tuple[TrainingPart, ...]:
        """Return the parts that the classical model learns from with this seed, by name."""
        return tuple(
            TrainingPart(
                part.share,
                tuple(
                    (self._names(rows), self._names(held))
                    for rows, (_, held) in zip(part.rows, self.folds, strict=True)
                ),
            )
            for part in learning_parts(self.table, self.folds, self.shares, seed)
        )

    def _names(self, rows: Array) -> tuple[str, ...]:
        return tuple(self.cases[row] for row in rows.tolist())


@dataclass(frozen=True, slots=True)
class Learning:
    """Learning curves, and what they say.

    Parameters
    ----------
    growth
        None where the network has no curve, or one of points trained for unequal times.
    """

    curves: tuple[Curve, ...]
    notes: tuple[str, ...]
    growth: Growth | None = None


@dataclass(frozen=True, slots=True)
class CurveRequest:
    """How learning curves are made.

    Parameters
    ----------
    folder
        For the state of networks in training.
    """

    rival: RivalOptions
    network: CurveOptions
    measure: MeasureOptions
    folder: Path
    seed: int


def learning_curves(basis: Basis, asked: CurveRequest, progress: Progress = SILENT) -> Learning:
    """Let both models learn from the same parts of the cases, and answer the same others.

    Without time for it the network has one point: its run.
    """
    options = asked.rival.model_copy(update={"families": QUICK_FAMILIES, "blend": False})
    rivals = learning_curve(basis.table, basis.folds, basis.shares, options, progress)
    parts = basis.parts(options.seed)
    networks = NetworkCurve((), ends_with_run=True, words=ONE_POINT)
    if asked.network.seconds and parts:
        networks = network_curve(
            basis.run, basis.entries, parts, asked.folder, asked.network, progress
        )
    return _Answers(basis, rivals, networks).learning(asked)


class _Answers:
    """What all points of both models answered to the cases that each of them knows."""

    def __init__(self, basis: Basis, rivals: Sequence[CurvePoint], networks: NetworkCurve) -> None:
        known = set(basis.run.answers["validation"].cases)
        known.intersection_update(*(point.names for point in networks.points))
        self.names = [basis.cases[row] for row in basis.held if basis.cases[row] in known]
        self.entries = [basis.entries[name] for name in self.names]
        self.basis = basis
        self.networks = networks
        whole = round(float(np.mean([len(train) for train, _ in basis.folds])))
        self.run = network_outcomes(basis.run, "validation", self.entries)
        self.whole = whole
        self.rival = {point.share: (point.cases, self._rival(point)) for point in rivals}
        self.network = {
            point.share: (
                point.cases,
                self._outcomes(point.names, point.scores, Decision(thresholds=point.thresholds)),
            )
            for point in networks.points
        }
        if networks.ends_with_run:
            self.network[1.0] = (whole, self.run)

    def learning(self, asked: CurveRequest) -> Learning:
        """Measure all points, and hold the curves against each other."""
        curves = [
            _curve(name, list(points.values()), asked.measure)
            for name, points in ((CLASSICAL, self.rival), (NETWORK, self.network))
            if points
        ]
        if not self.networks.ends_with_run:
            curves.append(_curve(RUN, [(self.whole, self.run)], asked.measure))
        notes = (self.networks.words,)
        if not self.networks.points:
            return Learning(tuple(curves), notes)
        return Learning(tuple(curves), (*notes, CHANCE), self._growth(asked))

    def _growth(self, asked: CurveRequest) -> Growth | None:
        shares = [share for share in self.network if share in self.rival]
        if len(shares) < 2 or not self.networks.is_even:
            return None
        first = Learner(NETWORK, [self.network[share][1] for share in shares])
        second = Learner(CLASSICAL, [self.rival[share][1] for share in shares])
        cases = [self.network[share][0] for share in shares]
        return growth_of(
            first, second, cases, asked.measure, np.random.default_rng([asked.seed, 19])
        )

    def _rival(self, point: CurvePoint) -> Outcomes:
        rows = self.basis.held
        truth = np.asarray(self.basis.table.truth)[rows]
        decision = fit_rival_decision(self.basis.run.recipe, truth, point.scores)
        return self._outcomes([self.basis.cases[row] for row in rows], point.scores, decision)

    def _outcomes(self, names: Sequence[str], scores: Any, decision: Decision) -> Outcomes:
        place = {name: at for at, name in enumerate(names)}
        own = np.asarray(scores)[[place[name] for name in self.names]]
        return rival_outcomes(self.basis.run, self.entries, own, decision)


def _curve(name: str, points: Sequence[tuple[int, Outcomes]], measure: MeasureOptions) -> Curve:
    return Curve(
        name,
        tuple(cases for cases, _ in points),
        tuple(main_score(outcomes, measure) for _, outcomes in points),
    )
