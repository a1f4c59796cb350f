"""Which settings made the difference."""

import numpy as np
import optuna

from scanwright.search import Record, measure_importance
from tests.search.builders import space


def drawn(count: int) -> list[Record]:
    """Return trials whose score is the learning rate's doing alone."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    made = []
    for place in range(count):
        values = space().draw(study.ask())
        score = -abs(np.log(float(values["optimiser.rate"])) - np.log(1e-3))
        made.append(Record(place, "stopped", values, (float(score),)))
    return made


def test_the_setting_that_matters_is_found() -> None:
    rows = measure_importance(drawn(40), space())
    assert rows[0].name == "optimiser.rate"
    assert rows[0].value > 0.6
    assert sum(row.value for row in rows) <= 1.001
    assert all(row.low <= row.value <= row.high for row in rows)


def test_it_is_the_same_when_asked_again() -> None:
    records = drawn(12)
    assert measure_importance(records, space()) == measure_importance(records, space())


def test_too_few_trials_or_equal_ones_say_nothing() -> None:
    assert measure_importance(drawn(3), space()) == ()
    same = [Record(one.place, "stopped", one.values, (0.5,)) for one in drawn(6)]
    assert measure_importance(same, space()) == ()
