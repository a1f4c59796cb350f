import numpy as np
import pytest

from scanwright.classical.scaling import FamilyScaler


def test_features_get_mean_0_and_families_equal_weight() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(50, [1, 10, 100, 0.1], (400, 4))
    scaled = FamilyScaler((0, 1, 1, 1)).fit_transform(values)
    assert scaled.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-9)
    lengths = (scaled**2).mean(axis=0)
    assert lengths[0] == pytest.approx(lengths[1:].sum())
    assert lengths.sum() == pytest.approx(1.0)


def test_constant_features_become_0_and_do_not_weigh_down_their_family() -> None:
    values = np.random.default_rng(0).normal(size=(50, 3))
    values[:, 1] = 7.0
    scaled = FamilyScaler((0, 0, 1)).fit_transform(values)
    assert np.all(scaled[:, 1] == 0)
    assert (scaled[:, 0] ** 2).mean() == pytest.approx((scaled[:, 2] ** 2).mean())


def test_new_cases_are_scaled_as_the_old_ones() -> None:
    values = np.random.default_rng(0).normal(size=(50, 3))
    scaler = FamilyScaler().fit(values)
    assert scaler.transform(values[:5]) == pytest.approx(scaler.fit_transform(values)[:5])
