"""Every case with networks that had not learnt from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import nn

from scanwright.training.fit import Fit, Trained


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A case, and what can answer about it without having seen it.

    Parameters
    ----------
    row
        Number of the case, as in the folds.
    networks
        Those for which the case was validation, on the device of the fit.
    """

    row: int
    networks: tuple[nn.Module, ...]


def held_out(fit: Fit, members: Sequence[Trained]) -> Iterator[HeldOut]:
    """Give each validation case once, with the networks that had not learnt from it.

    Cases with the same networks come one after another, so that only those networks are held.
    Nothing is computed about a case: answers may be large, and are the caller's to make and to
    let go.
    """
    of_row: dict[int, list[int]] = {}
    for place, member in enumerate(members):
        for row in fit.folds[member.fold].validation.tolist():
            of_row.setdefault(row, []).append(place)
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, places in sorted(of_row.items()):
        groups.setdefault(tuple(places), []).append(row)
    for group, rows in groups.items():
        networks = tuple(fit.network(members[place]) for place in group)
        for row in rows:
            yield HeldOut(row, networks)
