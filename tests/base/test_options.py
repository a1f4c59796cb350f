import math

import pytest
from pydantic import ValidationError

from scanwright.base import Options, RecipeError, option, unknown_name


class Inner(Options):
    """A group."""

    depth: int = option(3, low=1, high=9, help="How deep.")


class Outer(Options):
    """A group with a group."""

    rate: float = option(0.1, low=0.0, high=1.0, unit="1/s", help="How fast.")
    inner: Inner = option(Inner(), help="The rest.")
    names: tuple[str, ...] = option((), help="Names.")
    needed: int = option(..., help="No default.")


def parse(**values: object) -> Outer:
    parsed = Outer.parse({"needed": 1, **values}, "outer")
    assert isinstance(parsed, Outer)
    return parsed


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_both_limits_are_legal(rate: float) -> None:
    assert parse(rate=rate).rate == rate


@pytest.mark.parametrize("rate", [-1e-9, 1 + 1e-9, math.nan, math.inf, -math.inf, "fast", None])
def test_what_is_beyond_a_limit_is_refused_with_its_place(rate: object) -> None:
    with pytest.raises(RecipeError) as caught:
        parse(rate=rate)
    assert caught.value.where == "outer.rate"
    assert caught.value.got == repr(rate)


def test_limits_hold_in_groups_too_and_the_place_names_the_group() -> None:
    with pytest.raises(RecipeError) as caught:
        parse(inner={"depth": 10})
    assert caught.value.where == "outer.inner.depth"


def test_a_default_is_checked_like_any_value() -> None:
    class Wrong(Options):
        """A group whose default is out of its limits."""

        size: int = option(0, low=1, help="Size.")

    with pytest.raises(RecipeError):
        Wrong.parse({}, "")


def test_an_option_without_default_must_be_given() -> None:
    with pytest.raises(RecipeError) as caught:
        Outer.parse({}, "")
    assert caught.value.where == "needed"


@pytest.mark.parametrize(
    ("values", "nearest"), [({"rates": 1}, "rate"), ({"inner": {"dept": 1}}, "depth")]
)
def test_an_unknown_setting_names_the_nearest(values: dict[str, object], nearest: str) -> None:
    with pytest.raises(RecipeError, match=f'did you mean "{nearest}"'):
        parse(**values)


def test_an_unknown_setting_unlike_any_other_lists_all() -> None:
    with pytest.raises(RecipeError) as caught:
        parse(zzz=1)
    assert caught.value.next is None
    assert caught.value.legal == "inner, names, needed, rate"


def test_an_unknown_setting_in_what_is_no_group_is_refused_all_the_same() -> None:
    with pytest.raises(RecipeError):
        parse(rate={"deep": 1})
    with pytest.raises(RecipeError):
        parse(names=[{"deep": 1}])


def test_options_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        parse().rate = 0.5  # type: ignore[misc]  # that is the point


def test_help_and_unit_can_be_read_from_the_schema() -> None:
    described = Outer.model_json_schema()["properties"]["rate"]
    assert described["description"] == "How fast."
    assert described["unit"] == "1/s"
    assert (described["minimum"], described["maximum"]) == (0.0, 1.0)


def test_nothing_known_is_said_so() -> None:
    assert unknown_name("plug", "x", []).legal == "none"
