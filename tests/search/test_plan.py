"""How the time of a search is divided."""

import math

import pytest

from scanwright.search import Asked, Prices, Reach, SearchPlan, plan_search
from scanwright.search.reach import SMALLEST_SHARE

REACH = Reach(operations=math.inf, cases=100)
PRICES = Prices(final=100.0, fixed=0.5, confirmation=8.0)


def made(seconds: float, **asked: float) -> SearchPlan:
    return plan_search(seconds, PRICES, REACH, 1000, asked=Asked(**asked))  # type: ignore[arg-type]  # by name


def test_much_time_gives_whole_schedules_and_more_trials() -> None:
    plan = made(5000)
    assert plan.ladder.shares[-1] == 1.0
    assert plan.trials > made(3000).trials > 10
    assert not plan.is_exact


def test_little_time_shortens_the_schedules_but_not_below_a_quarter() -> None:
    assert made(500).ladder.shares[-1] == SMALLEST_SHARE
    assert made(1000).ladder.shares[-1] < 1.0


def test_too_little_time_says_so_and_still_tries_the_default() -> None:
    plan = made(100)
    assert plan.trials == 1
    assert "larger --budget" in plan.reason


@pytest.mark.parametrize("seconds", [400, 1000, 2500, 20_000])
def test_the_trials_and_their_proof_fit(seconds: float) -> None:
    plan = made(seconds)
    top = plan.ladder.shares[-1] * PRICES.final
    cost = PRICES.confirmation + plan.ladder.whole_cost + (plan.trials - 1) * plan.ladder.cost
    assert cost * top <= seconds


def test_what_is_asked_for_is_kept() -> None:
    plan = made(100, trials=7, share=0.5, seed=5)
    assert (plan.trials, plan.is_exact, plan.seed) == (7, True, 5)
    assert plan.ladder.shares[-1] == 0.5


def test_plans_travel_as_json() -> None:
    plan = made(1000)
    assert SearchPlan.from_plain(plan.to_plain()) == plan
