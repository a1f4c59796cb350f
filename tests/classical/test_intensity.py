import numpy as np
import pytest
from scipy import stats

from scanwright.classical.intensity import histogram_features, intensity_features
from tests.classical import ibsi_phantom as ibsi


def test_statistics_meet_the_reference() -> None:
    found = intensity_features(ibsi.PHANTOM[ibsi.PHANTOM > 0].astype(float))
    assert set(found) == set(ibsi.INTENSITY)
    assert not {n: found[n] for n, v in ibsi.INTENSITY.items() if not ibsi.agrees(found[n], v)}


def test_histogram_features_meet_the_reference() -> None:
    found = histogram_features(ibsi.PHANTOM)
    assert all(ibsi.agrees(found[name], value) for name, value in ibsi.HISTOGRAM.items())


def test_moments_are_those_of_scipy() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=500)
    found = intensity_features(values)
    assert found["skewness"] == pytest.approx(stats.skew(values))
    assert found["kurtosis"] == pytest.approx(stats.kurtosis(values))
    assert found["interquartile_range"] == pytest.approx(stats.iqr(values))


def test_constant_values_have_finite_features() -> None:
    found = intensity_features(np.zeros(9))
    assert np.isfinite(list(found.values())).all()
    assert found["variance"] == found["coefficient_of_variation"] == 0.0
