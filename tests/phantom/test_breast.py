"""A breast: layers in their order, masses laid over them."""

import numpy as np
import pytest
from numpy.random import default_rng

from scanwright.phantom.blob import draw_blob
from scanwright.phantom.breast import Finding, draw_breast, insonify

X = np.linspace(-19, 19, 120, dtype=np.float32)[None]
Y = np.arange(0.02, 40, 0.04, dtype=np.float32)[:, None]


def mass(**changes):
    shape = draw_blob((2.0, 18.0, 0.0), (6.0, 5.0, 5.0), 0.0, default_rng(0), upright=True)
    values = {"echo": 0.01, "mottle": 0.0, "loss": 0.05, "wall": 0.9, "rim_mm": 0.0, "rim": 0.0}
    return Finding(shape, **(values | changes))


def test_attenuation_follows_the_layers():
    breast = draw_breast(default_rng(1), 40)
    tissue = insonify(breast, (), X, Y, default_rng(2))
    rows = [2 * breast.skin_mm, breast.skin_mm + breast.fat_mm + breast.gland_mm / 2]
    for depth_mm, loss in zip(rows, breast.losses[:2], strict=True):
        middle = np.median(tissue.loss[int(depth_mm / 0.04)])
        assert middle == pytest.approx(loss, abs=0.02)


def test_gland_scatters_more_than_fat():
    breast = draw_breast(default_rng(1), 40)
    tissue = insonify(breast, (), X, Y, default_rng(2))
    fat = tissue.echo[int(2 * breast.skin_mm / 0.04)]
    gland = tissue.echo[int((breast.skin_mm + breast.fat_mm + breast.gland_mm / 2) / 0.04)]
    assert np.median(gland) > 1.3 * np.median(fat)


def test_a_mass_has_its_own_echo_and_loss():
    breast = draw_breast(default_rng(3), 40)
    tissue = insonify(breast, (mass(),), X, Y, default_rng(4))
    inside = np.hypot((X - 2) / 6, (Y - 18) / 5) < 0.9
    assert np.allclose(tissue.echo[inside], 0.01, atol=1e-4)
    assert np.allclose(tissue.loss[inside], 0.05, atol=1e-4)


def test_a_wall_reflects_where_it_is_crossed_from_above():
    breast = draw_breast(default_rng(3), 40)
    plain = insonify(breast, (), X, Y, default_rng(4)).edges
    walled = insonify(breast, (mass(),), X, Y, default_rng(4)).edges
    column = int(np.abs(X[0] - 2).argmin())
    changed = np.flatnonzero(~np.isclose(plain[:, column], walled[:, column]))
    assert abs(Y[changed, 0] - 13).min() < 0.1
    assert abs(Y[changed, 0] - 23).min() < 0.1


def test_a_rim_brightens_what_is_around():
    breast = draw_breast(default_rng(5), 40)
    ring = (np.hypot((X - 2) / 6, (Y - 18) / 5) > 1.02) & (
        np.hypot((X - 2) / 6, (Y - 18) / 5) < 1.1
    )
    plain = insonify(breast, (mass(),), X, Y, default_rng(6)).echo[ring].mean()
    rimmed = insonify(breast, (mass(rim_mm=1.5, rim=3.0),), X, Y, default_rng(6)).echo[ring].mean()
    assert rimmed > plain
