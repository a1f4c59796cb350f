"""How unsure networks are of an image: alone, and among each other."""

import numpy as np

from scanwright.image import Floats
from scanwright.selection.pool import ScoreKind

TINY = 1e-12


def entropy(scores: Floats, kind: ScoreKind) -> Floats:
    """Return the entropy of the networks' mean, as a share of the greatest possible.

    Parameters
    ----------
    scores
        Shape (M, N, K): probabilities of M networks.

    Returns
    -------
    Shape (N,), 0 to 1; for findings the mean over the findings.
    """
    return _entropy(scores.mean(axis=0), kind)


def margin(scores: Floats, kind: ScoreKind) -> Floats:
    """Return how near the mean is to a tie.

    Returns
    -------
    Shape (N,), 0 to 1: 1 less the distance of the two most probable classes; for findings the
    finding nearest to a tie.
    """
    mean = scores.mean(axis=0)
    if kind == "independent":
        gaps = np.abs(2 * mean - 1)
        return np.asarray(1 - gaps.min(axis=1))
    if mean.shape[1] < 2:
        return np.zeros(len(mean))
    top = np.sort(mean, axis=1)[:, -2:]
    return np.asarray(1 - (top[:, 1] - top[:, 0]))


def disagreement(scores: Floats, kind: ScoreKind) -> Floats:
    """Return what the networks would tell about themselves (BALD), 0 where there is one.

    Entropy of the mean less the mean of the entropies: doubt that a label would settle, and not
    the doubt on which all networks agree. Source: Houlsby et al. 2011, arXiv:1112.5745, eq. 2.

    Returns
    -------
    Shape (N,), 0 to 1.
    """
    alone = np.mean([_entropy(member, kind) for member in scores], axis=0)
    return np.asarray(np.maximum(_entropy(scores.mean(axis=0), kind) - alone, 0.0))


def spread(scores: Floats) -> Floats:
    """Return the deviation of the networks' numbers, as a share of the largest.

    Parameters
    ----------
    scores
        Shape (M, N, K).

    Returns
    -------
    Shape (N,), 0 to 1.
    """
    deviation = scores.std(axis=0).mean(axis=1)
    return np.asarray(deviation / max(float(deviation.max(initial=0.0)), TINY))


def guess_error(scores: Floats, kind: ScoreKind) -> Floats:
    """Return the error at the outputs if the most probable label were true.

    Returns
    -------
    Shape (N, K): probabilities less the label guessed; for a number the networks' deviation.
    Times the features it is the gradient at the last layer.
    """
    mean = scores.mean(axis=0)
    if kind == "number":
        return np.asarray(scores.std(axis=0))
    if kind == "independent":
        return np.asarray(mean - (mean >= 0.5))
    return np.asarray(mean - np.eye(mean.shape[1])[mean.argmax(axis=1)])


def _entropy(mean: Floats, kind: ScoreKind) -> Floats:
    inside = np.clip(mean, TINY, 1.0)
    if kind == "independent":
        outside = np.clip(1 - mean, TINY, 1.0)
        bits = -(inside * np.log2(inside) + outside * np.log2(outside))
        return np.asarray(np.clip(bits.mean(axis=1), 0, 1))
    classes = mean.shape[1]
    if classes < 2:
        return np.zeros(len(mean))
    nats = -(inside * np.log(inside)).sum(axis=1)
    return np.asarray(np.clip(nats / np.log(classes), 0, 1))
