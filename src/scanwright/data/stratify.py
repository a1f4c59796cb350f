"""Groups of cases dealt to parts so that each part holds its share of every label and site."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ALL = "all"
"""Tag that every case bears: it keeps the parts to their sizes."""


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that must stay together.

    Parameters
    ----------
    key
        Names the group, whatever the order of the cases.
    tags
        Tag (a label, a site, both) → number of cases in the group that bear it.
    """

    key: str
    tags: Mapping[str, int]

    @property
    def size(self) -> int:
        """Number of cases."""
        return self.tags[ALL]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the parts should hold.

    Parameters
    ----------
    shares
        Share of each part; together 1.
    required
        Tags that every part must hold, where there are groups enough.
    weights
        Tag → how much its balance counts; 1 where nothing is said.
    least
        Groups of each required tag that each part needs; 1 where nothing is said. A part that
        will itself be divided needs more.
    """

    shares: tuple[float, ...]
    required: Collection[str] = ()
    weights: Mapping[str, float] | None = None
    least: tuple[int, ...] = ()

    @property
    def needed(self) -> tuple[int, ...]:
        """Groups of each required tag that each part needs."""
        return self.least or (1,) * len(self.shares)


def deal(groups: Sequence[Group], wanted: Wanted, rng: np.random.Generator) -> list[int]:
    """Deal groups to parts.

    Groups with the rarest tags, and the largest of them, are dealt first; each goes to the part
    where the squared deviation of its tags from their shares, relative to the share, grows least
    (for groups of one case and one tag this is Sainte-Laguë apportionment). Equal groups are dealt
    in an order drawn from `rng`, so the result depends on keys and tags, not on the order given.

    Returns
    -------
    Number of the part of each group, in the order given.
    """
    totals: Counter[str] = Counter()
    bearers: Counter[str] = Counter()
    for group in groups:
        totals.update(group.tags)
        bearers.update(group.tags.keys())
    desired = _desired(totals, bearers, wanted)
    weights = wanted.weights or {}
    held: list[Counter[str]] = [Counter() for _ in wanted.shares]
    parts = [0] * len(groups)
    for place in _order(groups, totals, rng):
        tags = groups[place].tags
        costs = [
            sum(
                weights.get(tag, 1.0) * count * (count + 2 * (have[tag] - want[tag])) / want[tag]
                for tag, count in tags.items()
            )
            for have, want in zip(held, desired, strict=True)
        ]
        # Rounding makes equal costs reproducible across machines.
        part = min(range(len(costs)), key=lambda number: (round(costs[number], 9), number))
        parts[place] = part
        held[part].update(tags)
    _mend(groups, parts, wanted, bearers)
    return parts


def _desired(
    totals: Mapping[str, int], bearers: Mapping[str, int], wanted: Wanted
) -> list[dict[str, float]]:
    """Return what each part should hold of each tag; at least one case of what is required."""
    count = len(wanted.shares)
    floors = {tag: 1.0 for tag in wanted.required if bearers.get(tag, 0) >= count}
    return [
        {tag: max(share * total, floors.get(tag, 1e-9)) for tag, total in totals.items()}
        for share in wanted.shares
    ]


def _order(
    groups: Sequence[Group], totals: Mapping[str, int], rng: np.random.Generator
) -> list[int]:
    by_key = sorted(range(len(groups)), key=lambda place: groups[place].key)
    drawn = [by_key[place] for place in rng.permutation(len(groups)).tolist()]
    rarity = {
        place: min((totals[tag], tag) for tag in groups[place].tags) for place in range(len(groups))
    }
    return sorted(drawn, key=lambda place: (rarity[place], -groups[place].size))


def _mend(
    groups: Sequence[Group], parts: list[int], wanted: Wanted, bearers: Mapping[str, int]
) -> None:
    """Give each part that lacks groups of a required tag the smallest one that can be spared."""
    needed = wanted.needed
    for tag in sorted(wanted.required):
        if bearers.get(tag, 0) < sum(needed):
            continue
        bearing = [place for place, group in enumerate(groups) if tag in group.tags]
        held = Counter(parts[place] for place in bearing)
        for part, least in enumerate(needed):
            while held[part] < least:
                richest = max(range(len(needed)), key=lambda one: (held[one] - needed[one], -one))
                spare = [place for place in bearing if parts[place] == richest]
                moved = min(spare, key=lambda place: (groups[place].size, groups[place].key))
                parts[moved] = part
                held.update({part: 1, richest: -1})
