import math

import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.recipe import TASKS, by_effective_number, by_power
from tests.recipe.builders import recipe

COUNTS = np.array([400.0, 20.0])


@pytest.mark.parametrize("beta", [0.9, 0.99, 0.999])
def test_effective_number_weights_are_their_formula(beta: float) -> None:
    """Cui et al. 2019, equation 4; E_n = 1 + β + β² + … of n terms."""
    effective = [math.fsum(beta**k for k in range(int(n))) for n in COUNTS]
    weights = by_effective_number(beta)(COUNTS)
    assert weights[1] / weights[0] == pytest.approx(effective[0] / effective[1], rel=1e-9)


def test_without_beta_all_weigh_alike_and_near_one_by_frequency() -> None:
    assert by_effective_number(0.0)(COUNTS).tolist() == [1, 1]
    near = by_effective_number(1 - 1e-9)(COUNTS)
    assert near[1] / near[0] == pytest.approx(20, rel=1e-4)


def test_power_weights_are_their_formula() -> None:
    assert by_power(0.0)(COUNTS).tolist() == [1, 1]
    weights = by_power(0.5)(COUNTS)
    assert weights[1] / weights[0] == pytest.approx(math.sqrt(20))


@pytest.mark.parametrize("weigh", [by_power(1.0), by_effective_number(0.99)])
def test_class_weights_are_one_on_average_over_cases(weigh: object) -> None:
    truth = np.repeat([0, 1, 3], [50, 20, 5])
    weights = TASKS["classes"].balance(truth, 4, weigh)  # type: ignore[arg-type]  # a Weigh
    assert np.array(weights)[truth].mean() == pytest.approx(1)
    assert weights[2] == 0
    assert weights[0] < weights[1] < weights[3]


def test_findings_weigh_positives_by_the_effective_numbers() -> None:
    truth = np.zeros((420, 1))
    truth[:20] = 1
    (weight,) = TASKS["findings"].balance(truth, 1, by_effective_number(0.99))
    assert weight == pytest.approx((1 - 0.99**400) / (1 - 0.99**20))


@pytest.mark.parametrize(
    "changes",
    [
        {"training__balance": 1.0, "training__effective": 0.99},
        {"loss__name": "logit_adjusted", "training__resample": 1.0},
        {"loss__name": "logit_adjusted", "training__balance": 0.5},
        {"loss__name": "logit_adjusted", "training__effective": 0.9},
    ],
    ids=str,
)
def test_rarity_is_not_made_up_for_twice(changes: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match=r"one rule|twice"):
        recipe(**changes).check()
