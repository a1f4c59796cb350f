"""Which settings made the difference between the trials."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanwright.base import Plain
from scanwright.search.record import Record
from scanwright.search.space import Dimension, Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

LEAST_TRIALS = 4
SEEDS = 5
TREES = 64


@dataclass(frozen=True, slots=True)
class Importance:
    """Share of the trials' variance that a setting explains.

    Parameters
    ----------
    value
        Mean over forests.
    low, high
        Smallest and largest of them: how far they can be believed.
    """

    name: str
    value: float
    low: float
    high: float

    def to_plain(self) -> dict[str, Plain]:
        """Return it for JSON."""
        return {"name": self.name, "value": self.value, "low": self.low, "high": self.high}


def measure_importance(records: Sequence[Record], space: Space) -> tuple[Importance, ...]:
    """Return the settings by how much they matter (fANOVA: Hutter et al. 2014), highest first.

    All trials are compared by their score on the first rung, the only one that all of them
    reached. Empty where fewer than four trials have one, or all have the same.
    """
    import optuna
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    from scanwright.search.storage import quiet

    scored = [one for one in records if one.rungs]
    if len(scored) < LEAST_TRIALS or len({one.rungs[0] for one in scored}) == 1:
        return ()
    distributions = {one.name: _distribution(one) for one in space.dimensions}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    for one in scored:
        study.add_trial(
            optuna.trial.create_trial(
                params=dict(one.values), distributions=distributions, value=one.rungs[0]
            )
        )
    found: dict[str, list[float]] = {name: [] for name in distributions}
    with quiet():
        for seed in range(SEEDS):
            evaluator = FanovaImportanceEvaluator(n_trees=TREES, seed=seed)
            for name, value in get_param_importances(study, evaluator=evaluator).items():
                found[name].append(value)
    rows = [
        Importance(name, float(np.mean(values)), min(values), max(values))
        for name, values in found.items()
        if values
    ]
    return tuple(sorted(rows, key=lambda row: (-row.value, row.name)))


def _distribution(one: Dimension) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if one.choices:
        return CategoricalDistribution(one.choices)
    return FloatDistribution(one.low, one.high, log=one.is_log)
