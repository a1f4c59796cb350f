"""Losses for one of K classes: cross-entropy, focal, and ordinal.

Targets are class indices from 0, shape (B,), or shares of the classes, shape (B, K), as mixed
cases (mixup) have them. With class weights w the mean over cases is weighted by Σ_k w_k y_k.
With smoothing ε, y_k becomes (1 - ε) y_k + ε / K (Szegedy et al. 2016, Rethinking the Inception
architecture, section 7).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from scanwright.base import ShapeError
from scanwright.losses.decode import decode_ordinal, decode_softmax, log_ordinal, log_softmax
from scanwright.losses.loss import Loss, check_same_shape
from scanwright.losses.options import FOCAL_GAMMA


class CrossEntropy(Loss):
    """Cross-entropy: L = -Σ_k w_k y_k log p_k, p = softmax of the logits."""

    name = "cross_entropy"
    knobs = ("weights", "smoothing")

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; logits (B, K), target (B,) or (B, K)."""
        log_chances = log_softmax(logits)
        return mean_over_cases(self, -log_chances, target)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the weights of the cases, added up."""
        return mass_of_classes(self, logits.shape[1], target)

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, K) into probabilities (B, K)."""
        return decode_softmax(logits)


class FocalLoss(Loss):
    """Focal loss: L = -Σ_k w_k y_k (1 - p_k)^γ log p_k (Lin et al. 2017, equation 5).

    The weights are the paper's α; γ = 0 is cross-entropy.
    """

    name = "focal"
    knobs = ("weights", "smoothing", "gamma")

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; logits (B, K), target (B,) or (B, K)."""
        gamma = FOCAL_GAMMA if self.options.gamma is None else self.options.gamma
        log_chances = log_softmax(logits)
        # The floor keeps the slope finite where p = 1 and γ < 1.
        missing = (-torch.expm1(log_chances)).clamp(min=torch.finfo(log_chances.dtype).eps)
        return mean_over_cases(self, -log_chances * missing**gamma, target)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the weights of the cases, added up."""
        return mass_of_classes(self, logits.shape[1], target)

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, K) into probabilities (B, K)."""
        return decode_softmax(logits)


class OrdinalCrossEntropy(Loss):
    """Cross-entropy over K ordered classes from K - 1 conditional logits.

    Logit k, from 0, is the log-odds of passing class k once it is reached, so that classes
    share what separates them. It is the likelihood of the CORN model (Shi, Cao and Raschka
    2021), averaged over cases rather than over conditional examples.
    """

    name = "ordinal"
    knobs = ("weights", "smoothing")

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; logits (B, K - 1), target (B,) or (B, K)."""
        return mean_over_cases(self, -log_ordinal(logits), target)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the weights of the cases, added up."""
        return mass_of_classes(self, logits.shape[1] + 1, target)

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, K - 1) into probabilities (B, K)."""
        return decode_ordinal(logits)

    def outputs(self, classes: int) -> int:
        """Return one less than the number of classes."""
        return classes - 1


def mean_over_cases(loss: Loss, costs: Tensor, target: Tensor) -> Tensor:
    """Average Σ_k w_k y_k · cost_k over cases; costs have the shape (B, K)."""
    truth = _shares(target, costs)
    smoothing = loss.options.smoothing
    smooth = truth * (1 - smoothing) + smoothing / costs.shape[1]
    weights = loss.weights_for(costs.shape[1], costs)
    if weights is None:
        return (costs * smooth).sum(dim=1).mean()
    total = (truth * weights).sum()
    # A batch that holds only classes of weight 0 is divided by 1.
    scale = torch.where(total > 0, total, torch.ones_like(total))
    return (costs * smooth * weights).sum() / scale


def mass_of_classes(loss: Loss, classes: int, target: Tensor) -> Tensor:
    """Return Σ_i Σ_k w_k y_ik: what `mean_over_cases` divides by."""
    like = torch.empty((len(target), classes), dtype=torch.float64, device=target.device)
    weights = loss.weights_for(classes, like)
    if weights is None:
        return like.new_tensor(float(len(target)))
    return (_shares(target, like) * weights).sum()


def _shares(target: Tensor, like: Tensor) -> Tensor:
    """Turn class indices (B,) or shares (B, K) into shares (B, K) in the type of `like`."""
    if target.ndim != 1:
        check_same_shape(like, target)
        return target.to(like)
    if target.shape[0] != like.shape[0]:
        raise ShapeError(
            "Outputs and targets differ in the number of cases.",
            got=target.shape[0],
            legal=like.shape[0],
        )
    return F.one_hot(target.long(), like.shape[1]).to(like)
