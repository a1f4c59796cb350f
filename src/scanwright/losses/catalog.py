"""The losses by name."""

from scanwright.base import Catalog
from scanwright.losses.boxes import Atss, TaskAligned
from scanwright.losses.classify import CrossEntropy, FocalLoss, OrdinalCrossEntropy
from scanwright.losses.imbalance import LogitAdjustedCrossEntropy, MarginCrossEntropy
from scanwright.losses.label import BinaryCrossEntropy
from scanwright.losses.loss import Loss
from scanwright.losses.masks import (
    BinaryFocalTversky,
    DiceBinaryBoundary,
    DiceBinaryCrossEntropy,
    DiceBinaryFocal,
    DiceBoundary,
    DiceCrossEntropy,
    DiceFocal,
    FocalTversky,
    TverskyBinaryCrossEntropy,
    TverskyCrossEntropy,
)
from scanwright.losses.number import HuberLoss, MeanAbsoluteError, MeanSquaredError
from scanwright.losses.options import LossOptions

LOSSES: Catalog[type[Loss]] = Catalog(
    "loss",
    {
        "atss": Atss,
        "binary_cross_entropy": BinaryCrossEntropy,
        "binary_focal_tversky": BinaryFocalTversky,
        "cross_entropy": CrossEntropy,
        "dice_binary_boundary": DiceBinaryBoundary,
        "dice_binary_cross_entropy": DiceBinaryCrossEntropy,
        "dice_binary_focal": DiceBinaryFocal,
        "dice_boundary": DiceBoundary,
        "dice_cross_entropy": DiceCrossEntropy,
        "dice_focal": DiceFocal,
        "focal": FocalLoss,
        "focal_tversky": FocalTversky,
        "huber": HuberLoss,
        "ldam": MarginCrossEntropy,
        "logit_adjusted": LogitAdjustedCrossEntropy,
        "mean_absolute_error": MeanAbsoluteError,
        "mean_squared_error": MeanSquaredError,
        "ordinal": OrdinalCrossEntropy,
        "task_aligned": TaskAligned,
        "tversky_binary_cross_entropy": TverskyBinaryCrossEntropy,
        "tversky_cross_entropy": TverskyCrossEntropy,
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
