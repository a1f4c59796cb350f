"""Successive halving: of the trials that reached a rung, the best third goes on to the next."""

from optuna import Study
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState

from scanwright.search.reach import FACTOR

KEPT = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


class Halving(BasePruner):
    """Asynchronous successive halving (Li et al. 2020, A system for massively parallel tuning).

    Unlike Optuna's own it does not count a trial twice that was cut off and repeated, so that the
    same trials are stopped whatever happened to the machine. A trial goes on when it is among the
    best 1/FACTOR of those that reached its rung so far, the best of a few always.
    """

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether a trial stops at the rung that it reported last."""
        rung = trial.last_step
        if rung is None:
            return False
        own = trial.intermediate_values[rung]
        values = [
            other.intermediate_values[rung]
            for other in study.get_trials(deepcopy=False, states=KEPT)
            if rung in other.intermediate_values and other.number != trial.number
        ]
        better = sum(value > own for value in values)
        return better >= max((len(values) + 1) // FACTOR, 1)
