import pytest

from scanwright.base import RecipeError
from scanwright.inference import Decision


def test_a_decision_goes_through_json_unchanged() -> None:
    decision = Decision(temperature=1.5, thresholds=(0.25, 0.75), rule="half", offset=3, scale=2)
    assert Decision.parse(decision.model_dump(mode="json"), "") == decision


@pytest.mark.parametrize("values", [{"temperature": 0}, {"temperature": -1}, {"scale": -1}])
def test_what_cannot_be_divided_by_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(RecipeError):
        Decision.parse(values, "decision.json")
