"""How trials are planned, run and proved."""

from pathlib import Path

import pytest
from tests.recipe.builders import entry, noise
from tests.search.builders import FACTS, bench, plan, recipe_of, record, study

from scanwright.base import SILENT
from scanwright.data import Fold
from scanwright.search import Bench, SharedStudy, space_for
from scanwright.workflows.development import Arena
from scanwright.workflows.trials import (
    Scene,
    best_words,
    candidate_of,
    proof_cost,
    prove,
    run_trials,
    study_key,
)

SPACE = space_for(recipe_of(), FACTS, vary=("optimiser.rate", "network.dropout"))
ENTRIES = tuple(entry(number, noise(1, 4, 4)) for number in range(4))


def arena(proving: tuple[int, ...] = (2, 3)) -> Arena:
    folds = tuple(
        Fold(tuple(one for one in ENTRIES if one is not out), (out,), ()) for out in ENTRIES
    )
    return Arena(folds, (0, 1), proving)


def scene(folder: Path, on: Bench | None = None) -> Scene:
    return Scene(None, arena(), SPACE, plan((1.0,), trials=3), on or bench(folder))  # type: ignore[arg-type]  # trials need no more


def ready(folder: Path) -> SharedStudy:
    made = study(folder)
    made.use(SPACE, 0)
    return made


def test_as_many_trials_run_as_were_asked_for_and_each_is_noted(tmp_path: Path) -> None:
    made, noted = ready(tmp_path), []
    ran = run_trials(made, scene(tmp_path), lambda: 1e6, lambda: noted.append(1), SILENT)
    assert ran == len(noted) == len(made.records()) == 3


def test_without_time_only_the_default_runs(tmp_path: Path) -> None:
    made = ready(tmp_path)
    assert run_trials(made, scene(tmp_path), lambda: 0.0, lambda: None, SILENT) == 1
    assert made.records()[0].values == SPACE.default


def test_a_proof_uses_folds_that_scored_no_trial_and_is_not_done_twice(tmp_path: Path) -> None:
    better = record(2, 0.9, values={"optimiser.rate": 3e-3, "network.dropout": 0.1})
    known: dict[str, list[float]] = {}
    gain = prove(better, scene(tmp_path), known, SILENT)
    assert len(gain.found) == len(gain.default) == 4  # two folds, two seeds
    assert set(known) == {f"{place}, seed {seed}" for place in (0, 2) for seed in (0, 1)}

    def fail(recipe: object) -> object:
        raise AssertionError("trained again")

    idle = bench(tmp_path)
    object.__setattr__(idle, "ground_for", fail)
    assert prove(better, scene(tmp_path, idle), known, SILENT) == gain


def test_only_what_scores_higher_than_the_default_is_proved() -> None:
    default = record(0, 0.8)
    assert candidate_of([default, record(1, 0.7)]) is None
    assert candidate_of([default, record(1, 0.8)]) is None
    assert candidate_of([default, record(1, 0.9)]) == record(1, 0.9)
    assert candidate_of([record(0, state="failed"), record(1, 0.1)]) == record(1, 0.1)


def test_the_standing_is_told_in_a_few_words() -> None:
    assert best_words([]) == ""
    assert best_words([record(0, 0.8), record(1, 0.7)]) == "default 0.8000"
    assert "best 0.9000 in trial 1" in best_words([record(0, 0.8), record(1, 0.9)])


@pytest.mark.parametrize(("workers", "cost"), [(1, 4.0), (2, 4.0)])
def test_the_proof_costs_two_recipes_with_two_seeds(workers: int, cost: float) -> None:
    assert proof_cost(arena(), workers) == cost


def test_without_folds_of_its_own_the_proof_takes_more_seeds() -> None:
    assert proof_cost(arena((0, 1)), 1) == 8.0


def test_machines_with_the_same_cases_and_recipe_agree() -> None:
    assert study_key(arena(), SPACE) == study_key(arena(), SPACE)
    assert study_key(arena(), SPACE) != study_key(arena((3,)), SPACE)
    other = space_for(recipe_of(training__batch=4), FACTS, vary=("optimiser.rate",))
    assert study_key(arena(), SPACE) != study_key(arena(), other)
