"""The training loop of one member, from wherever it stands to its end."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from scanwright.base import SILENT, Progress, ScanwrightError
from scanwright.inference import Compute
from scanwright.losses import Loss
from scanwright.recipe import Recipe
from scanwright.training.forward import finest, logits_of
from scanwright.training.interrupt import interrupts_held
from scanwright.training.material import Batch, Judge, Phase
from scanwright.training.member import Member, snapshot

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """What a member trains on, and how."""

    recipe: Recipe
    compute: Compute
    phases: tuple[Phase, ...]
    judge: Judge
    keep_state: Callable[[Member, bool], None]
    pace: Callable[[Member], int] = field(default=lambda member: member.total)
    progress: Progress = SILENT
    clock: Callable[[], float] = time.monotonic

    def phase_at(self, done: float) -> Phase:
        """Return the phase at a share of the training."""
        return [phase for phase in self.phases if phase.start <= done][-1]

    @property
    def draws_in_network(self) -> bool:
        """Whether the network itself draws at random while it trains."""
        return self.recipe.network.dropout > 0 or self.recipe.network.drop_path > 0


def train_member(member: Member, job: Job) -> None:
    """Train until the schedule ends, patience runs out, or the user interrupts.

    The member's state is handed to `job.keep_state` after every validation, and, as a must, at the
    end and on an interrupt: between steps only, for in the middle of one it is not whole.
    """
    if member.is_finished:
        return
    started = job.clock() - member.seconds
    member.network.train()
    is_whole = True
    with interrupts_held() as let_out:
        try:
            while member.step < member.total and not member.stopped:
                is_whole = False
                was_validated = _advance(member, job, started)
                is_whole = True
                if was_validated:
                    job.keep_state(member, False)
                job.progress.step(1, note=f"network {member.index + 1}, loss {member.loss:.3f}")
                let_out()
        except KeyboardInterrupt:
            if is_whole:
                job.keep_state(member, True)
            raise
        member.is_finished = True
        job.keep_state(member, True)


def _advance(member: Member, job: Job, started: float) -> bool:
    """Take one step, and validate where it is due; return whether it was."""
    loss = _step(member, job)
    member.advance(loss)
    member.average.update(member.network, member.step - 1)
    member.seconds = job.clock() - started
    if member.done * job.recipe.training.validations < member.validated + 1 - 1e-9:
        return False
    _validate(member, job)
    member.seconds = job.clock() - started
    member.total = job.pace(member)
    return True


def _step(member: Member, job: Job) -> float:
    """Take one step of the optimiser; return the loss."""
    phase = job.phase_at(member.done)
    batch = phase.feed.batch_at(member.step)
    rate = job.recipe.optimiser.rate * member.schedule.factor(member.done)
    for group in member.optimiser.param_groups:
        group["lr"] = rate
    total = _backward(member, job, batch, phase.loss)
    if not math.isfinite(total):
        raise ScanwrightError(
            "Training diverged: the loss is not a finite number.",
            got=total,
            next="lower optimiser.rate, for example to a third, and run again",
            where=f"member {member.index + 1}, step {member.step}",
        )
    if job.recipe.optimiser.clip:
        nn.utils.clip_grad_norm_(member.network.parameters(), job.recipe.optimiser.clip)
    member.optimiser.step()
    member.optimiser.zero_grad(set_to_none=True)
    return total


def _backward(member: Member, job: Job, batch: Batch, criterion: Loss) -> float:
    """Leave the slope of a batch's mean loss in the network; return the loss.

    The mean of a batch in parts is over all its images and weights: each part counts by its mass.
    """
    seed = (job.recipe.training.seed, member.index, 2, member.step)
    first, total, mass = 0, 0.0, 0.0
    for images, truth in batch.parts:
        with _seeded((*seed, first), is_needed=job.draws_in_network):
            outputs = logits_of(member.network, images, job.compute)
        loss: torch.Tensor = criterion(outputs, truth)
        if len(images) == batch.images:
            torch.autograd.backward(loss)
            return loss.item()
        own = float(criterion.mass(finest(outputs), truth))
        torch.autograd.backward(loss * (own / batch.images))
        total += loss.item() * own
        mass += own
        first += len(images)
    for parameter in member.network.parameters():
        if parameter.grad is not None:
            parameter.grad *= batch.images / (mass or 1.0)
    return total / (mass or 1.0)


@contextmanager
def _seeded(seed: tuple[int, ...], *, is_needed: bool) -> Iterator[None]:
    """Seed torch's own generator, from which dropout draws, so that resuming is exact."""
    if not is_needed:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
        yield


def _validate(member: Member, job: Job) -> None:
    verdict = job.judge.verdict(member.average.network)
    loss, merit = verdict.loss, verdict.merit
    member.validated += 1
    member.schedule.validated(loss)
    member.history.append(
        {
            "step": member.step,
            "epoch": member.step / job.phases[-1].feed.steps_per_epoch,
            "train_loss": member.loss,
            "validation_loss": loss,
            "merit": merit,
            "rate": job.recipe.optimiser.rate * member.schedule.factor(member.done),
            "seconds": round(member.seconds, 3),
            **verdict.more,
        }
    )
    logger.info("member %d step %d loss %.4f merit %.4f", member.index, member.step, loss, merit)
    # A tie in the figure of merit goes to the lower loss: small sets saturate it.
    value = merit - 1e-3 * loss
    if value > member.best:
        member.best, member.waited = value, 0
        member.best_weights = snapshot(member.average.network)
    else:
        member.waited += 1
    patience = job.recipe.training.patience
    if patience and member.waited >= patience:
        member.stopped = f"no better on validation for {patience} validations"


def time_step(member: Member, job: Job, *, warm_up: int = 3, counted: int = 8) -> float:
    """Return the median seconds of a training step, on a member that is thrown away after."""
    member.network.train()
    times = []
    for index in range(warm_up + counted):
        started = time.perf_counter()
        loss = _step(member, job)
        member.advance(loss)
        member.average.update(member.network, member.step - 1)
        job.compute.wait()
        if index >= warm_up:
            times.append(time.perf_counter() - started)
    return float(np.median(times))
