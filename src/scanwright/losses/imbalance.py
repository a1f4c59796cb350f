"""Losses for one of K classes of which some are rare: margins, and logits adjusted by frequency."""

import torch
from torch import Tensor

from scanwright.base import RecipeError
from scanwright.losses.classify import mass_of_classes, mean_over_cases
from scanwright.losses.decode import decode_softmax, log_softmax, wide
from scanwright.losses.loss import Loss
from scanwright.losses.options import ADJUSTMENT, LARGEST_MARGIN, LossOptions

RAREST = 1e-6
"""Smallest share taken into account: a class that training lacks has no logarithm of its own."""


class MarginCrossEntropy(Loss):
    """Cross-entropy with a larger margin for rarer classes: LDAM.

    L = -log( exp(z_y - Δ_y) / (exp(z_y - Δ_y) + Σ_{k≠y} exp z_k) ), Δ_k ~ n_k^(-1/4) (Cao et al.
    2019, Learning imbalanced datasets with label-distribution-aware margin loss, equations 11 and
    12), scaled so that the rarest class has the margin that is set. Logits are used as they are,
    not as cosines, so the margin is in logits. Without priors all classes have that margin; with
    a margin of 0 it is cross-entropy.
    """

    name = "ldam"
    knobs = ("weights", "smoothing", "priors", "margin")

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; logits (B, K), target (B,) or (B, K)."""
        values = wide(logits)
        margins = self._margins(values)
        others = values.unsqueeze(1) - torch.diag(margins)  # (B, K, K): row k has z_k - Δ_k
        costs = -torch.log_softmax(others, dim=2).diagonal(dim1=1, dim2=2)  # (B, K)
        return mean_over_cases(self, costs, target)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the weights of the cases, added up."""
        return mass_of_classes(self, logits.shape[1], target)

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, K) into probabilities (B, K)."""
        return decode_softmax(logits)

    def _margins(self, like: Tensor) -> Tensor:
        largest = LARGEST_MARGIN if self.options.margin is None else self.options.margin
        shares = shares_of_classes(self.options, like)
        present = shares[shares > RAREST]
        return largest * (torch.maximum(shares, present.min()) / present.min()) ** -0.25


class LogitAdjustedCrossEntropy(Loss):
    """Cross-entropy of z_k + τ log π_k, π the shares of the classes (Menon et al. 2021).

    Long-tail learning via logit adjustment, equation 10. The network's own outputs are then those
    for classes of equal frequency. With τ = 0, or without priors, it is cross-entropy.
    """

    name = "logit_adjusted"
    knobs = ("weights", "smoothing", "priors", "tau")

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; logits (B, K), target (B,) or (B, K)."""
        tau = ADJUSTMENT if self.options.tau is None else self.options.tau
        values = wide(logits)
        adjusted = values + tau * shares_of_classes(self.options, values).log()
        return mean_over_cases(self, -log_softmax(adjusted), target)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the weights of the cases, added up."""
        return mass_of_classes(self, logits.shape[1], target)

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, K) into probabilities (B, K), those for classes equally frequent."""
        return decode_softmax(logits)


def shares_of_classes(options: LossOptions, like: Tensor) -> Tensor:
    """Return the shares of the classes, shape (K,), no smaller than a millionth; equal if not set.

    Raises
    ------
    RecipeError
        Their number is not that of the outputs.
    """
    count = like.shape[1]
    if options.priors is None:
        return like.new_full((count,), 1 / count)
    if len(options.priors) != count:
        raise RecipeError(
            "The loss has the wrong number of priors.",
            got=len(options.priors),
            legal=count,
            where="loss.priors",
        )
    shares = like.new_tensor(options.priors)
    return (shares / shares.sum()).clamp(min=RAREST)
