"""What every loss is: a scalar from outputs and targets, and the way back to probabilities."""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn, tensor

from scanwright.base import RecipeError, ShapeError
from scanwright.losses.options import LossOptions, refuse_other_knobs


class Loss(nn.Module, ABC):
    """A loss: the mean over cases, so that it does not depend on the size of the batch.

    A loss names itself and the knobs in LossOptions that it has; the others are refused.

    Parameters
    ----------
    options
        Its knobs.

    Raises
    ------
    RecipeError
        A knob is set that it lacks.
    """

    name: ClassVar[str]
    knobs: ClassVar[tuple[str, ...]]
    weights: Tensor | None

    def __init__(self, options: LossOptions) -> None:
        super().__init__()
        refuse_other_knobs(self.name, options, self.knobs)
        self.options = options
        weights = None if options.weights is None else tensor(options.weights)
        self.register_buffer("weights", weights, persistent=False)

    @abstractmethod
    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the loss as a scalar; logits have the shape (B, outputs)."""

    @abstractmethod
    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, outputs) into probabilities or numbers (B, classes)."""

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return what the mean is divided by, so that the parts of a batch add up to the whole.

        The loss of a batch is Σ loss · mass / Σ mass over its parts. Here: the number of cases.
        """
        return logits.new_tensor(float(len(target)), dtype=torch.float64)

    def outputs(self, classes: int) -> int:
        """Return the number of outputs that a network needs for so many classes or numbers."""
        return classes

    def weights_for(self, count: int, like: Tensor) -> Tensor | None:
        """Return the weights in the type of `like`, or None where all are equal.

        Raises
        ------
        RecipeError
            Their number is not `count`.
        """
        if self.weights is None:
            return None
        if self.weights.numel() != count:
            raise RecipeError(
                "The loss has the wrong number of weights.",
                got=self.weights.numel(),
                legal=count,
                where="loss.weights",
            )
        return self.weights.to(like)


def check_same_shape(logits: Tensor, target: Tensor) -> None:
    """Check that there is one target number for each output.

    Raises
    ------
    ShapeError
        The shapes differ.
    """
    if logits.shape != target.shape:
        raise ShapeError(
            "Outputs and targets differ in shape.",
            got=f"target {tuple(target.shape)}",
            legal=tuple(logits.shape),
        )
