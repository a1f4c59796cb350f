"""The terms that losses for masks are sums of; each a scalar from elements.

Sums over space are in single precision at least, whatever the network computed in. A case about
which nothing is known is left out; where that is all of them, a term is 0.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from scanwright.losses.mask_truth import Elements

SMOOTH = 1e-5
"""Added above and below a ratio: a class that is absent and not found has overlap 1."""

MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
RIM_EDGE = 3
REACH_EDGE = 5


def cross_entropy(elements: Elements, gamma: float = 0.0) -> Tensor:
    """Average -(1 - p)^γ log p of the truth over the elements of a case, then over cases.

    With γ = 0 cross-entropy, else the focal loss (Lin et al. 2017, equation 4). With factors f
    the mean over elements is Σ f cost / Σ f.
    """
    costs = -elements.log_chances
    if gamma:
        # The floor keeps the slope finite where p = 1 and γ < 1.
        floor = torch.finfo(costs.dtype).eps
        costs = costs * (-torch.expm1(elements.log_chances)).clamp(min=floor) ** gamma
    weights = elements.known
    if elements.factors is not None:
        weights = weights * elements.factors
    total = weights.flatten(1).sum(1)  # (B,)
    mean = (costs * weights).flatten(1).sum(1) / total.clamp(min=torch.finfo(costs.dtype).tiny)
    return mean_of_cases(mean.unsqueeze(1), elements.known.flatten(1).amax(1, keepdim=True) > 0)


def tversky_overlap(elements: Elements, missed: float, *, is_batch: bool) -> tuple[Tensor, Tensor]:
    """Measure the overlap of chances and truth, 0 to 1, class by class.

    T = (TP + s) / (TP + (1 - β) FP + β FN + s), β being `missed` (Salehi et al. 2017, Tversky
    loss function, equation 2, α = 1 - β). With β = 1/2 it is soft Dice (Milletari et al. 2016,
    with sums of chances below the line, not of their squares), s = 1e-5 / 2.

    Parameters
    ----------
    missed
        Weight of what is missed, 0 to 1.
    is_batch
        Add up over all cases before dividing, so that a class that is absent from a case is
        judged together with cases that hold it.

    Returns
    -------
    Overlaps, and whether each counts; shape (B, K), or (1, K) for a batch.
    """
    chances = elements.chances * elements.known
    truth = elements.truth * elements.known
    inside = (chances * truth).flatten(2).sum(2)  # (B, K)
    guessed, true = chances.flatten(2).sum(2), truth.flatten(2).sum(2)
    counts = elements.known.flatten(2).amax(2).expand_as(inside) > 0
    if is_batch:
        inside, guessed, true = (part.sum(0, keepdim=True) for part in (inside, guessed, true))
        counts = counts.any(0, keepdim=True)
    below = inside + (1 - missed) * (guessed - inside) + missed * (true - inside)
    return (inside + SMOOTH / 2) / (below + SMOOTH / 2), counts


def overlap_loss(
    elements: Elements, *, missed: float = 0.5, power: float = 1.0, is_batch: bool = False
) -> Tensor:
    """Average (1 - T)^power over classes and cases, T as in `tversky_overlap`.

    With power 3/4 the focal Tversky loss (Abraham and Khan 2019, equation 4, γ = 4/3), which
    dwells on classes that are badly found.
    """
    overlap, counts = tversky_overlap(elements, missed, is_batch=is_batch)
    lacking = 1 - overlap
    if power != 1:
        lacking = lacking.clamp(min=torch.finfo(lacking.dtype).eps) ** power
    return mean_of_cases(lacking, counts)


def boundary_loss(elements: Elements) -> Tensor:
    """Average 1 - F of the rims over classes and cases.

    The rim of a map m is what a maximum over 3 elements along each axis adds to 1 - m: its
    inner layer, one element thick. A rim is found where it lies in the other's, widened by two
    elements; F = 2 P R / (P + R) (Bokhovkin and Burnaev 2019, Boundary loss for remote sensing
    imagery, equations 2 to 5). Interiors count for nothing, so that thin and tiny structures
    weigh as much as large ones. A class that is absent from a case costs nothing there.
    """
    known = elements.known
    guessed = rim(elements.chances * known) * known
    true = rim(elements.truth * known) * known
    precision = ((guessed * widened(true, REACH_EDGE)).flatten(2).sum(2) + SMOOTH) / (
        guessed.flatten(2).sum(2) + SMOOTH
    )
    recall = ((true * widened(guessed, REACH_EDGE)).flatten(2).sum(2) + SMOOTH) / (
        true.flatten(2).sum(2) + SMOOTH
    )
    score = 2 * precision * recall / (precision + recall)
    present = true.flatten(2).amax(2) > 0
    counts = known.flatten(2).amax(2).expand_as(score) > 0
    return mean_of_cases(torch.where(present, 1 - score, 0), counts)


def rim(maps: Tensor) -> Tensor:
    """Return the inner layer of maps (B, K, *space) of 0 to 1.

    >>> rim(torch.tensor([[[0.0, 1, 1, 1, 0]]]))
    tensor([[[0., 1., 0., 1., 0.]]])
    """
    outside = 1 - maps
    return widened(outside, RIM_EDGE) - outside


def widened(maps: Tensor, edge: int) -> Tensor:
    """Return the maximum over `edge` elements along each axis."""
    rank = maps.ndim - 2
    # A box's maximum is that of its rows' maxima: one axis at a time takes far fewer steps.
    for axis in range(rank):
        window = tuple(edge if other == axis else 1 for other in range(rank))
        padding = tuple(by // 2 for by in window)
        maps = MAX_POOL[rank](maps, window, stride=1, padding=padding)
    return maps


def mean_of_cases(costs: Tensor, counts: Tensor) -> Tensor:
    """Average costs (B, K) over the classes that count, then over cases where any does."""
    weights = counts.to(costs)
    by_case = (costs * weights).sum(1) / weights.sum(1).clamp(min=1)
    present = counts.any(1).to(costs)
    return (by_case * present).sum() / present.sum().clamp(min=1)
