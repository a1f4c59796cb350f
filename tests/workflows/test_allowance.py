"""How long a run trains and what it tries, given what steps and validations cost here."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.search.builders import recipe_of

from scanwright.recipe import Recipe
from scanwright.training import Costs, Fold
from scanwright.workflows.allowance import REPORT_SECONDS, after_seconds, most_steps, plan_recipe

VALIDATED = 10


@dataclass(frozen=True)
class Networks:
    """As much of a fit as planning asks for."""

    recipe: Recipe
    folds: tuple[Fold, ...] = (Fold(np.arange(100), np.arange(VALIDATED)),)


def planned(seconds: float, costs: Costs, recipe: Recipe) -> Recipe:
    return plan_recipe(Networks(recipe), costs, seconds, 0)  # type: ignore[arg-type]  # planning asks for no more


def recipe() -> Recipe:
    return recipe_of().changed({"schedule.steps": (), "training.members": 2, "training.workers": 1})


def test_steps_and_what_follows_fill_the_time_and_no_more() -> None:
    costs = Costs(step=0.5, validation=0.01)
    chosen = planned(300.0, costs, recipe())
    after = after_seconds(chosen, Networks(chosen), costs.validation, 0)  # type: ignore[arg-type]  # planning asks for no more
    spent = sum(chosen.schedule.steps) * costs.step + after
    assert 0.8 * 300 < spent <= 300
    assert len(set(chosen.schedule.steps)) == 1
    assert "500 ms" in chosen.reasons["schedule.steps"]


def test_a_shorter_schedule_takes_its_share_of_the_steps() -> None:
    costs = Costs(step=0.5, validation=0.01)
    whole, half = recipe(), recipe().changed({"schedule.length": 0.5})
    assert planned(300.0, costs, half).schedule.steps[0] == pytest.approx(
        0.5 * planned(300.0, costs, whole).schedule.steps[0], abs=1
    )


def test_without_a_budget_a_network_takes_what_is_enough_and_never_more() -> None:
    chosen = planned(math.inf, Costs(step=0.5, validation=0.01), recipe())
    assert most_steps(Networks(chosen)) == chosen.schedule.steps[0]  # type: ignore[arg-type]  # planning asks for no more
    short = replace(Networks(chosen.changed({"schedule.length": 0.5})))
    assert most_steps(short) == max(chosen.schedule.steps)  # type: ignore[arg-type]  # planning asks for no more


@pytest.mark.parametrize(("validation", "tried"), [(0.001, "moved"), (30.0, "mirrored")])
def test_views_that_would_take_too_much_of_the_time_are_not_tried(
    validation: float, tried: str
) -> None:
    start = recipe().changed({"inference.tried": "moved"})
    chosen = planned(600.0, Costs(step=0.1, validation=validation), start)
    assert chosen.inference.tried == tried
    assert ("inference.tried" in chosen.reasons) == (tried == "mirrored")


def test_the_report_has_its_time_however_little_is_validated() -> None:
    made = recipe()
    assert after_seconds(made, Networks(made), 0.0, 0) == REPORT_SECONDS  # type: ignore[arg-type]  # planning asks for no more
