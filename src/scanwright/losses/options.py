"""What can be set about a loss."""

import math
from typing import Self

from pydantic import model_validator

from scanwright.base import Options, RecipeError, option

FOCAL_GAMMA = 2.0
LARGEST_MARGIN = 0.5
ADJUSTMENT = 1.0
HUBER_DELTA = 1.0
MISSED = 0.7
FOCAL_POWER = 0.75
BOUNDARY_SHARE = 1.0
BOX_SHARE = 2.0
EDGE_SHARE = 0.5


class LossOptions(Options):
    """The knobs of all losses; a loss refuses a knob that it lacks."""

    weights: tuple[float, ...] | None = option(
        None,
        help="One factor per class, per label (on its positives) or per number; equal if absent.",
    )
    smoothing: float = option(
        0.0, low=0, high=0.5, help="Share of the target spread evenly over all classes."
    )
    gamma: float | None = option(
        None, low=0, high=10, help="How strongly focal loss passes over easy cases (2 if absent)."
    )
    delta: float | None = option(
        None, low=1e-6, help="Residual where Huber turns from square to linear (1 if absent)."
    )
    priors: tuple[float, ...] | None = option(
        None, help="Share of each class; that in the training cases if absent."
    )
    margin: float | None = option(
        None, low=0, high=30, help="Margin of the rarest class, in logits (0.5 if absent)."
    )
    tau: float | None = option(
        None, low=0, high=10, help="Strength of the logit adjustment (1 if absent)."
    )
    batch_dice: bool = option(
        False, help="Judge the overlap over all windows of a batch together, not one by one."
    )
    missed: float | None = option(
        None, low=0, high=1, help="Weight of what is missed, for Tversky (0.7 if absent)."
    )
    boundary: float | None = option(
        None, low=0, high=10, help="Weight of the term on rims (1 if absent)."
    )
    candidates: int | None = option(
        None,
        low=1,
        high=100,
        help="Cells for a box: 13 in task_aligned, 9 a level in atss if absent.",
    )
    boxes: float | None = option(
        None, low=0, high=100, help="Weight of how badly proposed boxes fit (2 if absent)."
    )
    edges: float | None = option(
        None, low=0, high=100, help="Weight of the distance of their edges (0.5 if absent)."
    )

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        weights = self.weights
        if weights is None:
            return self
        # Comparisons with NaN are false, so each weight is asked whether it is legal.
        if not all(0 <= weight < math.inf for weight in weights) or not any(weights):
            raise ValueError(f"weights {weights} must be 0 or more, finite, and not all 0")
        return self

    @model_validator(mode="after")
    def _check_priors(self) -> Self:
        if self.priors is not None and not (
            self.priors and all(0 <= share < math.inf for share in self.priors) and any(self.priors)
        ):
            raise ValueError(f"priors {self.priors} must be 0 or more, finite, and not all 0")
        return self


def refuse_other_knobs(loss: str, options: LossOptions, knobs: tuple[str, ...]) -> None:
    """Refuse every knob but those that a loss has.

    Raises
    ------
    RecipeError
        A knob outside `knobs` is not at its default.
    """
    for knob, field in LossOptions.model_fields.items():
        value = getattr(options, knob)
        if knob not in knobs and value != field.default:
            raise RecipeError(
                f'The loss "{loss}" has no setting "{knob}".',
                got=value,
                legal=", ".join(knobs),
                next=f"leave {knob} out, or choose another loss",
                where=f"loss.{knob}",
            )
