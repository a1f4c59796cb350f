"""What tune prints."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanwright.cli.tune import show_tuned
from scanwright.workflows.train import TrainResult
from scanwright.workflows.tune import TuneResult

SCORES: dict[str, Any] = {"test": {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}}}


def result(*, is_helper: bool = False) -> TuneResult:
    run = TrainResult(Path("tuned"), SCORES, "abc", 12.0, ("a note",))
    if is_helper:
        return TuneResult(Path("tuned"), {"ran": 7}, None)
    return TuneResult(Path("tuned"), {"sentence": "The default is kept.", "trials": []}, run)


def test_scores_come_first_and_then_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    show_tuned(result(), as_json=False)
    shown = capsys.readouterr().out
    assert shown.index("0.900") < shown.index("The default is kept.") < shown.index("trials.csv")


def test_a_helper_says_how_much_it_helped(capsys: pytest.CaptureFixture[str]) -> None:
    show_tuned(result(is_helper=True), as_json=False)
    assert capsys.readouterr().out.startswith("7 trials")


@pytest.mark.parametrize("is_helper", [False, True])
def test_programs_get_json(capsys: pytest.CaptureFixture[str], is_helper: bool) -> None:
    show_tuned(result(is_helper=is_helper), as_json=True)
    plain = json.loads(capsys.readouterr().out)
    assert plain["folder"] == "tuned"
    assert ("scores" in plain) != is_helper
