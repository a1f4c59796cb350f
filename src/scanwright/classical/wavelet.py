"""Wavelet energy: how much of the image lies at which scale and in which direction."""

from itertools import product

import numpy as np

from scanwright.classical.region import Region
from scanwright.image import Floats

Named = dict[str, float]
"""Name → value."""

WAVELET = "db2"
"""Daubechies' with two vanishing moments: short, so that small images keep some levels."""
DEEPEST = 3
"""Levels of the decomposition; an image too small for a level repeats the last that it has."""
FLOOR = 1e-12
"""Added before the logarithm, against images that are 0 at a scale."""


def wavelet_features(region: Region) -> Named:
    """Return log energy and entropy of each wavelet subband (S. Mallat, IEEE PAMI 1989, 11:674).

    The grey values are standardised inside the region (mean outside), so that only the
    distribution over scales and directions counts. A subband's name says, axis by axis, slow →
    fast, whether it was low-passed (a) or high-passed (d): "2.ad" is level 2, detail along x.
    Energy is log10 of the mean square; entropy that of the squares' shares, over its largest
    possible value.
    """
    import pywt

    standard = _standardised(region)
    found = {}
    approximation = standard
    bands = {name: np.zeros(1) for name in _details(standard.ndim)}
    for level in range(1, DEEPEST + 1):
        if min(approximation.shape) >= 2:
            bands = dict(pywt.dwtn(approximation, WAVELET, mode="symmetric"))
            approximation = bands.pop("a" * standard.ndim)
        for name, band in sorted(bands.items()):
            found[f"energy.{level}.{name}"] = float(np.log10(np.mean(band**2) + FLOOR))
            found[f"entropy.{level}.{name}"] = _entropy(band)
    found["energy.rest"] = float(np.log10(np.mean(approximation**2) + FLOOR))
    return found


def _details(rank: int) -> list[str]:
    names = ("".join(letters) for letters in product("ad", repeat=rank))
    return [name for name in names if "d" in name]


def _standardised(region: Region) -> Floats:
    values = region.values
    spread = float(values.std())
    if spread == 0:
        return np.zeros_like(region.grey)
    return np.where(region.mask, (region.grey - values.mean()) / spread, 0.0)


def _entropy(band: Floats) -> float:
    squares = np.square(band).ravel()
    total = float(squares.sum())
    if total <= FLOOR or len(squares) < 2:
        return 0.0
    p = squares[squares > 0] / total
    return float(-(p * np.log2(p)).sum() / np.log2(len(squares)))
