"""What an audit found: a claim about some cases, what it means, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from scanwright.base import Plain

MOST_LISTED = 2000
"""Groups of cases written to JSON; their number is always stated in full."""


class Severity(Enum):
    """How much a finding can spoil."""

    ALARM = "alarm"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Place in a list, the worst first."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a reader should know of a data set.

    Parameters
    ----------
    kind
        Name of the check in `CHECKS`.
    severity
        ALARM: figures measured on this set would be wrong; WARNING: they may be; NOTE: to know.
    what
        What was found, in one sentence with its numbers.
    meaning
        Why it matters.
    advice
        What can be done.
    groups
        Names of the cases concerned; those of one group belong side by side.
    words
        Name of a case → what is said of it.
    numbers
        The measured values, by name.
    drop
        Name of a case → why it is proposed to be left out.
    together
        Groups of cases that should stay on one side of every split.
    """

    kind: str
    severity: Severity
    what: str
    meaning: str
    advice: str
    groups: tuple[tuple[str, ...], ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Plain] = field(default_factory=dict)
    drop: Mapping[str, str] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        for name in ("words", "numbers", "drop"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[object, ...]:
        """Go between processes: read-only mappings do not pickle by themselves."""
        maps = [dict(one) for one in (self.words, self.numbers, self.drop)]
        return Finding, (
            self.kind, self.severity, self.what, self.meaning, self.advice, self.groups,
            *maps, self.together,
        )  # fmt: skip

    @property
    def cases(self) -> tuple[str, ...]:
        """The names of all cases concerned, once each, in order."""
        return tuple(dict.fromkeys(name for group in self.groups for name in group))

    def to_plain(self) -> dict[str, Plain]:
        """Return the finding for JSON."""
        return {
            "kind": self.kind,
            "severity": self.severity.value,
            "what": self.what,
            "meaning": self.meaning,
            "advice": self.advice,
            "count": len(self.groups),
            "groups": [list(group) for group in self.groups[:MOST_LISTED]],
            "words": dict(list(self.words.items())[:MOST_LISTED]),
            "numbers": dict(self.numbers),
            "drop": dict(self.drop),
            "together": [list(group) for group in self.together],
        }


class NotChecked(Exception):  # noqa: N818  (no error: a check says why it has nothing to look at)
    """A check has nothing to go by in this data set."""


def some(names: tuple[str, ...] | list[str], most: int = 3) -> str:
    """Return the first few names in words.

    >>> some(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def count_words(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> count_words(1, "case"), count_words(2, "copy", "copies")
    ('1 case', '2 copies')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
