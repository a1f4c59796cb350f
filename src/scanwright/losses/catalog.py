"""The losses by name."""

from scanwright.base import Catalog
from scanwright.losses.classify import CrossEntropy, FocalLoss, OrdinalCrossEntropy
from scanwright.losses.imbalance import LogitAdjustedCrossEntropy, MarginCrossEntropy
from scanwright.losses.label import BinaryCrossEntropy
from scanwright.losses.loss import Loss
from scanwright.losses.number import HuberLoss, MeanAbsoluteError, MeanSquaredError
from scanwright.losses.options import LossOptions

LOSSES: Catalog[type[Loss]] = Catalog(
    "loss",
    {
        "binary_cross_entropy": BinaryCrossEntropy,
        "cross_entropy": CrossEntropy,
        "focal": FocalLoss,
        "huber": HuberLoss,
        "ldam": MarginCrossEntropy,
        "logit_adjusted": LogitAdjustedCrossEntropy,
        "mean_absolute_error": MeanAbsoluteError,
        "mean_squared_error": MeanSquaredError,
        "ordinal": OrdinalCrossEntropy,
    },
    group="scanwright.losses",
)


def build_loss(name: str, options: LossOptions | None = None) -> Loss:
    """Build a loss.

    Raises
    ------
    RecipeError
        The name is unknown, or a setting does not belong to it.

    Examples
    --------
    >>> import torch
    >>> loss = build_loss("cross_entropy")
    >>> round(float(loss(torch.zeros(1, 4), torch.tensor([2]))), 4)
    1.3863
    """
    return LOSSES[name](options or LossOptions())
