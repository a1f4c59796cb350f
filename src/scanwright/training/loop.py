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

from scanwright.augmentation import Augmentation, Drawn
from scanwright.base import SILENT, Progress, ScanwrightError
from scanwright.image import Floats
from scanwright.inference import Compute, forward
from scanwright.losses import Loss
from scanwright.recipe import Recipe
from scanwright.training.interrupt import interrupts_held
from scanwright.training.loader import Loader
from scanwright.training.member import Member, snapshot
from scanwright.training.sampler import Rows, Sampler
from scanwright.training.strata import StratifiedSampler
from scanwright.training.validate import predict_rows

logger = logging.getLogger(__name__)

MICRO_BATCH = 256
"""Cases in one pass; larger batches are summed from several passes, which bounds memory."""

Score = Callable[[Floats, Rows], tuple[float, float]]
"""(outputs, rows) → (loss, figure of merit)."""


@dataclass(frozen=True, slots=True)
class Phase:
    """How batches are drawn and judged from `start` on, a share of the training."""

    start: float
    sampler: Sampler | StratifiedSampler
    loss: Loss


@dataclass(slots=True)
class Job:
    """What a member trains on, and how."""

    recipe: Recipe
    compute: Compute
    loader: Loader
    truth: torch.Tensor
    phases: tuple[Phase, ...]
    validation_rows: Rows
    score: Score
    augmentation: Augmentation
    keep_state: Callable[[Member, bool], None]
    pace: Callable[[Member], int] = field(default=lambda member: member.total)
    progress: Progress = SILENT
    clock: Callable[[], float] = time.monotonic

    @property
    def sampler(self) -> Sampler | StratifiedSampler:
        """The sampler of the last phase."""
        return self.phases[-1].sampler

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
    rows = phase.sampler.batch_at(member.step)
    rate = job.recipe.optimiser.rate * member.schedule.factor(member.done)
    for group in member.optimiser.param_groups:
        group["lr"] = rate
    seed = (*phase.sampler.seed, 2, member.step)
    total = _backward(member.network, job, phase, rows, seed)
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


def _backward(
    network: nn.Module, job: Job, phase: Phase, rows: Rows, seed: tuple[int, ...]
) -> float:
    """Leave the slope of a batch's mean loss in the network; return the loss.

    The mean of a batch in parts is over all its cases and weights: each part counts by its mass.
    """
    if len(rows) <= MICRO_BATCH:
        loss: torch.Tensor = phase.loss(*_answers(network, job, rows, (*seed, 0)))
        torch.autograd.backward(loss)
        return loss.item()
    total, mass = 0.0, 0.0
    for first in range(0, len(rows), MICRO_BATCH):
        part = rows[first : first + MICRO_BATCH]
        outputs, truth = _answers(network, job, part, (*seed, first))
        loss, own = phase.loss(outputs, truth), float(phase.loss.mass(outputs, truth))
        torch.autograd.backward(loss * (own / len(rows)))
        total += loss.item() * own
        mass += own
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.grad *= len(rows) / (mass or 1.0)
    return total / (mass or 1.0)


def _answers(
    network: nn.Module, job: Job, rows: Rows, seed: tuple[int, ...]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what the network answers to some cases, and what is true of them."""
    images = job.loader.gather(rows)  # (B, C, *size)
    truth = job.truth[torch.from_numpy(rows)]
    if job.augmentation.options.is_active:
        drawn = job.augmentation.draw(tuple(images.shape[1:]), np.arange(len(rows)), seed)
        images = job.augmentation.apply(images, drawn)
        truth = mixed_truth(truth, drawn, len(job.recipe.task.labels))
    with _seeded(seed, is_needed=job.draws_in_network):
        outputs = forward(network, images, job.compute)
    return outputs, truth.to(job.compute.device)


@contextmanager
def _seeded(seed: tuple[int, ...], *, is_needed: bool) -> Iterator[None]:
    """Seed torch's own generator, from which dropout draws, so that resuming is exact."""
    if not is_needed:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
        yield


def mixed_truth(truth: torch.Tensor, drawn: Drawn, classes: int) -> torch.Tensor:
    """Mix truths as their images were mixed; class indices become shares where they are mixed."""
    own = torch.from_numpy(drawn.weight)
    if bool((own == 1).all()):
        return truth
    if truth.ndim == 1:
        truth = nn.functional.one_hot(truth, classes)
    shares = own.to(torch.float32)[:, None]
    mixed = shares * truth + (1 - shares) * truth[torch.from_numpy(drawn.partner)]
    return mixed.to(torch.float32)


def _validate(member: Member, job: Job) -> None:
    outputs = predict_rows(
        member.average.network,
        job.loader,
        job.validation_rows,
        job.compute,
        batch=job.recipe.inference.batch,
    )
    loss, merit = job.score(outputs, job.validation_rows)
    member.validated += 1
    member.schedule.validated(loss)
    member.history.append(
        {
            "step": member.step,
            "epoch": member.step / job.sampler.steps_per_epoch,
            "train_loss": member.loss,
            "validation_loss": loss,
            "merit": merit,
            "rate": job.recipe.optimiser.rate * member.schedule.factor(member.done),
            "seconds": round(member.seconds, 3),
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
