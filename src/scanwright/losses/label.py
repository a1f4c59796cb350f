"""The loss for several labels at once, some of which may be unknown."""

import torch
import torch.nn.functional as F
from torch import Tensor

from scanwright.losses.decode import decode_sigmoid, wide
from scanwright.losses.loss import Loss, check_same_shape


class BinaryCrossEntropy(Loss):
    """L = -(w y log σ(z) + (1 - y) log(1 - σ(z))), averaged over the labels that are known.

    A weight w multiplies the positives of its label. With smoothing ε, y becomes
    (1 - ε) y + ε / 2.
    """

    name = "binary_cross_entropy"
    knobs = ("weights", "smoothing")

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean loss; 0 where nothing is known.

        Parameters
        ----------
        logits
            Shape (B, K).
        target
            Shape (B, K), 0 to 1; NaN or a negative number where the label is unknown. Mix
            cases (mixup) only with NaN for unknown: it stays NaN in every mixture.
        """
        logits = wide(logits)
        check_same_shape(logits, target)
        known = target >= 0  # False for NaN
        truth = torch.where(known, target, 0).to(logits)
        smoothing = self.options.smoothing
        truth = truth * (1 - smoothing) + smoothing / 2
        costs = F.binary_cross_entropy_with_logits(
            logits,
            truth,
            reduction="none",
            pos_weight=self.weights_for(logits.shape[1], logits),
        )
        return mean_of_known(costs, known)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the number of labels that are known."""
        return (target >= 0).sum().double()

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, K) into one probability per label (B, K)."""
        return decode_sigmoid(logits)


def mean_of_known(costs: Tensor, known: Tensor) -> Tensor:
    """Average the costs that are known; 0, with gradient 0, if none is."""
    return torch.where(known, costs, 0).sum() / known.sum().clamp(min=1)
