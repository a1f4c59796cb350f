"""The members of an ensemble: what each trains on, its state on disk, and what it answers."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import nn

from scanwright.base import SILENT, Progress
from scanwright.image import Floats
from scanwright.inference import Compute, Views, to_device
from scanwright.recipe import Recipe, assemble_network
from scanwright.training.budget import Costs, Pace
from scanwright.training.checkpoint import Checkpoint, Tensors
from scanwright.training.loop import Job, time_step, train_member
from scanwright.training.material import Fold, Material, Means
from scanwright.training.member import History, Member
from scanwright.training.timing import side_by_side

KEEP_EVERY_SECONDS = 20.0
"""State is written at most this often inside a member; more often would cost more than it saves."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What one member has come to.

    Parameters
    ----------
    answered
        What it said of its validation cases by how they were shown, once that is known for good.
    """

    index: int
    weights: Tensors
    history: History
    fold: int
    steps: int
    stopped: str
    is_finished: bool
    answered: dict[Views, Floats] = field(default_factory=dict, compare=False, repr=False)


@dataclass(slots=True)
class Fit:
    """One run of training.

    Parameters
    ----------
    material
        What is learnt from.
    folds
        Member i uses fold i modulo their number.
    folder
        Where states are kept.
    keep_best
        Called with a member whenever its state was kept, finished or not.
    """

    recipe: Recipe
    material: Material
    folds: Sequence[Fold]
    folder: Path
    compute: Compute
    memory_bytes: int
    keep_best: Callable[[Trained], None]
    pace: Pace | None = None
    progress: Progress = SILENT
    _last_kept: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.material.check(self.recipe)

    @property
    def means(self) -> Means:
        """What the machine gives."""
        return Means(self.compute, self.memory_bytes)

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
        self.material.judge(self.recipe, self.folds[0], self.means).verdict(network)
        return Costs(step=step, validation=time.perf_counter() - started)

    @property
    def steps_per_epoch(self) -> float:
        """Steps in which a member sees as much as there is to learn from."""
        phases = self.material.phases(self.recipe, self.folds[0], 0, self.means)
        return phases[-1].feed.steps_per_epoch

    def network(self, member: Trained) -> nn.Module:
        """Return a member's network, with its weights, ready to answer."""
        network = assemble_network(self.recipe)
        network.load_state_dict(member.weights)
        return to_device(network, self.compute.device).eval()

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
            phases=self.material.phases(recipe, fold, index, self.means),
            judge=self.material.judge(recipe, fold, self.means),
            keep_state=keep_state,
            pace=self._adjust,
            progress=self.progress,
        )

    def _adjust(self, member: Member) -> int:
        if self.pace is None:
            return member.total
        per_step = member.seconds / max(member.step, 1)
        after = self._rounds_from(member.index) - 1
        return self.pace.total_for_current(member.step, member.total, per_step, after)

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
