"""One network in training: weights, optimiser, average and history, kept and restored whole."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from scanwright.base import FileError
from scanwright.recipe import Recipe, assemble_network
from scanwright.training.average import Average
from scanwright.training.checkpoint import (
    Checkpoint,
    Tensors,
    optimiser_tensors,
    restore_optimiser,
)
from scanwright.training.layout import placed
from scanwright.training.optimise import build_optimiser
from scanwright.training.schedule import Schedule

History = list[dict[str, Any]]  # Any: numbers of different kinds by name


@dataclass(slots=True)
class Member:
    """One network of the ensemble, at some step of its training."""

    index: int
    total: int
    network: nn.Module
    optimiser: torch.optim.Optimizer
    average: Average
    schedule: Schedule
    step: int = 0
    done: float = 0.0
    validated: int = 0
    waited: int = 0
    best: float = -math.inf
    best_weights: Tensors = field(default_factory=dict)
    history: History = field(default_factory=list)
    loss: float = 0.0
    seconds: float = 0.0
    stopped: str = ""
    is_finished: bool = False

    @classmethod
    def start(cls, recipe: Recipe, index: int, total: int, device: torch.device) -> "Member":
        """Build a member with fresh weights from the recipe's seed."""
        network = assemble_network(recipe, seed=recipe.training.seed * 1009 + index)
        network = placed(network, recipe.network.name, device)
        return cls(
            index=index,
            total=total,
            network=network,
            optimiser=build_optimiser(network, recipe.optimiser),
            average=Average(network, recipe.training.average),
            schedule=Schedule(recipe.schedule),
        )

    def advance(self, loss: float) -> None:
        """Count one step; the rest of the schedule is spread over the rest of the steps."""
        self.loss = loss if self.step == 0 else 0.95 * self.loss + 0.05 * loss
        self.done += (1.0 - self.done) / max(self.total - self.step, 1)
        self.step += 1

    def weights(self, keep: str) -> Tensors:
        """Return the weights to keep: of the last step, or of the best validation."""
        if keep == "best" and self.best_weights:
            return self.best_weights
        return snapshot(self.average.network)

    def write(self, path: Path) -> None:
        """Write the whole state."""
        facts = {
            "index": self.index,
            "total": self.total,
            "step": self.step,
            "done": self.done,
            "validated": self.validated,
            "waited": self.waited,
            "best": self.best if math.isfinite(self.best) else None,
            "history": self.history,
            "loss": self.loss,
            "seconds": self.seconds,
            "stopped": self.stopped,
            "is_finished": self.is_finished,
            "schedule": [
                self.schedule.cut,
                self.schedule.lowest if math.isfinite(self.schedule.lowest) else None,
                self.schedule.waited,
            ],
        }
        tensors = {
            "network": snapshot(self.network),
            "average": snapshot(self.average.network),
            "optimiser": optimiser_tensors(self.optimiser),
            "best": self.best_weights,
        }
        Checkpoint(tensors, facts).write(path)

    @classmethod
    def restore(cls, path: Path, recipe: Recipe, device: torch.device) -> "Member":
        """Read a member back.

        Raises
        ------
        FileError
            The file is damaged, or belongs to another recipe.
        """
        saved = Checkpoint.read(path)
        try:
            return cls._restored(saved, recipe, device)
        except (KeyError, ValueError, TypeError, IndexError, RuntimeError) as error:
            raise FileError(
                "The saved state does not fit the recipe's network.",
                next="delete this file to start its member again",
                where=path,
            ) from error

    @classmethod
    def _restored(cls, saved: Checkpoint, recipe: Recipe, device: torch.device) -> "Member":
        facts = saved.facts
        member = cls.start(recipe, facts["index"], facts["total"], device)
        member.network.load_state_dict(saved.tensors["network"])
        member.average.network.load_state_dict(saved.tensors["average"])
        restore_optimiser(member.optimiser, saved.tensors.get("optimiser", {}))
        member.best_weights = saved.tensors.get("best", {})
        for name in (
            "step",
            "done",
            "validated",
            "waited",
            "loss",
            "history",
            "seconds",
            "stopped",
        ):
            setattr(member, name, facts[name])
        member.is_finished = facts["is_finished"]
        member.best = -math.inf if facts["best"] is None else facts["best"]
        cut, lowest, waited = facts["schedule"]
        member.schedule.cut, member.schedule.waited = cut, waited
        member.schedule.lowest = math.inf if lowest is None else lowest
        return member


def snapshot(network: nn.Module) -> Tensors:
    """Copy a network's weights and statistics to memory."""
    return {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in network.state_dict().items()
    }
