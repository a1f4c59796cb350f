"""Groups of flags: declared once, merged into each command, handed over as one value."""

import inspect
from pathlib import Path

import pytest

from scanwright.base import RecipeError
from scanwright.cli.flags import index_flags, run_flags, takes
from scanwright.cli.main import EXAMPLES


def pair(first: int = 1, second: int = 2) -> tuple[int, int]:
    return first, second


@takes(both=pair)
def command(data: str, both: tuple[int, int], json: bool = False) -> tuple[object, ...]:
    return data, both, json


def test_a_command_shows_the_flags_of_its_groups_and_the_common_ones_last() -> None:
    assert list(inspect.signature(command).parameters) == ["data", "first", "second", "json"]


def test_a_command_gets_the_value_of_its_group() -> None:
    assert command(data="x", first=5, second=2, json=True) == ("x", (5, 2), True)


def test_groups_hold_groups() -> None:
    names = inspect.signature(run_flags).parameters
    assert set(inspect.signature(index_flags).parameters) < set(names)
    assert "index" not in names


def test_no_flag_is_declared_twice_with_another_default() -> None:
    defaults: dict[str, set[str]] = {}
    for each in EXAMPLES:
        for flag in inspect.signature(each).parameters.values():
            if flag.name not in ("output", "budget", "modality", "task"):
                defaults.setdefault(flag.name, set()).add(repr(flag.default))
    assert {name: values for name, values in defaults.items() if len(values) > 1} == {}


def test_flags_become_options() -> None:
    flags = {name: flag.default for name, flag in inspect.signature(run_flags).parameters.items()}
    options = run_flags(**flags | {
        "budget": "90s", "folds": 3, "order": "no, yes", "labels": Path("labels.csv"),
        "settings": ["training.batch=8"], "column": ["patient=PtID"],
    })  # fmt: skip
    assert options.budget_seconds == 90
    assert options.settings == {"training.batch": 8, "split.folds": 3}
    assert options.index.order == ("no", "yes")
    assert options.index.labels == Path("labels.csv")
    assert options.index.patient_column == "PtID"


def test_a_flag_out_of_range_is_refused_by_name() -> None:
    flags = {name: flag.default for name, flag in inspect.signature(run_flags).parameters.items()}
    with pytest.raises(RecipeError, match="seed"):
        run_flags(**flags | {"seed": -1})
