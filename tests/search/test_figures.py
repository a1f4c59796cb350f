"""The drawings of a search."""

from scanwright.search import Importance, history_figure, importance_figure
from tests.search.builders import record


def test_history_shows_all_that_reached_a_rung() -> None:
    records = [record(0, 0.5, 0.6), record(1, 0.4, state="stopped"), record(2, 0.6, 0.7),
               record(3, state="failed")]  # fmt: skip
    drawn = history_figure(records, "auc")
    assert drawn is not None
    assert "4 trials, 2 of them with the whole schedule" in drawn.caption
    for words in ("best so far", "stopped at rung 1", "validation auc"):
        assert words in drawn.svg


def test_without_scores_there_is_no_drawing() -> None:
    assert history_figure([record(0, state="failed")], "auc") is None
    assert importance_figure((), 3) is None


def test_importance_names_every_setting_and_doubts_few_trials() -> None:
    rows = [Importance("optimiser.rate", 0.6, 0.5, 0.7), Importance("network.width", 0.1, 0.0, 0.2)]
    few, many = importance_figure(rows, 6), importance_figure(rows, 60)
    assert few is not None
    assert many is not None
    assert "guess" in few.caption
    assert "guess" not in many.caption
    assert "optimiser.rate 60 %" in few.alt
    assert "network.width" in few.svg
