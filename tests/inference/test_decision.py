import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.inference import Answer, Decision
from scanwright.recipe.task import softmax


def test_a_decision_goes_through_json_unchanged() -> None:
    decision = Decision(
        temperature=1.5, shift=(-1.0, 1.0), thresholds=(0.25, 0.75), rule="half", offset=3, scale=2
    )
    assert Decision.parse(decision.model_dump(mode="json"), "") == decision


@pytest.mark.parametrize("values", [{"temperature": 0}, {"temperature": -1}, {"scale": -1}])
def test_what_cannot_be_divided_by_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(RecipeError):
        Decision.parse(values, "decision.json")


def test_a_shift_is_added_after_the_temperature() -> None:
    outputs = np.array([[[2.0, -2.0], [0.0, 1.0]]])
    decision = Decision(temperature=2.0, shift=(0.5, -0.5), thresholds=(0.5, 0.5))
    answer = Answer(("a", "b"), softmax, lambda scores, _: scores, decision)
    expected = softmax(outputs[0] / 2.0 + np.array([0.5, -0.5]))
    np.testing.assert_allclose(answer.scores(outputs)[0], expected)


def test_a_decision_of_an_older_bundle_has_no_shift() -> None:
    assert Decision.parse({"temperature": 2.0, "thresholds": [0.5, 0.5]}, "").shift == ()
