"""What a network says of a case, with how sure it is."""

from dataclasses import dataclass, field

import numpy as np

from scanwright.base import ShapeError
from scanwright.image.geometry import Floats


@dataclass(frozen=True, slots=True)
class Prediction:
    """Scores for one case.

    Parameters
    ----------
    case
        Name of the case.
    labels
        What each score is for: K names, or one name for a number.
    scores
        Shape (K,): calibrated probabilities; one value in its own unit for a number.
    decision
        The labels that were decided for, at the bundle's operating point.
    spread
        Shape (K,): standard deviation of the scores among the ensemble's members, a measure of
        their disagreement; zeros for a single network.
    warnings
        Why this prediction may be less trustworthy, in the reader's words.
    """

    case: str
    labels: tuple[str, ...]
    scores: Floats
    decision: tuple[str, ...] = ()
    spread: Floats = field(default_factory=lambda: np.zeros(0))
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        scores = np.array(self.scores, dtype=np.float64)
        spread = np.array(self.spread, dtype=np.float64)
        if spread.size == 0:
            spread = np.zeros_like(scores)
        if scores.shape != (len(self.labels),) or spread.shape != scores.shape:
            raise ShapeError(
                "A prediction has one score per label.",
                got=scores.shape,
                legal=(len(self.labels),),
            )
        scores.setflags(write=False)
        spread.setflags(write=False)
        object.__setattr__(self, "scores", scores)
        object.__setattr__(self, "spread", spread)
