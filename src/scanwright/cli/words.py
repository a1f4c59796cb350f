"""Words of the command line turned into values."""

import re
import tomllib
from typing import Any

from scanwright.base import RecipeError, unknown_name

UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "": 1.0}
ROLES = ("path", "mask", "key", "patient", "site", "split")


def parse_seconds(word: str, flag: str = "--budget") -> float:
    """Read a time such as 90, 90s, 10m or 1.5h.

    >>> parse_seconds("1.5h")
    5400.0
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|)\s*", word.lower())
    if match is None or float(match[1]) == 0:
        raise RecipeError(
            "The budget is no time.",
            got=word,
            legal="for example 90s, 10m or 1.5h",
            where=flag,
        )
    return float(match[1]) * UNITS[match[2]]


def parse_settings(words: list[str]) -> dict[str, Any]:  # Any: what TOML holds
    """Read NAME=VALUE pairs; values are TOML, or words where they are no TOML.

    >>> parse_settings(["training.batch=64", "loss.name=focal"])
    {'training.batch': 64, 'loss.name': 'focal'}
    """
    settings: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise RecipeError(
                "A setting is given as NAME=VALUE.", got=word, legal="--set training.batch=64"
            )
        try:
            settings[name.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            settings[name.strip()] = value.strip()
    return settings


def parse_columns(words: list[str]) -> dict[str, str | tuple[str, ...]]:
    """Read ROLE=NAME pairs into options of the index; only masks may lie in several columns.

    >>> parse_columns(["patient=PtID", "mask=lungs", "mask=heart"])
    {'patient_column': 'PtID', 'mask_column': ('lungs', 'heart')}
    """
    columns: dict[str, str | tuple[str, ...]] = {}
    masks: list[str] = []
    for word in words:
        role, sign, name = word.partition("=")
        if not sign or not name:
            raise RecipeError(
                "A column is given as ROLE=NAME.", got=word, legal="--column patient=PtID"
            )
        if role not in ROLES:
            raise unknown_name("role of a column", role, list(ROLES), where="--column")
        if role == "mask":
            masks.append(name)
            columns["mask_column"] = tuple(masks)
        else:
            columns[f"{role}_column"] = name
    return columns
