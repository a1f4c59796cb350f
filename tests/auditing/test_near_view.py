import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from scanwright.auditing.near_view import (
    Detail,
    along_axes,
    blurring,
    cut,
    to_unit,
    turned_views,
    upright_views,
)


@pytest.mark.parametrize(("rank", "count"), [(1, 1), (2, 7), (3, 15)])
def test_all_turns_differ_from_each_other(rank: int, count: int) -> None:
    values = np.random.default_rng(0).random((1, *[4] * rank)).astype(np.float32)
    seen = {view.turn(values).tobytes() for view in turned_views(rank)}
    assert len(seen) == len(turned_views(rank)) == count
    assert values.tobytes() not in seen


def test_one_mirror_is_no_rotation() -> None:
    rotated = [view for view in turned_views(2) if view.is_rotated]
    assert len(rotated) == 5
    assert all(not view.is_upright for view in turned_views(2))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_upright_views_lie_inside(rank: int) -> None:
    views = upright_views(rank)
    assert len(views) == 2 + 2**rank
    assert all(view.is_upright and not view.is_rotated for view in views)
    assert all(0 <= begin <= 1 - view.share + 1e-9 for view in views for begin in view.begin)


def test_a_cut_sees_its_part() -> None:
    ramp = (np.arange(64) + 0.5) / 64
    seen = cut(64, 16, 0.5, 0.25) @ ramp
    assert np.allclose(seen, 0.25 + 0.5 * (np.arange(16) + 0.5) / 16, atol=1e-6)


def test_along_axes_multiplies_each_axis_by_its_own() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((2, 3, 4, 5)).astype(np.float32)
    grids = [rng.random((6, n)).astype(np.float32) for n in (3, 4, 5)]
    expected = np.einsum("nabc,xa,yb,zc->nxyz", values, *grids)
    assert np.allclose(along_axes(values, grids), expected, rtol=1e-4)
    own = [np.stack([grid, grid]) for grid in grids]
    assert np.allclose(along_axes(values, own), expected, rtol=1e-4)
    assert along_axes(values[:0], grids).shape == (0, 6, 6, 6)


@pytest.mark.parametrize("sigma", [0.8, 3.0])
def test_blurring_is_that_of_scipy(sigma: float) -> None:
    values = np.random.default_rng(0).random((24, 24)).astype(np.float32)
    blurred = along_axes(values[None], [blurring(24, sigma)] * 2)[0]
    assert np.allclose(blurred, gaussian_filter(values, sigma, truncate=4.5), atol=1e-3)


def test_details_forget_brightness_and_contrast() -> None:
    values = np.random.default_rng(0).random((1, 32, 32)).astype(np.float32)
    detail = Detail(sigma=3, floor=1e-4)
    assert np.allclose(detail.of(values), detail.of(0.5 * values + 0.2), atol=1e-2)


def test_details_within_a_mask_do_not_see_what_is_outside() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((1, 32, 32)).astype(np.float32)
    mask = np.zeros_like(values)
    mask[:, 4:, 6:] = 1
    other = np.where(mask > 0, values, 7).astype(np.float32)
    detail = Detail(sigma=3, floor=0.02, smooth=0.8)
    assert np.allclose(detail.within(values, mask), detail.within(other, mask), atol=1e-4)
    whole = np.ones_like(values)
    plain = Detail(sigma=3, floor=0.02)
    assert np.allclose(plain.within(values, whole), plain.of(values), atol=1e-4)


def test_units_have_length_one_and_flat_ones_stay_flat() -> None:
    values = np.stack([np.arange(16.0).reshape(4, 4), np.full((4, 4), 3.0)]).astype(np.float32)
    unit = to_unit(values)
    assert np.linalg.norm(unit[0]) == pytest.approx(1, abs=1e-5)
    assert not unit[1].any()
