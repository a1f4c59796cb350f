"""The terms that losses for boxes are made of: how well boxes fit, and how sure cells should be."""

import torch
from torch import Tensor
from torch.nn import functional

TINY = 1e-9
"""Least volume and overlap, so that boxes without extent divide nothing by zero."""
SMALLEST_GAP = 1e-6
"""Least gap between chance and target in the focal factor, whose slope may be infinite at 0."""


def overlap(low: Tensor, high: Tensor, other_low: Tensor, other_high: Tensor) -> Tensor:
    """Return intersection over union of boxes, by broadcasting.

    Parameters
    ----------
    low, high, other_low, other_high
        Edges, the axes first: shape (D, ...).

    Returns
    -------
    Shape (...), 0 where boxes do not meet or have no extent.
    """
    shared, united, _ = _volumes(low, high, other_low, other_high)
    return shared / united


def generalised_overlap(low: Tensor, high: Tensor, other_low: Tensor, other_high: Tensor) -> Tensor:
    """Return the generalised intersection over union, from -1 (far apart) to 1 (equal).

    IoU - (hull - union) / hull (Rezatofighi et al. 2019, Generalized intersection over union,
    algorithm 1), with the hull being the smallest box around both. Of the losses for boxes it is
    the one that means the same for any number of axes, and its slope does not vanish where boxes
    do not meet.

    Parameters
    ----------
    low, high, other_low, other_high
        Edges, the axes first: shape (D, ...).
    """
    shared, united, hull = _volumes(low, high, other_low, other_high)
    return shared / united - (hull - united) / hull


def edge_error(
    low: Tensor, high: Tensor, true_low: Tensor, true_high: Tensor, stride: Tensor
) -> Tensor:
    """Return the mean distance of the edges of paired boxes, as a share of the true box.

    A box much smaller than the one proposed around it changes their overlap so little that its
    slope vanishes, the more axes the sooner; this distance shrinks steadily. Boxes smaller than a
    stride are measured in strides.

    Parameters
    ----------
    low, high, true_low, true_high
        Edges, shape (D, P).
    stride
        Of the cell that proposes each box, shape (P,).
    """
    gaps = ((low - true_low).abs() + (high - true_high).abs()) / 2  # (D, P)
    return (gaps / torch.maximum(true_high - true_low, stride)).mean(dim=0)


def quality_focal(logits: Tensor, target: Tensor, gamma: float) -> Tensor:
    """Return the cost of each chance against a soft target.

    |y - σ(z)|^γ · H(y, σ(z)) with H the binary cross-entropy (Li et al. 2020, Generalized focal
    loss, equation 5; Feng et al. 2021, TOOD, equation 9). Its least value is at σ(z) = y, where it
    is 0.

    Parameters
    ----------
    logits, target
        Of one shape; targets from 0 to 1.
    gamma
        How strongly what is nearly right is passed over.
    """
    costs = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    if gamma == 0:
        return costs
    gap = (torch.sigmoid(logits) - target).abs()
    return costs * gap.clamp(min=SMALLEST_GAP).pow(gamma)


def _volumes(
    low: Tensor, high: Tensor, other_low: Tensor, other_high: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the volumes of intersection, union and hull; axis by axis, to save memory."""
    shared: Tensor | float = 1.0
    one: Tensor | float = 1.0
    other: Tensor | float = 1.0
    hull: Tensor | float = 1.0
    for a, b, c, d in zip(low, high, other_low, other_high, strict=True):
        shared = shared * (torch.minimum(b, d) - torch.maximum(a, c)).clamp(min=0)
        hull = hull * (torch.maximum(b, d) - torch.minimum(a, c)).clamp(min=0)
        one = one * (b - a).clamp(min=0)
        other = other * (d - c).clamp(min=0)
    assert isinstance(shared, Tensor)
    assert isinstance(hull, Tensor)
    united = torch.as_tensor(one + other - shared).clamp(min=TINY)
    return shared, united, hull.clamp(min=TINY)
