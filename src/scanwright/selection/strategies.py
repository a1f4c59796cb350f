"""The strategies by name: what each finds worth a label, one image after another."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scanwright.base import Catalog, RecipeError
from scanwright.image import Floats
from scanwright.selection.apart import Apart, Changes, Places, Space
from scanwright.selection.doubt import disagreement, entropy, guess_error, margin, spread
from scanwright.selection.pool import Pool


class Chooser(Protocol):
    """A strategy at work on one pool."""

    def gains(self) -> Floats:
        """Return what each candidate is worth now, shape (N,); the highest is taken."""

    def take(self, place: int) -> None:
        """Note that a candidate was taken."""


class Strategy(Protocol):
    """A rule by which candidates are chosen."""

    meaning: str
    """What it prefers, in a few words."""
    asks_networks: bool
    """Whether it rests on what the networks say."""

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Begin with a pool.

        Raises
        ------
        RecipeError
            The networks' scores cannot say what the strategy asks.
        """


@dataclass(slots=True)
class Fixed:
    """Gains that do not depend on what was taken."""

    values: Floats

    def gains(self) -> Floats:
        """Return the values."""
        return self.values

    def take(self, place: int) -> None:
        """Change nothing."""


class Random:
    """Draw by lot: what every other strategy must beat."""

    meaning = "drawn by lot"
    asks_networks = False

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Draw one number per candidate."""
        return Fixed(rng.random(len(pool)))


class Uncertainty:
    """What the networks' mean is most unsure of."""

    meaning = "the network is most unsure of them"
    asks_networks = True

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Measure the entropy once."""
        return Fixed(doubt_of(pool))


class Margin:
    """What is nearest to a tie between two labels."""

    meaning = "two labels are nearly tied"
    asks_networks = True

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Measure the margin once."""
        if pool.kind == "number":
            raise RecipeError(
                "A number has no margin.", got="margin", legal="disagreement, diversity, mixed"
            )
        return Fixed(margin(pool.scores, pool.kind))


class Disagreement:
    """What the networks contradict each other about."""

    meaning = "the networks disagree about them"
    asks_networks = True

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Measure the disagreement once."""
        if len(pool.scores) < 2:
            raise RecipeError(
                "One network cannot disagree with itself.",
                got="a bundle of one network",
                legal="a bundle of two or more",
                next="use another strategy, or train with --set training.members=3",
            )
        if pool.kind == "number":
            return Fixed(spread(pool.scores))
        return Fixed(disagreement(pool.scores, pool.kind))


class Diversity:
    """What is farthest from everything labelled or taken (k-centre, greedy).

    Source: Sener and Savarese 2018, arXiv:1708.00489, algorithm 1.
    """

    meaning = "they are unlike everything labelled"
    asks_networks = False

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Measure the distance to the labelled images."""
        return Apart(Places(pool.features, pool.known), np.ones(len(pool)))


class ExpectedChange:
    """What would change the last layer most, and each in another direction (BADGE).

    Drawn with a chance that grows with the squared distance to what was taken; labelled images
    are fitted and stand for no change. Source: Ash et al. 2020, arXiv:1906.03671, algorithm 1.
    """

    meaning = "their labels would change the network most"
    asks_networks = True

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Measure the gradients that the guessed labels would give."""
        errors = guess_error(pool.scores, pool.kind)
        space: Space = Changes(errors, pool.features)
        return Apart(space, np.ones(len(pool)), rng=rng)


class Mixed:
    """What is unlike everything labelled or taken, and doubt counts up to double.

    Doubt alone misleads where the networks know little yet, so it never outweighs distance; see
    `benchmarks/suggest.py`.
    """

    meaning = "they are unlike everything labelled, the more so where the network is unsure"
    asks_networks = True

    def start(self, pool: Pool, rng: np.random.Generator) -> Chooser:
        """Measure the doubt, which then weighs the distances."""
        weights = 1 + doubt_of(pool) if is_doubtful(pool) else np.ones(len(pool))
        return Apart(Places(pool.features, pool.known), weights)


def is_doubtful(pool: Pool) -> bool:
    """Return whether the scores can say how unsure they are: one network's number cannot."""
    return pool.kind != "number" or len(pool.scores) > 1


def doubt_of(pool: Pool) -> Floats:
    """Return how unsure the networks are of each candidate, shape (N,), 0 to 1.

    Raises
    ------
    RecipeError
        One network gives a number, and with it no doubt.
    """
    if not is_doubtful(pool):
        raise RecipeError(
            "One network's number does not say how unsure it is.",
            got="a bundle of one network",
            next="use --strategy diversity, or train with --set training.members=3",
        )
    if pool.kind == "number":
        return spread(pool.scores)
    return entropy(pool.scores, pool.kind)


STRATEGIES: Catalog[Strategy] = Catalog(
    "strategy",
    {
        "diversity": Diversity(),
        "disagreement": Disagreement(),
        "expected_change": ExpectedChange(),
        "margin": Margin(),
        "mixed": Mixed(),
        "random": Random(),
        "uncertainty": Uncertainty(),
    },
)
