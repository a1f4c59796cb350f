"""Numbers made from texture matrices, by the definitions and under the names of IBSI.

IBSI reference manual (A. Zwanenburg et al., arXiv 1612.07003v11), sections 3.6 to 3.11.
"""

import numpy as np

from scanwright.classical.texture import Counts
from scanwright.image import Floats

Named = dict[str, float]
"""Name → value."""


def cooccurrence_features(matrix: Counts) -> Named:
    """Return the 25 features of a grey level co-occurrence matrix (section 3.6).

    Parameters
    ----------
    matrix
        Symmetric counts, shape (N_g, N_g). All zero (a region of single elements) counts as one
        pair of the first level.
    """
    weight = matrix.astype(np.float64)
    if not weight.any():
        weight[0, 0] = 1.0
    p = weight / weight.sum()
    count = len(p)
    level = np.arange(1, count + 1, dtype=np.float64)
    i, j = level[:, None], level[None, :]
    margin = p.sum(axis=1)
    mean = float(margin @ level)
    variance = float(margin @ (level - mean) ** 2)
    far = np.abs(i - j)
    difference = _summed(far, p)
    sums = _summed(i + j, p)
    gap, plus = np.arange(len(difference)), np.arange(len(sums))
    gap_mean, plus_mean = float(gap @ difference), float(plus @ sums)
    spread = i + j - 2 * mean
    upper = far > 0
    joint = _entropy(p)
    return {
        "joint_maximum": float(p.max()),
        "joint_average": mean,
        "joint_variance": variance,
        "joint_entropy": joint,
        "difference_average": gap_mean,
        "difference_variance": float((gap - gap_mean) ** 2 @ difference),
        "difference_entropy": _entropy(difference),
        "sum_average": plus_mean,
        "sum_variance": float((plus - plus_mean) ** 2 @ sums),
        "sum_entropy": _entropy(sums),
        "angular_second_moment": float((p**2).sum()),
        "contrast": float((far**2 * p).sum()),
        "dissimilarity": float((far * p).sum()),
        "inverse_difference": float((p / (1 + far)).sum()),
        "normalised_inverse_difference": float((p / (1 + far / count)).sum()),
        "inverse_difference_moment": float((p / (1 + far**2)).sum()),
        "normalised_inverse_difference_moment": float((p / (1 + (far / count) ** 2)).sum()),
        "inverse_variance": float((p[upper] / far[upper] ** 2).sum()),
        "correlation": float(((i - mean) * (j - mean) * p).sum() / variance) if variance else 1.0,
        "autocorrelation": float((i * j * p).sum()),
        "cluster_tendency": float((spread**2 * p).sum()),
        "cluster_shade": float((spread**3 * p).sum()),
        "cluster_prominence": float((spread**4 * p).sum()),
        **_information(p, margin, joint),
    }


def emphasis_features(matrix: Counts, elements: int, words: tuple[str, str, str]) -> Named:
    """Return the features that runs, zones and dependences share (sections 3.7, 3.8 and 3.11).

    Parameters
    ----------
    matrix
        Counts by grey level and amount: length of run, size of zone, dependence; (N_g, N_s).
    elements
        Elements that could have begun one: voxels times directions for runs.
    words
        What a small, a large and any amount are called: ("short_run", "long_run", "run_length").
    """
    small, large, amount = words
    counts = matrix.astype(np.float64)
    total = counts.sum()
    i = np.arange(1, counts.shape[0] + 1, dtype=np.float64)[:, None]
    j = np.arange(1, counts.shape[1] + 1, dtype=np.float64)[None, :]
    p = counts / total
    by_level, by_amount = counts.sum(axis=1), counts.sum(axis=0)
    level_mean, amount_mean = float((i * p).sum()), float((j * p).sum())
    return {
        f"{small}_emphasis": float((p / j**2).sum()),
        f"{large}_emphasis": float((p * j**2).sum()),
        "low_grey_level_emphasis": float((p / i**2).sum()),
        "high_grey_level_emphasis": float((p * i**2).sum()),
        f"{small}_low_grey_level_emphasis": float((p / (i * j) ** 2).sum()),
        f"{small}_high_grey_level_emphasis": float((p * i**2 / j**2).sum()),
        f"{large}_low_grey_level_emphasis": float((p * j**2 / i**2).sum()),
        f"{large}_high_grey_level_emphasis": float((p * (i * j) ** 2).sum()),
        "grey_level_non_uniformity": float((by_level**2).sum() / total),
        "normalised_grey_level_non_uniformity": float((by_level**2).sum() / total**2),
        f"{amount}_non_uniformity": float((by_amount**2).sum() / total),
        f"normalised_{amount}_non_uniformity": float((by_amount**2).sum() / total**2),
        "percentage": float(total / elements),
        "grey_level_variance": float(((i - level_mean) ** 2 * p).sum()),
        f"{amount}_variance": float(((j - amount_mean) ** 2 * p).sum()),
        f"{amount}_entropy": _entropy(p),
    }


def tone_difference_features(counts: Counts, sums: Floats) -> Named:
    """Return the five features of a neighbourhood grey tone difference matrix (section 3.10).

    Parameters
    ----------
    counts, sums
        n_i and s_i, shape (N_g,).

    Notes
    -----
    Coarseness of a region without differences is 10⁶, as IBSI proposes; busyness and strength
    are 0 where their denominators vanish.
    """
    voxels = max(int(counts.sum()), 1)
    p_all = counts / voxels
    present = p_all > 0
    p, s = p_all[present], np.asarray(sums)[present]
    level = (np.flatnonzero(present) + 1).astype(np.float64)
    kinds = len(p)
    weighted = float(p @ s)
    far = np.abs(level[:, None] - level[None, :])
    p_i, p_j = p[:, None], p[None, :]
    contrast = 0.0
    if kinds > 1:
        spread = float((p_i * p_j * far**2).sum()) / (kinds * (kinds - 1))
        contrast = spread * float(s.sum()) / voxels
    busy = float(np.abs(level[:, None] * p_i - level[None, :] * p_j).sum())
    mixed = p[:, None] * s[:, None] + p[None, :] * s[None, :]
    strong = float(((p_i + p_j) * far**2).sum())
    return {
        "coarseness": min(1 / weighted, 1e6) if weighted > 0 else 1e6,
        "contrast": contrast,
        "busyness": weighted / busy if busy > 0 else 0.0,
        "complexity": float((far * mixed / (p_i + p_j)).sum()) / voxels if kinds else 0.0,
        "strength": strong / float(s.sum()) if s.sum() > 0 else 0.0,
    }


def dependence_energy(matrix: Counts) -> float:
    """Return the dependence count energy (section 3.11, IBSI CAS9)."""
    p = matrix / matrix.sum()
    return float((p**2).sum())


def _summed(place: Floats, p: Floats) -> Floats:
    """Add up the shares that have the same (whole) place."""
    shares = np.bincount(place.astype(np.int64).ravel(), p.ravel())
    return np.asarray(shares, dtype=np.float64)


def _entropy(p: Floats) -> float:
    """Entropy in bits; what does not occur adds nothing."""
    shares = p[p > 0]
    # Adding 0 makes -0 to 0.
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def _information(p: Floats, margin: Floats, joint: float) -> Named:
    """Return both measures of information correlation (IBSI R8DG, JN9H)."""
    alone = _entropy(margin)
    outer = margin[:, None] * margin[None, :]
    both = outer > 0
    crossed = float(-(p[both] * np.log2(outer[both])).sum())
    independent = float(-(outer[both] * np.log2(outer[both])).sum())
    second = 1 - np.exp(-2 * (independent - joint))
    return {
        "information_correlation_1": (joint - crossed) / alone if alone > 0 else 0.0,
        "information_correlation_2": float(np.sqrt(max(second, 0.0))),
    }
