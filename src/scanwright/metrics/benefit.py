"""Whether acting on a score does more good than acting on all or on none: net benefit."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.image import Floats
from scanwright.metrics.statistic import UndefinedMetric, check_claims


@dataclass(frozen=True, slots=True)
class BenefitCurve:
    """Net benefit, in true positives per case, by threshold probability.

    Parameters
    ----------
    thresholds
        Shape (M,): the risk from which one would act.
    model, everyone
        Shape (M,): acting on the model's word, or on every case; acting on none has 0.
    """

    thresholds: Floats
    model: Floats
    everyone: Floats


def benefit_curve(
    positive: npt.ArrayLike, scores: npt.ArrayLike, thresholds: npt.ArrayLike
) -> BenefitCurve:
    """Return the decision curve of probabilities.

    True positives less false positives, the latter weighed by the odds of the threshold, per
    case. Vickers & Elkin 2006, Med. Decis. Making 26:565.

    Parameters
    ----------
    positive, scores
        Shape (N,): 1 where the case is positive, and its probability.
    thresholds
        Shape (M,), each above 0 and below 1.

    Raises
    ------
    UndefinedMetric
        There is no case.
    """
    claims, values = check_claims(positive, scores)
    cuts = np.asarray(thresholds, dtype=np.float64)
    if not np.all((cuts > 0) & (cuts < 1)):
        raise InputError("A threshold probability lies between 0 and 1.", got=cuts.tolist()[:5])
    if len(values) == 0:
        raise UndefinedMetric("The net benefit of no case is not defined.")
    called = values[:, None] >= cuts
    odds = cuts / (1 - cuts)
    true = (called & claims[:, None]).mean(axis=0)
    false = (called & ~claims[:, None]).mean(axis=0)
    share = float(claims.mean())
    return BenefitCurve(cuts, true - odds * false, share - odds * (1 - share))
