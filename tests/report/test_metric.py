"""The table of metrics: names are unique and each row can be bound."""

import numpy as np
import pytest

from scanwright.report import METRIC_SETS, metric_set

from .conftest import INVENTED


@pytest.mark.parametrize("kind", METRIC_SETS)
def test_every_row_gives_a_value_and_says_what_it_is(kind):
    outcomes = INVENTED[kind]()
    rows = METRIC_SETS[kind]
    assert metric_set(outcomes) == rows
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert np.isfinite(row.bind(outcomes).value())
        assert row.definition.endswith(".")
        if row.support is not None:
            assert 0 < row.support(outcomes) <= outcomes.patient_count


@pytest.mark.parametrize("kind", ["binary", "classes", "findings", "grade"])
def test_a_perfect_model_reaches_the_best_value(kind):
    outcomes = INVENTED[kind]()
    width = len(outcomes.labels)
    hot = outcomes.truth if kind == "findings" else np.eye(width)[outcomes.truth]
    perfect = type(outcomes)(outcomes.kind, outcomes.labels, outcomes.truth, hot)
    for row in METRIC_SETS[kind]:
        assert row.bind(perfect).value() == pytest.approx(row.best, abs=1e-9), row.name
