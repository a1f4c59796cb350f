import math
from itertools import pairwise

import pytest

from scanwright.recipe import ScheduleChoice
from scanwright.training import SCHEDULES
from scanwright.training.schedule import PLATEAU_PATIENCE, Schedule

SHARES = [step / 200 for step in range(201)]


def schedule(name: str, **options: object) -> Schedule:
    return Schedule(ScheduleChoice(name=name, **{"warmup": 0.0, **options}))  # type: ignore[arg-type]  # options by name


@pytest.mark.parametrize("warmup", [0.0, 0.05, 0.9])
@pytest.mark.parametrize("name", list(SCHEDULES))
def test_every_schedule_stays_between_nothing_and_the_highest_rate(
    name: str, warmup: float
) -> None:
    made = schedule(name, warmup=warmup)
    factors = [made.factor(done) for done in SHARES]
    assert all(0 <= factor <= 1 for factor in factors)
    assert max(factors) > 0.05


@pytest.mark.parametrize("name", ["cosine", "poly", "step", "constant", "plateau"])
def test_without_warm_up_a_rate_never_rises(name: str) -> None:
    made = schedule(name)
    factors = [made.factor(done) for done in SHARES]
    assert all(after <= before for before, after in pairwise(factors))
    assert factors[0] == 1


@pytest.mark.parametrize("done", [0.0, 0.25, 0.5, 0.8, 1.0])
def test_cosine_follows_its_formula(done: float) -> None:
    assert schedule("cosine").factor(done) == pytest.approx((1 + math.cos(math.pi * done)) / 2)


@pytest.mark.parametrize("power", [0.5, 0.9, 2.0])
@pytest.mark.parametrize("done", [0.0, 0.3, 1.0])
def test_poly_follows_its_formula(done: float, power: float) -> None:
    assert schedule("poly", power=power).factor(done) == pytest.approx((1 - done) ** power)


def test_one_cycle_rises_to_its_peak_at_three_tenths_and_falls_to_almost_nothing() -> None:
    made = schedule("one_cycle")
    factors = [made.factor(done) for done in SHARES]
    assert SHARES[factors.index(max(factors))] == 0.3
    assert max(factors) == pytest.approx(1)
    assert factors[0] == pytest.approx(0.04)
    assert factors[-1] == pytest.approx(1e-4)
    assert made.factor(0.15) == pytest.approx(0.52), "half of the rise"
    assert made.factor(0.65) == pytest.approx((1 + 1e-4) / 2), "half of the fall"


def test_one_cycle_brings_its_own_warm_up() -> None:
    assert schedule("one_cycle", warmup=0.9).factor(0.3) == pytest.approx(1)


def test_step_cuts_at_its_milestones() -> None:
    made = schedule("step", milestones=(0.5, 0.75), factor=0.1)
    assert [made.factor(done) for done in (0.0, 0.499, 0.5, 0.749, 0.75, 1.0)] == pytest.approx(
        [1, 1, 0.1, 0.1, 0.01, 0.01]
    )


def test_warm_up_rises_evenly_to_where_the_curve_is() -> None:
    made = schedule("constant", warmup=0.2)
    assert [made.factor(done) for done in (0.05, 0.1, 0.2, 0.5)] == pytest.approx([0.25, 0.5, 1, 1])
    assert made.factor(0.0) > 0, "the first step moves"
    both = schedule("cosine", warmup=0.2).factor(0.1)
    assert both == pytest.approx(0.5 * schedule("cosine").factor(0.1))


def test_plateau_cuts_after_so_many_validations_without_a_lower_loss() -> None:
    made = schedule("plateau", factor=0.5)
    made.validated(1.0)
    for _ in range(PLATEAU_PATIENCE - 1):
        made.validated(1.0)
    assert made.factor(0.5) == 1
    made.validated(1.1)
    assert made.factor(0.5) == 0.5
    made.validated(0.9)
    for _ in range(PLATEAU_PATIENCE):
        made.validated(0.95)
    assert made.factor(0.5) == 0.25


def test_a_lower_loss_starts_the_wait_anew() -> None:
    made = schedule("plateau", factor=0.5)
    for loss in (1.0, 1.0, 1.0, 0.9, 0.9, 0.9, 0.8):
        made.validated(loss)
    assert made.factor(0.5) == 1


def test_only_plateau_listens_to_validation() -> None:
    made = schedule("constant", factor=0.5)
    for _ in range(10):
        made.validated(1.0)
    assert made.factor(0.5) == 1
