"""Which trials go on to the next rung."""

import optuna
import pytest
from optuna.trial import TrialState

from scanwright.search.halving import Halving


@pytest.fixture
def study() -> optuna.Study:
    return optuna.create_study(direction="maximize", pruner=Halving())


def reach(study: optuna.Study, *values: float) -> optuna.Trial:
    """Report values at rungs 1, 3 and 9 and leave the trial running."""
    trial = study.ask()
    for rung, value in zip((1, 3, 9), values, strict=False):
        trial.report(value, rung)
    return trial


def test_the_first_and_each_new_best_go_on(study: optuna.Study) -> None:
    for value in (0.5, 0.6, 0.7):
        assert not reach(study, value).should_prune()
    assert reach(study, 0.4).should_prune()


def test_a_third_goes_on(study: optuna.Study) -> None:
    for value in (0.1, 0.2, 0.3, 0.4, 0.5):
        study.tell(reach(study, value), state=TrialState.PRUNED)
    assert not reach(study, 0.45).should_prune()  # second of six
    assert reach(study, 0.25).should_prune()


def test_rungs_are_compared_among_themselves(study: optuna.Study) -> None:
    for _ in range(3):
        study.tell(reach(study, 0.9), state=TrialState.PRUNED)
    assert not reach(study, 0.2, 0.3).should_prune()


def test_a_trial_that_was_cut_off_and_repeated_counts_once(study: optuna.Study) -> None:
    study.tell(reach(study, 0.9), state=TrialState.FAIL)
    assert not reach(study, 0.5).should_prune()


def test_without_a_report_nothing_is_stopped(study: optuna.Study) -> None:
    assert not study.ask().should_prune()
