"""Options declared once: default, limits, unit and one sentence, checked by pydantic."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scanwright.base.errors import RecipeError

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
"""A value that TOML and JSON can hold."""


def option(
    default: Any,  # Any: the annotation beside it gives the type
    *,
    help: str,  # noqa: A002  (the word on the command line)
    low: float | None = None,
    high: float | None = None,
    unit: str | None = None,
) -> Any:
    """Declare one option.

    Parameters
    ----------
    default
        Value when nothing is said; `...` makes the option required.
    help
        One sentence, shown by `--help` and in the docs.
    low, high
        Smallest and largest legal value, both included.
    unit
        Unit of a bare number, for example "mm".
    """
    extra: dict[str, Any] = {"unit": unit} if unit else {}
    return Field(default, description=help, ge=low, le=high, json_schema_extra=extra or None)


class Options(BaseModel):
    """Base of all option groups: frozen, and strict about unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @classmethod
    def parse(cls, values: dict[str, Any], where: str) -> "Options":
        """Check plain values.

        Raises
        ------
        RecipeError
            A name is unknown (the nearest right one is named) or a value is out of its limits.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _as_recipe_error(cls, error, where) from error


def _as_recipe_error(model: type[BaseModel], error: ValidationError, where: str) -> RecipeError:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    place = ".".join([where, *path]) if where else ".".join(path)
    if first["type"] == "extra_forbidden":
        return unknown_name("setting", path[-1], _names_at(model, path[:-1]), where=place)
    return RecipeError(
        "A setting has an illegal value.",
        got=repr(first.get("input")),
        legal=first["msg"],
        where=place,
    )


def _names_at(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        field = model.model_fields.get(part)
        inner = field.annotation if field is not None else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return sorted(model.model_fields)


def unknown_name(kind: str, name: str, known: list[str], where: str | None = None) -> RecipeError:
    """Make the error for a name that is not known, with the nearest one that is."""
    near = get_close_matches(name, known, n=1)
    return RecipeError(
        f'There is no {kind} "{name}".',
        legal=", ".join(sorted(known)) or "none",
        next=f'did you mean "{near[0]}"?' if near else None,
        where=where,
    )
