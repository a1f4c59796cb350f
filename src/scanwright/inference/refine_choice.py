"""Which refinements help, judged on cases that the networks did not see in training."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.image import Array, LabelScheme
from scanwright.inference.outlines import Outlines
from scanwright.inference.refine import FillHoles, KeepLargest, Refinement

LEAST_GAIN = 0.001
"""Rise of the mean Dice below which a refinement is not worth what it may drop elsewhere."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """One cross-validated case.

    Parameters
    ----------
    predicted, truth
        Exclusive names: shape (1, *space), values of the scheme. Regions: (K, *space), 0 and 1.
    element_mm
        Volume of an element in mm³; in a plane its area in mm².
    """

    predicted: Array
    truth: Array
    element_mm: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a refinement did to the mean Dice over cases and names."""

    refinement: Refinement
    before: float
    after: float
    is_kept: bool


def candidate_refinements(scheme: LabelScheme) -> tuple[Refinement, ...]:
    """Return what is worth a trial: everything together first, then name by name, as in nnU-Net."""
    each: list[Refinement] = []
    if len(scheme.names) > 1:
        each += [KeepLargest(names=(name,)) for name in scheme.names]
    return (KeepLargest(), *each, FillHoles())


def choose_refinements(
    cases: Callable[[], Iterable[Outlined]],
    scheme: LabelScheme,
    candidates: Sequence[Refinement],
) -> tuple[Trial, ...]:
    """Try refinements one after another, each after those kept so far.

    Parameters
    ----------
    cases
        Gives the cases anew at each call, one at a time, so that they need not all be held. Their
        predictions are by networks that were not trained on them.
    scheme
        What the values mean.
    candidates
        In the order of trial.

    Returns
    -------
    One trial per candidate. It is kept where the mean Dice rises by at least 0.001 and no name's
    mean falls by as much.
    """
    trials: list[Trial] = []
    before = _dice(cases, scheme, ())
    for candidate in candidates:
        kept = tuple(trial.refinement for trial in trials if trial.is_kept)
        after = _dice(cases, scheme, (*kept, candidate))
        gain = after - before
        helps = bool(np.nanmean(gain) >= LEAST_GAIN and np.nanmin(gain) > -LEAST_GAIN)
        trials.append(Trial(candidate, float(np.nanmean(before)), float(np.nanmean(after)), helps))
        if helps:
            before = after
    return tuple(trials)


def _dice(
    cases: Callable[[], Iterable[Outlined]],
    scheme: LabelScheme,
    refinements: Sequence[Refinement],
) -> npt.NDArray[np.float64]:
    """Return the mean Dice of each name over the cases in which it is in prediction or truth."""
    sums, counts = np.zeros(len(scheme.names)), np.zeros(len(scheme.names))
    for case in cases():
        predicted = Outlines(case.predicted.copy(), scheme, case.element_mm)
        for refinement in refinements:
            refinement.apply(predicted)
        truth = Outlines(case.truth, scheme, case.element_mm)
        for place, name in enumerate(scheme.names):
            one, other = predicted.mask(name), truth.mask(name)
            total = np.count_nonzero(one) + np.count_nonzero(other)
            if total:
                sums[place] += 2 * np.count_nonzero(one & other) / total
                counts[place] += 1
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
