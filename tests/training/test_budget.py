import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.training import Costs, Pace, enough_steps, plan_steps
from scanwright.training.budget import LEAST_STEPS

SECONDS = st.floats(1, 1e5)


@given(
    SECONDS,
    st.floats(1e-4, 10),
    st.floats(0, 10),
    st.integers(1, 10),
    st.integers(1, 50),
    st.integers(LEAST_STEPS, 100_000),
)
def test_a_plan_fits_into_the_time_or_says_that_it_does_not(
    seconds: float, step: float, validation: float, rounds: int, validations: int, enough: int
) -> None:
    plan = plan_steps(
        seconds, Costs(step, validation), rounds=rounds, validations=validations, enough=enough
    )
    needed = rounds * (plan.steps * step + validations * validation)
    assert LEAST_STEPS <= plan.steps <= enough
    assert needed <= seconds or "will be overrun" in plan.reason


def test_a_plan_fills_most_of_the_time() -> None:
    plan = plan_steps(600, Costs(0.1, 1.0), rounds=3, validations=10, enough=10**6)
    needed = 3 * (plan.steps * 0.1 + 10 * 1.0)
    assert 0.9 * 600 <= needed <= 600
    assert f"{plan.steps} steps a network fill the budget" in plan.reason
    assert "100 ms" in plan.reason


def test_more_time_than_a_network_can_use_ends_the_run_early_and_says_so() -> None:
    plan = plan_steps(600, Costs(0.1, 0.0), rounds=1, validations=1, enough=1116)
    assert plan.steps == 1116
    assert "ends early" in plan.reason
    assert "20 % of the time" in plan.reason


def test_too_little_time_says_so_and_still_trains_a_little() -> None:
    plan = plan_steps(1, Costs(0.1, 1.0), rounds=5, validations=20, enough=1000)
    assert plan.steps == LEAST_STEPS
    assert "too small" in plan.reason


def test_without_a_budget_a_network_gets_all_it_can_use() -> None:
    plan = plan_steps(math.inf, Costs(0.1, 1.0), rounds=1, validations=2, enough=500)
    assert plan.steps == 500


@pytest.mark.parametrize(
    ("cases", "batch", "epochs", "steps"),
    [(100, 10, 5.0, 50), (100, 30, 1.0, LEAST_STEPS), (5, 32, 40.0, 40), (101, 10, 5.0, 51)],
)
def test_enough_steps_show_every_case_so_many_times(
    cases: int, batch: int, epochs: float, steps: int
) -> None:
    assert enough_steps(cases, batch, epochs) == steps


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def pace(left: float, enough: int = 1000) -> Pace:
    return Pace(deadline=100.0, clock=Clock(100.0 - left), enough=enough)


def test_a_run_in_time_keeps_its_plan() -> None:
    assert pace(left=50).total_for_current(100, 200, per_step=0.5, rounds_after=0) == 200
    assert pace(left=48).total_for_current(100, 200, per_step=0.5, rounds_after=0) == 200


def test_a_slow_run_is_cut_to_end_at_the_deadline() -> None:
    total = pace(left=50).total_for_current(100, 200, per_step=1.0, rounds_after=0)
    assert total == 150


def test_later_rounds_keep_their_share() -> None:
    total = pace(left=150).total_for_current(100, 200, per_step=1.0, rounds_after=1)
    assert total == 150, "half of a round in training, one after it: a third of the time each half"


def test_past_the_deadline_one_step_remains() -> None:
    assert pace(left=-5).total_for_current(100, 200, per_step=1.0, rounds_after=0) == 101


def test_the_end_is_never_put_off() -> None:
    assert pace(left=1e6).total_for_current(100, 200, per_step=1.0, rounds_after=0) == 200
    assert pace(left=1e6).total_for_current(200, 200, per_step=1.0, rounds_after=3) == 200


@given(SECONDS, st.integers(0, 500), st.integers(1, 500), st.floats(1e-3, 5), st.integers(0, 5))
def test_a_cut_run_ends_by_the_deadline_and_never_before_its_step(
    left: float, step: int, more: int, per_step: float, rounds_after: int
) -> None:
    total = pace(left).total_for_current(step, step + more, per_step, rounds_after)
    assert step < total <= step + more
    if total < step + more:
        assert (total - step) * per_step <= max(left, per_step) * (1 + 1e-9)


def test_the_next_round_keeps_its_plan_when_that_is_nearly_right() -> None:
    assert pace(left=95).steps_for_next(100, rounds_left=1, per_step=1.0) == 100


def test_the_next_round_takes_less_when_time_is_short_and_more_when_there_is_some() -> None:
    assert pace(left=60).steps_for_next(100, rounds_left=1, per_step=1.0) == 60
    assert pace(left=300).steps_for_next(100, rounds_left=2, per_step=1.0) == 150
    assert pace(left=-1).steps_for_next(100, rounds_left=1, per_step=1.0) == LEAST_STEPS


def test_the_next_round_takes_no_more_than_a_network_can_use() -> None:
    assert pace(left=9000, enough=120).steps_for_next(100, rounds_left=1, per_step=1.0) == 120
    assert pace(left=9000, enough=50).steps_for_next(100, rounds_left=1, per_step=1.0) == 100
