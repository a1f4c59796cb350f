"""A cheap classifier on small pictures, cross-validated by patient: fast, and no network."""

import warnings

import numpy as np
import numpy.typing as npt

from scanwright.auditing.finding import NotChecked

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

CELLS = 8
"""Cells along each edge of a picture."""
BINS = 9
"""Directions without sign (Dalal & Triggs 2005, section 6.3)."""
COMPONENTS = 100
CHUNK = 512
FOLDS = 5
FEWEST_GROUPS = 10
"""A class with fewer independent cases is not cross-validated."""
REGULAR = 0.02
"""Inverse strength of the penalty: pictures are many numbers, cases few."""


def picture_features(pictures: npt.NDArray[np.uint8]) -> Floats:
    """Describe small pictures by the direction of their edges and their brightness.

    Parameters
    ----------
    pictures
        Shape (N, E, E).

    Returns
    -------
    Shape (N, F): for each of 8 × 8 cells 9 gradient sums, relative to the cell and its
    neighbours' mean, then the mean brightness of 16 × 16 squares.
    """
    parts = [_features(pictures[start : start + CHUNK]) for start in range(0, len(pictures), CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, CELLS * CELLS * BINS + 256))


def _features(pictures: npt.NDArray[np.uint8]) -> Floats:
    count, edge = pictures.shape[0], pictures.shape[1]
    values = pictures.astype(np.float32) / 255
    down, right = np.gradient(values, axis=(1, 2))
    size = np.hypot(down, right)
    angle = np.mod(np.arctan2(down, right), np.pi) / np.pi * BINS
    which = np.minimum(angle.astype(np.int64), BINS - 1)
    side = edge // CELLS
    sums = np.zeros((count, CELLS, CELLS, BINS), dtype=np.float32)
    for direction in range(BINS):
        part = np.where(which == direction, size, 0)
        sums[..., direction] = part.reshape(count, CELLS, side, CELLS, side).sum(axis=(2, 4))
    energy = np.sqrt((sums**2).sum(axis=3, keepdims=True))
    edges = sums / (energy + energy.mean(axis=(1, 2), keepdims=True) + 1e-3)
    light = values.reshape(count, 16, edge // 16, 16, edge // 16).mean(axis=(2, 4))
    return np.concatenate(
        [edges.reshape(count, -1), light.reshape(count, -1)], axis=1, dtype=np.float64
    )


def held_out_probabilities(
    features: Floats, truth: Integers, groups: Integers, *, seed: int = 0
) -> Floats:
    """Predict each case by a logistic regression that has not seen it nor its group.

    Parameters
    ----------
    features
        Shape (N, F).
    truth
        Shape (N,): class of each case, 0 to K - 1.
    groups
        Shape (N,): cases with the same number are never parted.

    Returns
    -------
    Shape (N, K): probabilities.

    Raises
    ------
    NotChecked
        A class has too few independent cases.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression

    scaled = standardised(features)
    kept = min(COMPONENTS, *scaled.shape)
    # No label is seen here: only the axes along which the pictures differ.
    scores = PCA(kept, svd_solver="randomized", random_state=seed).fit_transform(scaled)
    scores /= max(float(scores[:, 0].std()), 1e-9)
    probabilities = np.zeros((len(truth), int(truth.max()) + 1))
    for train, held in grouped_folds(truth, groups, seed=seed):
        model = LogisticRegression(C=REGULAR * 100, max_iter=300)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit that is nearly there serves as well
            model.fit(scores[train], truth[train])
        probabilities[np.ix_(held, model.classes_)] = model.predict_proba(scores[held])
    return probabilities


def grouped_folds(
    truth: Integers, groups: Integers, *, seed: int = 0
) -> list[tuple[Integers, Integers]]:
    """Return (train, held out) rows of five folds, stratified, groups whole.

    Raises
    ------
    NotChecked
        A class has too few independent cases.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    bearing = [len(np.unique(groups[truth == label])) for label in np.unique(truth)]
    if len(bearing) < 2:
        raise NotChecked("there are no two classes to tell apart")
    if min(bearing) < FEWEST_GROUPS:
        raise NotChecked(f"a class has fewer than {FEWEST_GROUPS} independent cases")
    dealer = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    folds = dealer.split(np.zeros((len(truth), 1)), truth, groups)
    return [(np.asarray(train), np.asarray(held)) for train, held in folds]


def standardised(features: Floats) -> Floats:
    """Return features of mean 0 and deviation 1; those that never change are left out."""
    spread = features.std(axis=0)
    known = spread > 1e-9
    if not known.any():
        return np.zeros((len(features), 1))
    chosen = features[:, known]
    return np.asarray((chosen - chosen.mean(axis=0)) / spread[known])
