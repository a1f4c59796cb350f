"""One trial from rung to rung."""

from dataclasses import replace
from pathlib import Path

import pytest

from scanwright.base import ResourceError, ScanwrightError
from scanwright.search import Bench, Climb, SharedStudy, space_for
from tests.search.builders import FACTS, bench, plan, recipe_of, study

SMALL = space_for(recipe_of(), FACTS, vary=("optimiser.rate", "network.dropout"))


def climb(folder: Path, made: SharedStudy, on: Bench | None = None) -> Climb:
    made.use(SMALL, 0)
    return Climb(made, SMALL, plan(), on or bench(folder), (0, 1))


def run(one: Climb, count: int) -> None:
    for _ in range(count):
        trial = one.study.claim(None)
        assert trial is not None
        one.run(trial)


def failing(folder: Path, error: BaseException) -> Bench:
    def fail(recipe: object) -> object:
        raise error

    return replace(bench(folder), ground_for=fail)  # type: ignore[arg-type]  # it returns nothing


def test_the_default_climbs_to_the_end_and_others_while_they_keep_up(tmp_path: Path) -> None:
    made = study(tmp_path)
    run(climb(tmp_path, made), 5)
    records = made.records()
    assert records[0].state == "complete"
    assert len(records[0].rungs) == 3
    assert {one.state for one in records[1:]} <= {"complete", "stopped"}
    assert any(len(one.rungs) < 3 for one in records)
    assert all(one.seconds > 0 for one in records)


def test_settings_that_cannot_be_trained_fail_and_the_search_goes_on(tmp_path: Path) -> None:
    made = study(tmp_path)
    run(climb(tmp_path, made, failing(tmp_path, ScanwrightError("Training diverged."))), 2)
    assert [one.note for one in made.records()] == ["Training diverged."] * 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ResourceError("The disk is full.")])
def test_what_is_not_the_settings_fault_leaves_the_trial_to_be_repeated(
    tmp_path: Path, error: BaseException
) -> None:
    made = study(tmp_path)
    with pytest.raises(type(error)):
        run(climb(tmp_path, made, failing(tmp_path, error)), 1)
    assert [one.state for one in made.records()] == ["waiting"]
    run(climb(tmp_path, made), 1)
    assert [(one.state, one.retries) for one in made.records()] == [("complete", 1)]
