"""The network's learning curve: its run's recipe trained anew on parts of the cases."""

import hashlib
import json
import math
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.base import SILENT, Options, Progress, option, read_machine, write_json
from scanwright.bundle import answer_of
from scanwright.data import IMAGES, Entry, Store, build_store, read_case
from scanwright.inference import choose_compute
from scanwright.recipe import TASKS, Recipe
from scanwright.training import (
    Costs,
    Fit,
    Fold,
    ImageRows,
    Pace,
    outputs_of,
    plan_steps,
    train_members,
)
from scanwright.workflows.finished import FinishedRun
from scanwright.workflows.image_course import scaled
from scanwright.workflows.prepare import files_key
from scanwright.workflows.training_part import NetworkPoint, TrainingPart

PLAN = "plan.json"
ALIKE = 0.9
"""A run's networks may fall short of the steps of the points by so much, and still end them."""
SPARE = 1.1
"""Time asked for, over what is expected: plans leave room for a machine that slows down."""
START_SECONDS = 3.0
"""What processes cost before their first step."""


class CurveOptions(Options):
    """What the learning curve of a network may cost."""

    seconds: float = option(0.0, low=0.0, unit="s", help="Time for all of it; with 0 there is none")
    device: str = option("auto", help="Where to compute: auto, cpu, cuda or mps.")


@dataclass(frozen=True, slots=True)
class NetworkCurve:
    """Points of a learning curve, the fewest cases first.

    Parameters
    ----------
    ends_with_run
        Whether the run itself is the point of all cases: trained as long as the others, by as
        many networks a fold.
    words
        How the points were made, or why there are none.
    """

    points: tuple[NetworkPoint, ...]
    ends_with_run: bool
    words: str

    @property
    def is_even(self) -> bool:
        """Whether no point was cut short by time, so that they differ by their cases alone."""
        return not any(point.is_cut for point in self.points)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many steps each network takes, and the shares that are trained.

    Parameters
    ----------
    seconds
        Expected of each share.
    """

    steps: int
    seconds: float
    shares: tuple[float, ...]
    ends_with_run: bool
    words: str


def network_curve(
    run: FinishedRun,
    entries: Mapping[str, Entry],
    parts: Sequence[TrainingPart],
    folder: Path,
    options: CurveOptions,
    progress: Progress = SILENT,
) -> NetworkCurve:
    """Train a run's recipe on parts of its cases, one network a fold, all for the same steps.

    Equal steps, not equal passes: with fewer cases each is seen more often, as it would be by
    whoever had no more. Called again with the same folder it goes on where it was stopped.

    Parameters
    ----------
    entries
        By name, at least all of the parts.
    parts
        Rising shares.
    folder
        For the state; what lies there of another curve is deleted.
    """
    started = time.monotonic()
    recipe = _recipe_for(run, len(parts[0].folds))
    used = [entries[name] for name in sorted({n for one in parts for n in one.names})]
    about = [
        recipe.digest(),
        files_key(used),
        [str(entry.target) for entry in used],
        options.model_dump(),
        [one.to_plain() for one in parts],
    ]
    key = hashlib.sha256(json.dumps(about).encode()).hexdigest()
    trainings = _Trainings(run, recipe, folder, options, progress)
    plan = trainings.opened(key)
    known = trainings.known(plan, parts)
    if plan is None or known is None:
        trainings.prepare(used)
        if plan is None:
            plan = trainings.plan(parts, options.seconds - (time.monotonic() - started))
            if plan.steps:
                trainings.keep(key, plan)
        known = trainings.train(plan, parts, options.seconds - (time.monotonic() - started))
    return NetworkCurve(known, plan.ends_with_run, plan.words + _slowed(plan, known))


class _Trainings:
    """The trainings of all points."""

    def __init__(
        self,
        run: FinishedRun,
        recipe: Recipe,
        folder: Path,
        options: CurveOptions,
        progress: Progress,
    ) -> None:
        self.run = run
        self.recipe = recipe
        self.folder = folder
        self.progress = progress
        training = recipe.training
        self.compute = choose_compute(options.device, training.precision, training.threads)
        self.store: Store | None = None
        self.used: Sequence[Entry] = ()

    def opened(self, key: str) -> _Plan | None:
        """Return the plan of an earlier call for the same curve; empty the folder of others."""
        file = self.folder / PLAN
        if file.exists():
            kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if kept.pop("key") == key:
                return _Plan(**{**kept, "shares": tuple(kept["shares"])})
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        return None

    def keep(self, key: str, plan: _Plan) -> None:
        """Write the plan down: the steps of a curve hold, however often it is begun."""
        plain = {**asdict(plan), "shares": list(plan.shares), "key": key}
        write_json(self.folder / PLAN, plain)

    def known(
        self, plan: _Plan | None, parts: Sequence[TrainingPart]
    ) -> tuple[NetworkPoint, ...] | None:
        """Return all points of a plan, if each was reached before."""
        if plan is None:
            return None
        asked = [one for one in parts if one.share in plan.shares]
        if not all(self._file(one).exists() for one in asked):
            return None
        return tuple(NetworkPoint.read(self._file(one), one) for one in asked)

    def prepare(self, used: Sequence[Entry]) -> None:
        """Preprocess each case once, as the run did."""
        steps = json.dumps(self.recipe.pipeline().to_plain(), sort_keys=True)
        key = hashlib.sha256(f"{files_key(used)} {steps}".encode()).hexdigest()
        sources = [(entry.name, entry) for entry in used]
        place = self.folder / "store"
        self.used = used
        self.store = build_store(
            sources, read_case, self.recipe.pipeline(), place, key=key, progress=self.progress
        )

    def plan(self, parts: Sequence[TrainingPart], seconds: float) -> _Plan:
        """Choose the steps of all points so that they fit into the time.

        The run itself ends the curve where its networks were trained as long as the points can be;
        else the point of all cases is trained, too.
        """
        fit, _ = self._fit(parts[-1], self.recipe.changed({"schedule.steps": self._steps(1)}))
        costs = fit.measure()
        fit.folder.rmdir()
        fewer = tuple(one.share for one in parts if one.share < 1)
        every = tuple(one.share for one in parts)
        whole = max(self.run.recipe.schedule.steps)
        if _can_end_with(self.run, self.recipe):
            steps = self._affordable(costs, seconds / max(len(fewer), 1), whole)
            if steps == whole:
                words = _plan_words(self.recipe, steps, "the last point is the run itself")
                return _Plan(
                    steps, self._seconds(costs, steps), fewer, ends_with_run=True, words=words
                )
        steps = self._affordable(costs, seconds / len(every), whole)
        needed = math.ceil(SPARE * len(every) * self._seconds(costs, whole))
        longer = f"about {needed} s would give all points the run's steps"
        if not steps:
            words = (
                "no networks were trained for the learning curve: of its time "
                f"{max(seconds, 0):.0f} s are left, in which none learns anything; {longer}"
            )
            return _Plan(0, 0.0, (), ends_with_run=True, words=words)
        apart = f"the run itself, up to {whole} steps a network, stands apart"
        apart += f"; {longer}" if steps < whole else ""
        words = _plan_words(self.recipe, steps, apart)
        return _Plan(steps, self._seconds(costs, steps), every, ends_with_run=False, words=words)

    def train(
        self, plan: _Plan, parts: Sequence[TrainingPart], seconds: float
    ) -> tuple[NetworkPoint, ...]:
        """Train the points that are missing; each may take what the later ones do not need."""
        deadline = time.monotonic() + seconds
        asked = [one for one in parts if one.share in plan.shares]
        missing = [one for one in asked if not self._file(one).exists()]
        longest = plan.seconds
        for at, part in enumerate(missing):
            started = time.monotonic()
            left, after = max(deadline - started, 0.0), len(missing) - at - 1
            self._learn(part, plan.steps, max(left / (after + 1), left - after * longest))
            longest = max(longest, time.monotonic() - started)
        shutil.rmtree(self.folder / "store", ignore_errors=True)
        return tuple(NetworkPoint.read(self._file(one), one) for one in asked)

    def _learn(self, part: TrainingPart, steps: int, seconds: float) -> None:
        """Train the networks of one point, and write down what they answer."""
        recipe = self.recipe.changed({"schedule.steps": self._steps(steps)})
        fit, scale = self._fit(part, recipe)
        fit.pace = Pace(time.monotonic() + seconds, time.monotonic, steps)
        members = train_members(fit)
        outputs = outputs_of(fit, members, recipe.inference.views)
        task = TASKS[recipe.task.kind]
        decision = task.fit_decision(outputs.values, outputs.truth, recipe.decision, task.decode)
        decision = decision.model_copy(update={"offset": scale[0], "scale": scale[1]})
        scores = answer_of(recipe, decision).scores(outputs.values)
        name_of = {row: name for name, row in self._rows.items()}
        point = NetworkPoint(
            share=part.share,
            cases=part.cases,
            steps=min(member.steps for member in members),
            names=tuple(name_of[row] for row in outputs.rows.tolist()),
            scores=np.asarray(scores, dtype=np.float64),
            thresholds=decision.thresholds,
            is_cut=any(member.steps < steps and not member.stopped for member in members),
        )
        point.write(self._file(part))
        shutil.rmtree(fit.folder, ignore_errors=True)

    def _fit(self, part: TrainingPart, recipe: Recipe) -> tuple[Fit, tuple[float, float]]:
        assert self.store is not None
        folds = [
            Fold(train=self._places(train), validation=self._places(held))
            for train, held in part.folds
        ]
        targets = {entry.name: entry.target for entry in self.used}
        task = TASKS[recipe.task.kind]
        truth = task.encode_all([targets[name] for name in self._rows], recipe.task.labels)
        truth, scale = scaled(recipe, truth, folds[0].train)
        folder = self.folder / f"share-{part.share:g}"
        folder.mkdir(exist_ok=True)
        fit = Fit(
            recipe=recipe,
            material=ImageRows(self.store.images, truth, self.folder / "store" / IMAGES),
            folds=folds,
            folder=folder,
            compute=self.compute,
            memory_bytes=read_machine().memory_bytes,
            keep_best=lambda _: None,
            progress=self.progress,
        )
        return fit, scale

    @property
    def _rows(self) -> dict[str, int]:
        assert self.store is not None
        return self.store.rows

    def _places(self, names: Sequence[str]) -> Any:  # Any: int64 indices
        return np.array([self._rows[n] for n in names if n in self._rows], dtype=np.int64)

    def _steps(self, steps: int) -> tuple[int, ...]:
        return (steps,) * self.recipe.training.members

    def _seconds(self, costs: Costs, steps: int) -> float:
        """Expect the seconds of a point."""
        training = self.recipe.training
        rounds = -(-training.members // training.workers)
        shown = self.recipe.inference.views.count(self.recipe.network.rank)
        validating = rounds * training.validations + training.members * shown
        return (
            rounds * (steps * costs.step + (START_SECONDS if training.workers > 1 else 0.0))
            + validating * costs.validation
        )

    def _affordable(self, costs: Costs, seconds: float, whole: int) -> int:
        """Return the steps that fit into the seconds of a point; 0 if too few to learn by."""
        training = self.recipe.training
        rounds = -(-training.members // training.workers)
        left = seconds - self._seconds(costs, 0) + rounds * training.validations * costs.validation
        counts = {"rounds": rounds, "validations": training.validations}
        steps = plan_steps(max(left, 0.0), costs, **counts, enough=whole).steps
        return steps if self._seconds(costs, steps) <= max(seconds, 0.0) else 0

    def _file(self, part: TrainingPart) -> Path:
        return self.folder / f"share-{part.share:g}.json"


def _recipe_for(run: FinishedRun, folds: int) -> Recipe:
    """Return the run's recipe for one network a fold, on labelled cases alone."""
    training = run.recipe.training
    changes = {
        "training.members": folds,
        "training.workers": min(training.workers, folds),
        "training.unlabelled": "none",
        "schedule.steps": (max(run.recipe.schedule.steps),) * folds,
    }
    return run.recipe.changed(changes)


def _can_end_with(run: FinishedRun, recipe: Recipe) -> bool:
    """Whether the run has one network a fold, of like steps, that learnt from labels alone."""
    training, steps = run.recipe.training, run.recipe.schedule.steps
    return (
        training.members == recipe.training.members
        and training.unlabelled != "guessed"
        and min(steps) >= ALIKE * max(steps)
    )


def _plan_words(recipe: Recipe, steps: int, end: str) -> str:
    members = recipe.training.members
    networks = f"{members} networks, one a fold," if members > 1 else "a network"
    return (
        f"for each point of the network's learning curve its recipe trained {networks} anew for "
        f"{steps} steps, on the very cases that the classical model learnt from; {end}"
    )


def _slowed(plan: _Plan, points: Sequence[NetworkPoint]) -> str:
    """Say which points had fewer steps than planned, to keep the time or by the recipe's rule."""
    fewer = [f"{one.steps} at {one.cases} cases" for one in points if one.steps < plan.steps]
    if not fewer:
        return ""
    if any(one.is_cut for one in points):
        return (
            "; the machine was slower than when it was timed, and some networks had fewer steps "
            f"({', '.join(fewer)}), so that nothing is said of what more cases would do"
        )
    return f"; some stopped earlier, by the recipe's rule: {', '.join(fewer)}"
