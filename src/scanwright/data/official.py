"""The names by which data sets call their own train, validation and test parts."""

from collections.abc import Mapping
from types import MappingProxyType

SPLIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("train", "training", "tr"), "train"),
        **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
        **dict.fromkeys(("test", "testing", "ts"), "test"),
    }
)
"""Word, lower case → part."""


def part_named(word: str) -> str | None:
    """Return "train", "validation" or "test" for a word, or None if it means none of them.

    >>> part_named("Valid"), part_named("normal")
    ('validation', None)
    """
    return SPLIT_WORDS.get(word.strip().lower())
