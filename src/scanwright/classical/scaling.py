"""Features on one scale, with each family of them counting as much as another."""

from collections.abc import Sequence

import numpy as np

from scanwright.image import Array, Floats

SMALLEST_SPREAD = 1e-9
"""Relative to the size of its values: a feature that varies less is left out as constant."""


class FamilyScaler:
    """Brings features to mean 0 and deviation 1, over the root of the size of their family.

    Without the second step the distance between two cases would be that of the largest family,
    whatever the others say. Has the face of a scikit-learn transformer.

    Parameters
    ----------
    families
        Number of the family of each column; none given, all are of one.
    """

    def __init__(self, families: Sequence[int] = ()) -> None:
        self.families = tuple(families)

    def fit(self, values: Floats, truth: Array | None = None) -> "FamilyScaler":
        """Learn means, deviations and sizes from features, shape (N, F)."""
        self.mean = values.mean(axis=0, dtype=np.float64)
        spread = values.std(axis=0, dtype=np.float64)
        varies = spread > SMALLEST_SPREAD * np.maximum(np.abs(self.mean), 1e-30)
        families = np.array(self.families or (0,) * values.shape[1])
        sizes = np.bincount(families[varies], minlength=int(families.max()) + 1)
        kinds = max(np.count_nonzero(sizes), 1)
        with np.errstate(divide="ignore"):
            # Over the number of families too: the mean square length of a case is 1.
            factor = 1 / (spread * np.sqrt(sizes[families] * kinds))
        self.factor = np.where(varies, factor, 0.0)
        return self

    def transform(self, values: Floats) -> Floats:
        """Return the scaled features; constant ones become 0."""
        return np.asarray((values - self.mean) * self.factor)

    def fit_transform(self, values: Floats, truth: Array | None = None) -> Floats:
        """Learn from features and return them scaled."""
        return self.fit(values, truth).transform(values)
