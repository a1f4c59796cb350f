"""From the outputs of a network (logits) to probabilities or numbers, one function per family."""

import torch
import torch.nn.functional as F
from torch import Tensor


def wide(logits: Tensor) -> Tensor:
    """Return logits in single precision at least: half precision cannot hold a small loss."""
    return logits if logits.dtype == torch.float64 else logits.float()


def decode_softmax(logits: Tensor) -> Tensor:
    """Turn logits (B, K) into probabilities (B, K) of classes that exclude each other."""
    return torch.softmax(wide(logits), dim=1)


def decode_sigmoid(logits: Tensor) -> Tensor:
    """Turn logits (B, K) into probabilities (B, K) of labels that do not exclude each other."""
    return torch.sigmoid(wide(logits))


def decode_ordinal(logits: Tensor) -> Tensor:
    """Turn K - 1 logits into the probabilities of K ordered classes.

    Parameters
    ----------
    logits
        Shape (B, K - 1). Number k, from 0, is the log-odds of passing class k once it is
        reached.

    Returns
    -------
    Shape (B, K); rows sum to 1.
    """
    return log_ordinal(logits).exp()


def decode_identity(logits: Tensor) -> Tensor:
    """Give numbers (B, K) as they are."""
    return wide(logits)


def log_softmax(logits: Tensor) -> Tensor:
    """Return the logarithms of `decode_softmax`."""
    return torch.log_softmax(wide(logits), dim=1)


def log_ordinal(logits: Tensor) -> Tensor:
    """Return the logarithms of `decode_ordinal`.

    P(class k) = Π_{j<k} σ(z_j) · (1 - σ(z_k)), the last class without the second factor: the
    continuation-ratio model, with conditional logits as in Shi, Cao and Raschka 2021 (CORN,
    equation 4). P(class > k) falls with k whatever the logits are.
    """
    logits = wide(logits)
    passed = F.pad(torch.cumsum(F.logsigmoid(logits), dim=1), (1, 0))  # (B, K)
    stopped = F.pad(F.logsigmoid(-logits), (0, 1))  # (B, K)
    return passed + stopped
