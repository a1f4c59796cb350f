"""Choosing images one after another: patients apart, and near duplicates last."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from scanwright.base import Options, option
from scanwright.image import Floats
from scanwright.selection.apart import nearest_squared
from scanwright.selection.doubt import disagreement, spread
from scanwright.selection.pool import Pool
from scanwright.selection.strategies import STRATEGIES, Chooser, doubt_of, is_doubtful


class ChooseOptions(Options):
    """How images are chosen."""

    strategy: str = option("mixed", help="By what they are chosen: a name from the catalog.")
    count: int = option(50, low=1, high=100_000, help="How many.")
    seed: int = option(0, low=0, help="Seed of strategies that draw.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One image worth a label.

    Parameters
    ----------
    place
        Of the candidate in the pool.
    doubt, disagreement
        How unsure the networks' mean is, and how much they disagree; 0 to 1, None where the
        networks cannot tell.
    distance
        To the nearest labelled image or image chosen before; about 1 between any two; None for
        the first where nothing is labelled.
    is_unsure, is_disputed, is_unlike
        Whether the candidate is among the upper quarter of all in that respect.
    turn
        1 for the first image of its patient in the list, 2 for the second.
    is_copy
        Whether it nearly shows a labelled image, or one chosen before.
    """

    place: int
    doubt: float | None
    disagreement: float | None
    distance: float | None
    is_unsure: bool
    is_disputed: bool
    is_unlike: bool
    turn: int
    is_copy: bool


UPPER = 0.75
"""Beyond this quantile of the candidates something is worth a word."""


def choose(pool: Pool, options: ChooseOptions | None = None) -> tuple[Choice, ...]:
    """Choose what to label next, the most useful first.

    Every patient has one image before any has two. Near duplicates of labelled images, and of
    images chosen before, come after all others. The result depends on the names of the
    candidates and not on their order.

    Raises
    ------
    RecipeError
        The strategy is unknown, or asks what the networks' scores cannot say.
    """
    options = options or ChooseOptions()
    order = sorted(range(len(pool)), key=lambda place: pool.names[place])
    sorted_pool = pool.only(order)
    chooser = STRATEGIES[options.strategy].start(sorted_pool, np.random.default_rng(options.seed))
    marks = _Marks.of(sorted_pool)
    queue = _Queue(sorted_pool)
    chosen: list[Choice] = []
    while len(chosen) < min(options.count, len(pool)):
        place = queue.next(chooser)
        chosen.append(marks.choice(place, order[place], queue))
        chooser.take(place)
        queue.take(place)
        marks.take(place)
    return tuple(chosen)


class _Queue:
    """Who may be taken next."""

    def __init__(self, pool: Pool) -> None:
        self._alike = np.array(pool.alike or [-1] * len(pool))
        self._patients = [patient or f"\0{n}" for n, patient in enumerate(pool.patients)]
        if not self._patients:
            self._patients = [f"\0{n}" for n in range(len(pool))]
        self._turns: Counter[str] = Counter()
        self._settled = set(pool.settled)
        # (is a copy, images of its patient taken): the least of these may be taken.
        self._tier = np.zeros((len(pool), 2), dtype=np.int64)
        self._tier[:, 0] = np.isin(self._alike, sorted(self._settled))
        self._free = np.ones(len(pool), dtype=bool)
        self._rows: dict[str, list[int]] = {}
        for row, patient in enumerate(self._patients):
            self._rows.setdefault(patient, []).append(row)

    def next(self, chooser: Chooser) -> int:
        """Return the best candidate among those whose turn it is; of equals, the first."""
        tiers = self._tier[:, 0] * (1 << 32) + self._tier[:, 1]
        tiers = np.where(self._free, tiers, np.iinfo(np.int64).max)
        may = np.flatnonzero(tiers == tiers.min())
        return int(may[np.argmax(chooser.gains()[may])])

    def take(self, place: int) -> None:
        """Note that a candidate was taken."""
        self._free[place] = False
        patient = self._patients[place]
        self._turns[patient] += 1
        self._tier[self._rows[patient], 1] = self._turns[patient]
        if self._alike[place] >= 0:
            self._tier[self._alike == self._alike[place], 0] = 1

    def turn(self, place: int) -> int:
        """Return which image of its patient a candidate would be."""
        return self._turns[self._patients[place]] + 1

    def is_copy(self, place: int) -> bool:
        """Return whether a candidate nearly shows a labelled or chosen image."""
        return bool(self._tier[place, 0])


@dataclass(slots=True)
class _Marks:
    """What is said of each candidate, whatever it is chosen by."""

    points: Floats
    doubt: Floats | None
    disputed: Floats | None
    nearest: Floats | None
    far: float

    @staticmethod
    def of(pool: Pool) -> "_Marks":
        disputed = None
        if len(pool.scores) > 1:
            is_number = pool.kind == "number"
            disputed = spread(pool.scores) if is_number else disagreement(pool.scores, pool.kind)
        nearest = nearest_squared(pool.features, pool.known) ** 0.5 if len(pool.known) else None
        far = np.inf if nearest is None or not len(pool) else float(np.quantile(nearest, UPPER))
        unsure = doubt_of(pool) if is_doubtful(pool) else None
        return _Marks(pool.features, unsure, disputed, nearest, far)

    def choice(self, place: int, original: int, queue: _Queue) -> Choice:
        return Choice(
            place=original,
            doubt=_value(self.doubt, place),
            disagreement=_value(self.disputed, place),
            distance=_value(self.nearest, place),
            is_unsure=_is_high(self.doubt, place),
            is_disputed=_is_high(self.disputed, place),
            is_unlike=self.nearest is not None and float(self.nearest[place]) > self.far,
            turn=queue.turn(place),
            is_copy=queue.is_copy(place),
        )

    def take(self, place: int) -> None:
        distance = np.sqrt(((self.points - self.points[place]) ** 2).sum(axis=1))
        self.nearest = distance if self.nearest is None else np.minimum(self.nearest, distance)


def _value(values: Floats | None, place: int) -> float | None:
    return None if values is None else float(values[place])


def _is_high(values: Floats | None, place: int) -> bool:
    if values is None:
        return False
    return bool(values[place] > 0 and values[place] >= np.quantile(values, UPPER))
