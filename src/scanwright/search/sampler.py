"""Draws trials: the default first, then by what was learnt; the same whatever was cut off."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial

STARTUP = 8
"""Trials drawn at random before the first that follows from others."""


class PlacedSampler(BaseSampler):
    """A tree-structured Parzen estimator (Bergstra et al. 2011) seeded anew for every place.

    A sampler that lives as long as its process would draw otherwise after a kill. Here a trial's
    values follow from the seed, its place in the sequence, and the trials that ended before it.

    Parameters
    ----------
    default
        Values of the trial in place 0.
    place_of
        Trial number → place: as the number, but a trial repeated after a kill has the place of
        the one that it repeats.
    """

    def __init__(
        self, default: Mapping[str, Any], seed: int, place_of: Callable[[int], int]
    ) -> None:  # Any: numbers and words
        self._default = default
        self._seed = seed
        self._place_of = place_of
        self._inner: tuple[int, TPESampler] | None = None

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return what is drawn together; nothing for the default."""
        if self._place_of(trial.number) == 0:
            return {}
        return self._for(trial).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:  # Any: numbers and words
        """Draw values together."""
        if self._place_of(trial.number) == 0:
            return {}
        return self._for(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # Any: a number or a word
        """Draw one value, or give the default's."""
        if self._place_of(trial.number) == 0:
            return self._default[param_name]
        return self._for(trial).sample_independent(study, trial, param_name, param_distribution)

    def _for(self, trial: FrozenTrial) -> TPESampler:
        if self._inner is None or self._inner[0] != trial.number:
            place = self._place_of(trial.number)
            seed = int(np.random.SeedSequence([self._seed, place]).generate_state(1)[0])
            self._inner = (trial.number, TPESampler(n_startup_trials=STARTUP, seed=seed))
        return self._inner[1]
