"""First-order features: how the grey values inside a region are spread, wherever they lie.

IBSI reference manual (A. Zwanenburg et al., arXiv 1612.07003v11), sections 3.3 and 3.4.
"""

import numpy as np

from scanwright.classical.levels import Levels
from scanwright.image import Floats

Named = dict[str, float]
"""Name → value."""


def intensity_features(values: Floats) -> Named:
    """Return the 18 statistics of grey values (section 3.3).

    Parameters
    ----------
    values
        Shape (N,), N > 0. Skewness, kurtosis and ratios are 0 where their denominators vanish.
    """
    x = np.asarray(values, dtype=np.float64)
    mean, variance = float(x.mean()), float(x.var())
    centred = x - mean
    p10, p25, median, p75, p90 = np.percentile(x, [10, 25, 50, 75, 90]).tolist()
    middle = x[(x >= p10) & (x <= p90)]
    energy = float((x**2).sum())
    return {
        "mean": mean,
        "variance": variance,
        "skewness": _ratio(float((centred**3).mean()), variance**1.5),
        "kurtosis": _ratio(float((centred**4).mean()), variance**2, 3.0) - 3.0,
        "median": median,
        "minimum": float(x.min()),
        "percentile_10": p10,
        "percentile_90": p90,
        "maximum": float(x.max()),
        "interquartile_range": p75 - p25,
        "range": float(x.max() - x.min()),
        "mean_absolute_deviation": float(np.abs(centred).mean()),
        "robust_mean_absolute_deviation": float(np.abs(middle - middle.mean()).mean()),
        "median_absolute_deviation": float(np.abs(x - median).mean()),
        "coefficient_of_variation": _ratio(variance**0.5, mean),
        "quartile_coefficient_of_dispersion": _ratio(p75 - p25, p75 + p25),
        "energy": energy,
        "root_mean_square": float(np.sqrt(energy / len(x))),
    }


def histogram_features(levels: Levels) -> Named:
    """Return entropy and uniformity of discretised values (section 3.4, IBSI TLU2 and BJ5W).

    Parameters
    ----------
    levels
        Any shape, 0 outside.
    """
    counts = np.bincount(levels[levels > 0])
    p = counts[counts > 0] / counts.sum()
    return {
        "entropy": float(-(p * np.log2(p)).sum()) + 0.0,
        "uniformity": float((p**2).sum()),
    }


def _ratio(above: float, below: float, otherwise: float = 0.0) -> float:
    return above / below if abs(below) > 1e-300 else otherwise
