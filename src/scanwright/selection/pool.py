"""Images that wait for a label, as their networks see them, and those that have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scanwright.base import ShapeError
from scanwright.image import Floats

ScoreKind = Literal["exclusive", "independent", "number"]
"""One of K classes (or grades), any of K findings, or a number."""
MOST_DEVIATIONS = 5.0
"""A feature farther out than this says no more; one odd image must not rule all distances."""


@dataclass(frozen=True, slots=True)
class Pool:
    """N candidates and L images that have a label.

    Parameters
    ----------
    names
        One per candidate, all different.
    scores
        Shape (M, N, K): what each of M networks says; probabilities, or one number (K = 1).
    features
        Shape (N, F): the candidates in the space in which distance is measured.
    known
        Shape (L, F): labelled images in the same space; L may be 0.
    kind
        How scores are read.
    patients
        Whom each candidate belongs to; empty where it stands for itself.
    alike
        Number of the group of near duplicates of each candidate; -1 where there is none.
    settled
        Groups of near duplicates in which one image has a label.

    Raises
    ------
    ShapeError
        The parts differ in number.
    """

    names: tuple[str, ...]
    scores: Floats
    features: Floats
    known: Floats
    kind: ScoreKind = "exclusive"
    patients: tuple[str, ...] = ()
    alike: tuple[int, ...] = ()
    settled: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        count = len(self.names)
        sizes = {
            "names": len(set(self.names)),
            "scores": self.scores.shape[1] if self.scores.ndim == 3 else -1,
            "features": len(self.features),
            "patients": len(self.patients) or count,
            "alike": len(self.alike) or count,
        }
        wrong = {name: size for name, size in sizes.items() if size != count}
        if wrong or self.features.ndim != 2 or self.known.ndim != 2:
            raise ShapeError("The candidates do not fit together.", got=wrong, legal=count)
        if self.features.shape[1] != self.known.shape[1]:
            raise ShapeError(
                "Candidates and labelled images have different features.",
                got=self.features.shape[1],
                legal=self.known.shape[1],
            )

    def __len__(self) -> int:
        return len(self.names)

    def only(self, places: Sequence[int]) -> "Pool":
        """Return some of the candidates, in the order given."""
        rows = list(places)
        return Pool(
            tuple(self.names[row] for row in rows),
            self.scores[:, rows],
            self.features[rows],
            self.known,
            self.kind,
            tuple(self.patients[row] for row in rows) if self.patients else (),
            tuple(self.alike[row] for row in rows) if self.alike else (),
            self.settled,
        )


def common_scale(features: Floats, known: Floats) -> tuple[Floats, Floats]:
    """Scale features so that the distance between two images is about 1.

    Each is centred and divided by its deviation over all images; features that are constant are
    left out, values far out are cut.

    Parameters
    ----------
    features, known
        Shapes (N, F) and (L, F), of any scale.

    Returns
    -------
    Shapes (N, G) and (L, G), G ≤ F; G is 1 (all 0) where nothing varies.
    """
    both = np.concatenate([features, known]).astype(np.float64)
    deviation = both.std(axis=0)
    varies = deviation > 1e-9 * np.maximum(np.abs(both).max(axis=0, initial=0.0), 1e-300)
    if not varies.any():
        return np.zeros((len(features), 1)), np.zeros((len(known), 1))
    both = (both[:, varies] - both[:, varies].mean(axis=0)) / deviation[varies]
    both = np.clip(both, -MOST_DEVIATIONS, MOST_DEVIATIONS) / np.sqrt(2 * varies.sum())
    return both[: len(features)], both[len(features) :]
