"""X-rays through matter: Beer and Lambert's law, and the tables it stands on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import InputError
from scanwright.phantom.attenuation import (
    ENERGIES_KEV,
    MASS_ATTENUATION,
    single_energy,
    transmit,
    tube_spectrum,
)


@given(thick=st.floats(0, 40), energy=st.sampled_from(ENERGIES_KEV.tolist()))
def test_a_uniform_slab_weakens_one_energy_exponentially(thick, energy):
    slab = transmit(single_energy(energy), thick)
    weak = MASS_ATTENUATION["soft"][energy == ENERGIES_KEV][0]
    assert slab == pytest.approx(np.exp(-weak * thick), rel=1e-12)


@given(st.floats(0, 20), st.floats(0, 20), st.floats(0, 3))
def test_slabs_of_one_energy_multiply(first, second, bone):
    beam = single_energy(60.0)
    both = transmit(beam, first + second, bone)
    assert both == pytest.approx(transmit(beam, first, bone) * transmit(beam, second))


def test_many_energies_harden_behind_matter():
    beam = tube_spectrum(120, 3)
    thin, thick = transmit(beam, 1.0), transmit(beam, 20.0)
    assert -np.log(thick) < -np.log(thin) * 20


@given(st.floats(60, 140), st.floats(0.5, 8))
def test_a_spectrum_adds_up_and_a_filter_hardens_it(peak_kv, filter_mm):
    soft, hard = tube_spectrum(peak_kv, filter_mm), tube_spectrum(peak_kv, filter_mm + 2)
    assert soft.shares.sum() == pytest.approx(1)
    assert np.all(soft.shares[peak_kv <= ENERGIES_KEV] == 0)
    assert hard.shares @ ENERGIES_KEV > soft.shares @ ENERGIES_KEV


def test_bone_weakens_most_where_energy_is_low():
    low, high = single_energy(40.0), single_energy(100.0)
    assert low.attenuation("bone") / low.attenuation("soft") > 2
    assert high.attenuation("bone") / high.attenuation("soft") < 1.2


def test_a_tube_below_the_table_is_refused():
    with pytest.raises(InputError, match="voltage"):
        tube_spectrum(25, 3)


def test_an_energy_off_the_table_is_refused():
    with pytest.raises(InputError, match="tabulated"):
        single_energy(70.0)
