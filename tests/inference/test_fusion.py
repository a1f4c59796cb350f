import pytest

from scanwright.base import RecipeError
from scanwright.inference import FusionOptions


def test_options_out_of_their_limits_are_refused() -> None:
    with pytest.raises(RecipeError):
        FusionOptions.parse({"method": "vote"}, "fusion")
    with pytest.raises(RecipeError):
        FusionOptions.parse({"overlap": 0.0}, "fusion")
    assert FusionOptions.parse({"method": "suppress", "most": 5}, "fusion").most == 5
