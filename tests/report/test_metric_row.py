"""Rows of tables of metrics."""

from scanwright.metrics import case_mean
from scanwright.report import Metric


def test_a_row_is_best_at_one_and_needs_no_support_unless_told() -> None:
    row = Metric("mean", "Mean", "Mean of the truth.", lambda outcomes: case_mean(outcomes.truth))
    assert (row.best, row.support, row.is_inflated) == (1.0, None, False)
