"""The members of an ensemble: what each trains on, its state on disk, and what it answers."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from scanwright.augmentation import Augmentation
from scanwright.base import SILENT, Progress, RecipeError
from scanwright.image import Floats
from scanwright.inference import AS_IT_IS, Compute, Views, to_device
from scanwright.recipe import (
    TASKS,
    Recipe,
    Truth,
    Weigh,
    assemble_loss,
    assemble_network,
    by_effective_number,
    by_power,
)
from scanwright.training.budget import Costs, Pace
from scanwright.training.checkpoint import Checkpoint, Tensors
from scanwright.training.loader import Loader
from scanwright.training.loop import Job, Phase, time_step, train_member
from scanwright.training.member import History, Member
from scanwright.training.optimise import FULL_BATCH
from scanwright.training.sampler import Rows, Sampler
from scanwright.training.strata import StratifiedSampler, thin
from scanwright.training.timing import side_by_side
from scanwright.training.validate import predict_rows

KEEP_EVERY_SECONDS = 20.0
"""State is written at most this often inside a member; more often would cost more than it saves."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows that a member learns from, and rows that it is validated on."""

    train: Rows
    validation: Rows


@dataclass(frozen=True, slots=True)
class Trained:
    """What one member has come to."""

    index: int
    weights: Tensors
    history: History
    fold: int
    steps: int
    stopped: str
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Outputs:
    """Network outputs on cases that the networks had not learnt from.

    Parameters
    ----------
    rows
        Rows of the store, shape (N,).
    values
        Mean output of the members for which a row was validation, shape (N, outputs).
    """

    rows: Rows
    values: Floats


@dataclass(slots=True)
class Fit:
    """One run of training.

    Parameters
    ----------
    images
        Shape (N, C, *size).
    truth
        Encoded truths of the same rows; numbers are already standardised.
    folds
        Member i uses fold i modulo their number.
    folder
        Where states are kept.
    keep_best
        Called with a member whenever its state was kept, finished or not.
    """

    recipe: Recipe
    images: npt.NDArray[np.float32]
    truth: Truth
    folds: Sequence[Fold]
    folder: Path
    compute: Compute
    memory_bytes: int
    keep_best: Callable[[Trained], None]
    pace: Pace | None = None
    progress: Progress = SILENT
    _loader: Loader = field(init=False)
    _last_kept: float = field(init=False, default=0.0)
    _known: dict[tuple[int, Views], Floats] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        shape = (self.recipe.network.channels, *self.recipe.network.size)
        if self.images.shape[1:] != shape:
            raise RecipeError(
                "The prepared images do not have the network's input shape.",
                got=self.images.shape[1:],
                legal=shape,
                next="give the last step of the preprocessing and network.size the same size",
                where="network.size",
            )
        self._loader = Loader(self.images, self.compute.device, self.memory_bytes)

    def run(self) -> list[Trained]:
        """Train every member, one after another; resume those that have a saved state."""
        self.progress.begin("training", sum(self.recipe.schedule.steps), "steps")
        done = [self.train(index) for index in range(self.recipe.training.members)]
        self.progress.end()
        return done

    def train(self, index: int) -> Trained:
        """Train one member to its end, from its saved state if there is one."""
        member = self._open(index)
        self.progress.step(member.step)
        train_member(member, self._job(index))
        trained = self._trained(member)
        self.keep_best(trained)
        return trained

    def kept(self, index: int) -> Trained:
        """Return a member as its saved state has it."""
        path = self._state_file(index)
        return self._trained(Member.restore(path, self.recipe, self.compute.device))

    def measure(self) -> Costs:
        """Time steps, as many at once as networks train at once, and a validation."""

        def time_one() -> float:
            member = Member.start(self.recipe, 0, 1_000_000, self.compute.device)
            return time_step(member, self._job(0))

        step = side_by_side(self.recipe.training.workers, time_one)
        network = Member.start(self.recipe, 0, 1, self.compute.device).network
        started = time.perf_counter()
        predict_rows(
            network,
            self._loader,
            self.folds[0].validation,
            self.compute,
            batch=self.recipe.inference.batch,
        )
        return Costs(step=step, validation=time.perf_counter() - started)

    def outputs(self, members: Sequence[Trained], views: Views = AS_IT_IS) -> Outputs:
        """Return the out-of-sample outputs of the members on all validation rows."""
        total: dict[int, Floats] = {}
        count: dict[int, int] = {}
        for member in members:
            rows = self.folds[member.fold].validation
            for row, value in zip(rows.tolist(), self._validated(member, views), strict=True):
                total[row] = total.get(row, 0.0) + value
                count[row] = count.get(row, 0) + 1
        rows = np.array(sorted(total), dtype=np.int64)
        return Outputs(rows, np.array([total[row] / count[row] for row in rows.tolist()]))

    def predict(self, member: Trained, rows: Rows, views: Views = AS_IT_IS) -> Floats:
        """Return a member's outputs for rows, shape (N, outputs)."""
        network = assemble_network(self.recipe)
        network.load_state_dict(member.weights)
        return predict_rows(
            to_device(network, self.compute.device),
            self._loader,
            rows,
            self.compute,
            batch=self.recipe.inference.batch,
            views=views,
        )

    def _validated(self, member: Trained, views: Views) -> Floats:
        """Return a member's outputs on its validation rows; those of a finished one are kept."""
        key = (member.index, views)
        if key in self._known:
            return self._known[key]
        values = self.predict(member, self.folds[member.fold].validation, views)
        if member.is_finished:
            self._known[key] = values
        return values

    def _state_file(self, index: int) -> Path:
        return self.folder / f"member-{index}.safetensors"

    def _open(self, index: int) -> Member:
        path = self._state_file(index)
        if path.exists():
            return Member.restore(path, self.recipe, self.compute.device)
        total = self.recipe.schedule.steps[index]
        earlier = self._seconds_per_step(index)
        if self.pace is not None and earlier is not None:
            total = self.pace.steps_for_next(total, self._rounds_from(index), earlier)
        return Member.start(self.recipe, index, total, self.compute.device)

    def _rounds_from(self, index: int) -> int:
        """Return how many rounds of members side by side there are from this member's on."""
        side_by_side = self.recipe.training.workers
        rounds = math.ceil(self.recipe.training.members / side_by_side)
        return rounds - index // side_by_side

    def _seconds_per_step(self, index: int) -> float | None:
        """Return what a step took the member before in the same place of its round, if any."""
        path = self._state_file(index - self.recipe.training.workers)
        if index < self.recipe.training.workers or not path.exists():
            return None
        facts = Checkpoint.read(path).facts
        return float(facts["seconds"]) / max(int(facts["step"]), 1)

    def _job(self, index: int) -> Job:
        recipe = self.recipe
        fold = self.folds[index % len(self.folds)]

        def keep_state(member: Member, must: bool) -> None:
            now = time.monotonic()
            if not must and now - self._last_kept < KEEP_EVERY_SECONDS:
                return
            member.write(self._state_file(index))
            if not member.is_finished:
                self.keep_best(self._trained(member))
            self._last_kept = now

        return Job(
            recipe=recipe,
            compute=self.compute,
            loader=self._loader,
            truth=_as_tensor(self.truth),
            phases=self._phases(fold, index),
            validation_rows=fold.validation,
            score=self._judge,
            augmentation=Augmentation(recipe.augmentation, len(recipe.network.size)),
            keep_state=keep_state,
            pace=self._adjust,
            progress=self.progress,
        )

    def _judge(self, outputs: Floats, rows: Rows) -> tuple[float, float]:
        task = TASKS[self.recipe.task.kind]
        return task.judge(self.truth[rows], task.decode(outputs))

    def _adjust(self, member: Member) -> int:
        if self.pace is None:
            return member.total
        per_step = member.seconds / max(member.step, 1)
        after = self._rounds_from(member.index) - 1
        return self.pace.total_for_current(member.step, member.total, per_step, after)

    def _phases(self, fold: Fold, index: int) -> tuple[Phase, ...]:
        """Return how batches are drawn and judged, from which share of the training on."""
        deferred = self.recipe.training.deferred
        phases = [self._phase(fold, index, deferred, is_balanced=True)]
        if deferred:
            phases.insert(0, self._phase(fold, index, 0.0, is_balanced=False))
        return tuple(phases)

    def _phase(self, fold: Fold, index: int, start: float, *, is_balanced: bool) -> Phase:
        weights = self._loss_weights(fold) if is_balanced else None
        loss = assemble_loss(self.recipe, weights, self._priors(fold))
        power = self.recipe.training.resample if is_balanced else 0.0
        return Phase(start, self._sampler(fold, index, power), loss.to(self.compute.device))

    def _sampler(self, fold: Fold, index: int, power: float) -> Sampler | StratifiedSampler:
        training = self.recipe.training
        everything = self.recipe.optimiser.name in FULL_BATCH
        batch = len(fold.train) if everything else training.batch
        seed = (training.seed, index)
        fold = self._thinned(fold, seed)
        if training.draw == "stratified":
            classes = self._classes(fold, 'training.draw = "shuffled"', "training.draw")
            return StratifiedSampler(fold.train, batch, seed, classes, power)
        weights = None
        if power:
            weights = np.array(self._weights(fold, by_power(power)))
            weights = weights[self._classes(fold, "training.resample = 0", "training.resample")]
        return Sampler(fold.train, batch, seed, weights)

    def _thinned(self, fold: Fold, seed: tuple[int, int]) -> Fold:
        """Leave out cases of frequent classes, others for every member."""
        ratio = self.recipe.training.undersample
        if not ratio:
            return fold
        classes = self._classes(fold, "training.undersample = 0", "training.undersample")
        return Fold(fold.train[thin(classes, ratio, seed)], fold.validation)

    def _classes(self, fold: Fold, legal: str, where: str) -> Rows:
        """Return the one class of each training case."""
        if self.truth.ndim != 1:
            raise RecipeError(
                "Only cases of one label each can be drawn by how frequent it is.",
                legal=f"{legal}; training.balance weighs several labels",
                where=where,
            )
        classes: Rows = self.truth[fold.train]
        return classes

    def _loss_weights(self, fold: Fold) -> list[float] | None:
        training = self.recipe.training
        if training.effective:
            return self._weights(fold, by_effective_number(training.effective))
        return self._weights(fold, by_power(training.balance)) if training.balance else None

    def _priors(self, fold: Fold) -> list[float] | None:
        if self.truth.ndim != 1:
            return None
        counts = np.bincount(self.truth[fold.train], minlength=len(self.recipe.task.labels))
        return [float(share) for share in counts / counts.sum()]

    def _weights(self, fold: Fold, weigh: Weigh) -> list[float]:
        return TASKS[self.recipe.task.kind].balance(
            self.truth[fold.train], len(self.recipe.task.labels), weigh
        )

    def _trained(self, member: Member) -> Trained:
        return Trained(
            index=member.index,
            is_finished=member.is_finished,
            weights=member.weights(self.recipe.training.keep),
            history=member.history,
            fold=member.index % len(self.folds),
            steps=member.step,
            stopped=member.stopped,
        )


def _as_tensor(truth: Truth) -> torch.Tensor:
    """Class indices stay whole numbers; all else is what the network computes in."""
    tensor = torch.from_numpy(np.asarray(truth))
    return tensor if tensor.dtype == torch.int64 else tensor.to(torch.float32)
