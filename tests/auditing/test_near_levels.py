import numpy as np
import pytest

from scanwright.auditing.near_levels import match_levels


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.2])
def test_any_gamma_is_undone(gamma: float) -> None:
    fixed = np.random.default_rng(0).random((3, 4000)).astype(np.float32)
    moving = fixed**gamma
    match_levels(moving, fixed, np.ones_like(fixed))
    assert np.allclose(moving, fixed, atol=0.02)


def test_what_lies_outside_is_neither_seen_nor_changed() -> None:
    fixed = np.random.default_rng(0).random((1, 3000)).astype(np.float32)
    mask = np.zeros_like(fixed)
    mask[:, :2000] = 1
    moving = np.where(mask > 0, fixed / 2, 0.9).astype(np.float32)
    match_levels(moving, fixed, mask)
    assert np.allclose(moving[:, :2000], fixed[:, :2000], atol=0.02)
    assert (moving[:, 2000:] == np.float32(0.9)).all()


def test_background_of_one_level_and_empty_masks_are_no_trouble() -> None:
    fixed = np.zeros((2, 500), np.float32)
    fixed[0, 300:] = np.linspace(0.2, 1, 200)
    moving, mask = fixed**0.5, np.ones_like(fixed)
    mask[1] = 0
    match_levels(moving, fixed, mask)
    assert np.abs(moving[0] - fixed[0]).max() < 0.03
    assert not moving[1].any()


def test_order_is_kept() -> None:
    rng = np.random.default_rng(0)
    moving, fixed = rng.random((2, 1, 900)).astype(np.float32)
    before = moving.copy()
    match_levels(moving, fixed, np.ones_like(fixed))
    assert (np.diff(moving[0, np.argsort(before[0])]) >= 0).all()
