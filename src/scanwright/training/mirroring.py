"""Whether mirrored views of a window are worth their time: validation decides."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from scanwright.inference import Compute, ensemble_forward
from scanwright.training.fit import Fit, Trained

LEAST_GAIN = 0.002
"""Figure of merit that mirroring must add: n axes make an answer 2^n times as slow."""


class Mirrored(nn.Module):
    """A network that also sees each window mirrored, along some axes in all combinations."""

    def __init__(self, network: nn.Module, compute: Compute, axes: tuple[int, ...]) -> None:
        super().__init__()
        self._forward = ensemble_forward([network], compute, axes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Take (B, C, *size), give the mean of the logits over the views."""
        return self._forward(images)


def choose_mirrors(fit: Fit, members: Sequence[Trained]) -> tuple[tuple[int, ...], str]:
    """Return the axes along which windows are worth mirroring, and why.

    All axes that training mirrors, or none.
    """
    axes = fit.recipe.augmentation.flips
    if not axes:
        return (), "training mirrors nothing"
    plain, mirrored = (_merit(fit, members, tried) for tried in ((), axes))
    says = f"mirrored views bring the figure of merit from {plain:.4f} to {mirrored:.4f}"
    if mirrored - plain < LEAST_GAIN:
        return (), f"{says}, which is not worth {2 ** len(axes)} times the time"
    return axes, says


def _merit(fit: Fit, members: Sequence[Trained], axes: tuple[int, ...]) -> float:
    """Return the mean figure of merit of the members, each on its own validation cases."""
    merits = []
    for member in members:
        judge = fit.material.judge(fit.recipe, fit.folds[member.fold], fit.means)
        merits.append(judge.verdict(Mirrored(fit.network(member), fit.compute, axes)).merit)
    return float(np.mean(merits))
