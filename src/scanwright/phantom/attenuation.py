"""How matter weakens X-rays: mass attenuation, a tube's spectrum, and Beer and Lambert's law."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError
from scanwright.image import Floats

ENERGIES_KEV = np.array([30.0, 40.0, 50.0, 60.0, 80.0, 100.0])
"""Photon energies at which matter is tabulated."""

BIN_WIDTHS_KEV = np.array([10.0, 10.0, 10.0, 15.0, 20.0, 20.0])
"""Part of a spectrum that each energy stands for."""

MASS_ATTENUATION = {
    "water": np.array([0.3756, 0.2683, 0.2269, 0.2059, 0.1837, 0.1707]),
    "soft": np.array([0.3790, 0.2688, 0.2264, 0.2048, 0.1823, 0.1693]),
    "bone": np.array([1.331, 0.6655, 0.4242, 0.3148, 0.2229, 0.1855]),
    "aluminium": np.array([1.128, 0.5685, 0.3681, 0.2778, 0.2018, 0.1704]),
}
"""µ/ρ in cm²/g at `ENERGIES_KEV`: water, soft tissue and cortical bone (ICRU-44), aluminium.

Source: Hubbell and Seltzer, NISTIR 5632 (NIST Standard Reference Database 126).
"""

ALUMINIUM_DENSITY = 2.699
"""g/cm³."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """How a beam's photons are shared among `ENERGIES_KEV`; the shares add up to 1."""

    shares: Floats

    def attenuation(self, material: str) -> float:
        """Return the mean µ/ρ of a thin layer, in cm²/g."""
        return float(self.shares @ MASS_ATTENUATION[material])


def tube_spectrum(peak_kv: float, filter_mm: float) -> Spectrum:
    """Return the spectrum of a tube: Kramers' law (1923) behind a filter of aluminium.

    Parameters
    ----------
    peak_kv
        Tube voltage; it must exceed the lowest tabulated energy.
    filter_mm
        Thickness of aluminium.

    Raises
    ------
    InputError
        The voltage is too low to give any tabulated photon.
    """
    if peak_kv <= ENERGIES_KEV[0]:
        raise InputError("The tube voltage is too low.", got=peak_kv, legal="> 30 kV")
    made = np.maximum(peak_kv / ENERGIES_KEV - 1, 0) * BIN_WIDTHS_KEV
    path = ALUMINIUM_DENSITY * filter_mm / 10
    shares = made * np.exp(-MASS_ATTENUATION["aluminium"] * path)
    return Spectrum(shares / shares.sum())


def single_energy(energy_kev: float) -> Spectrum:
    """Return a beam of one of the tabulated energies.

    Raises
    ------
    InputError
        The energy is not tabulated.
    """
    shares = np.where(np.isclose(ENERGIES_KEV, energy_kev), 1.0, 0.0)
    if shares.sum() != 1:
        raise InputError(
            "The energy is not tabulated.", got=energy_kev, legal=ENERGIES_KEV.tolist()
        )
    return Spectrum(shares)


def transmit(spectrum: Spectrum, soft: npt.ArrayLike, bone: npt.ArrayLike = 0.0) -> Floats:
    """Return the share of photons that pass: Σ_E share(E) exp(-Σ_m (µ/ρ)_m(E) t_m).

    Parameters
    ----------
    spectrum
        The beam.
    soft, bone
        Mass on the ray's path per area, in g/cm²; any shapes that broadcast.
    """
    soft, bone = np.broadcast_arrays(np.asarray(soft, float), np.asarray(bone, float))
    passed = np.zeros(soft.shape)
    for share, weak, strong in zip(
        spectrum.shares, MASS_ATTENUATION["soft"], MASS_ATTENUATION["bone"], strict=True
    ):
        if share > 0:
            passed += share * np.exp(-(weak * soft + strong * bone))
    return passed
