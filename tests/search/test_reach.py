"""How long trials train, as shares of the final schedule."""

import math

import pytest

from scanwright.search import Ladder, Reach, ladder_to, operations_of
from scanwright.search.reach import LEAST_STEPS
from tests.search.builders import recipe_of


def test_time_decides_the_steps_and_larger_networks_get_fewer() -> None:
    small, large = recipe_of(network__width=0.25), recipe_of(network__width=1.0)
    reach = Reach(operations=operations_of(small) * 8 * 500, cases=24)
    assert reach.final_steps(small) == 500
    assert LEAST_STEPS <= reach.final_steps(large) < 500


def test_more_than_enough_time_gives_enough_steps() -> None:
    reach = Reach(operations=math.inf, cases=24)
    enough = reach.final_steps(recipe_of())
    assert enough == 600 * 24 / 8  # the rules' most epochs
    assert reach.final_steps(recipe_of(schedule__length=0.5)) == enough / 2


def test_prescribed_steps_are_kept() -> None:
    assert Reach(operations=1.0, cases=24, steps=77).final_steps(recipe_of()) == 77


def test_a_share_is_of_the_final_steps_but_tells_something() -> None:
    reach = Reach(operations=1.0, cases=24, steps=300)
    assert reach.steps_at(recipe_of(), 0.5) == 150
    assert reach.steps_at(recipe_of(), 0.01) == LEAST_STEPS
    assert Reach(1.0, 24, steps=12).steps_at(recipe_of(), 0.01) == 12


@pytest.mark.parametrize(("steps", "rungs"), [(300, 3), (3000, 3), (100, 2), (60, 1)])
def test_a_ladder_has_the_rungs_that_tell_something(steps: int, rungs: int) -> None:
    ladder = ladder_to(1.0, steps)
    assert len(ladder.shares) == rungs
    assert ladder.shares[-1] == 1.0
    assert ladder.shares[0] * steps >= LEAST_STEPS
    assert ladder.resources == (1, 3, 9)[:rungs]


def test_costs_count_the_rungs_below() -> None:
    ladder = Ladder((1 / 9, 1 / 3, 1.0))
    assert ladder.whole_cost == pytest.approx(1 + 1 / 3 + 1 / 9)
    assert ladder.cost == pytest.approx(1 / 3)  # of nine trials one gets to the top
    assert Ladder((1.0,)).cost == Ladder((1.0,)).whole_cost == 1.0
