"""Words of the command line become values, or one clear error."""

import pytest

from scanwright.base import RecipeError
from scanwright.cli.words import parse_columns, parse_seconds, parse_settings


@pytest.mark.parametrize(
    ("word", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("2 min", 120), ("1.5h", 5400)]
)
def test_times_are_read_in_every_unit(word: str, seconds: float) -> None:
    assert parse_seconds(word) == seconds


@pytest.mark.parametrize("word", ["", "soon", "-5m", "0", "5 days"])
def test_what_is_no_time_is_refused(word: str) -> None:
    with pytest.raises(RecipeError, match="no time"):
        parse_seconds(word)


def test_settings_are_numbers_lists_booleans_or_words() -> None:
    words = ["training.batch=64", "schedule.steps=[3, 4]", "split.pool=true", "loss.name=focal"]
    assert parse_settings(words) == {
        "training.batch": 64,
        "schedule.steps": [3, 4],
        "split.pool": True,
        "loss.name": "focal",
    }


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(RecipeError, match="NAME=VALUE"):
        parse_settings(["training.batch"])


def test_columns_are_named_by_role_and_wrong_roles_name_the_nearest() -> None:
    assert parse_columns(["patient=PtID"]) == {"patient_column": "PtID"}
    with pytest.raises(RecipeError, match="patient"):
        parse_columns(["patiant=PtID"])
    with pytest.raises(RecipeError, match="ROLE=NAME"):
        parse_columns(["patient"])
