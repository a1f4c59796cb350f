import numpy as np
import pytest

from scanwright.auditing.near_register import Overlay, compare, halved, register, sift, warped
from scanwright.auditing.near_view import Detail
from tests.auditing.textures import pictures_of, texture

DETAIL = Detail(sigma=3.0, floor=0.02, smooth=0.8)


def at(scale: float, shift: float, rank: int = 2) -> Overlay:
    return Overlay(np.full((1, rank), scale, np.float32), np.full((1, rank), shift, np.float32))


def pair(low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the part `low` to `high` of 200 of a texture, and the texture."""
    whole = texture(5, (200, 200))
    part, full = pictures_of([whole[low:high, low:high], whole])
    return part.values[None], full.values[None]


@pytest.mark.parametrize(("low", "high"), [(10, 190), (0, 184), (12, 200)])
def test_a_cut_is_registered_to_a_third_of_an_element(low: int, high: int) -> None:
    part, full = pair(low, high)
    overlay = register(DETAIL.of(part), DETAIL.of(full), at(0.95, 0.0), 12)
    assert np.allclose(overlay.scale, (high - low) / 200, atol=0.01)
    assert np.allclose(overlay.shift, (low + high) / 200 - 1, atol=0.01)
    assert compare(part, full, overlay, DETAIL).whole[0] > 0.97


def test_volumes_are_registered_by_the_same_body() -> None:
    whole = texture(5, (60, 60, 60))
    part, full = (one.values[None] for one in pictures_of([whole[3:, 3:, 3:], whole]))
    detail = Detail(sigma=2.0, floor=0.02)
    overlay = register(detail.of(part), detail.of(full), at(0.95, 0.0, 3), 12)
    assert np.allclose(overlay.scale, 0.95, atol=0.02)
    assert np.allclose(overlay.shift, 0.05, atol=0.02)


def test_identity_needs_no_step() -> None:
    part, _ = pair(0, 200)
    detail = DETAIL.of(part)
    overlay = register(detail, detail, at(1, 0), 3)
    assert np.allclose(overlay.scale, 1, atol=1e-4)
    likeness = compare(part, part, overlay, DETAIL)
    assert likeness.whole[0] == pytest.approx(1, abs=1e-4)
    assert likeness.weakest_parts[0] == pytest.approx(1, abs=1e-4)


def test_sifting_keeps_copies_and_gives_up_others() -> None:
    whole = texture(5, (200, 200))
    arrays = [whole[10:190, 10:190], whole, *(texture(seed, (200, 200)) for seed in range(6, 9))]
    details = DETAIL.of(np.stack([one.values for one in pictures_of(arrays)]))
    pairs = (np.zeros(4, np.intp), np.arange(1, 5))
    start = Overlay(np.full((4, 2), 0.95, np.float32), np.zeros((4, 2), np.float32))
    overlay, kept = sift((details, details), pairs, start, (0.1, 0.2, 0.3, 0.3, 0.8))
    assert kept.tolist() == [0]
    assert np.allclose(overlay.scale, 0.9, atol=0.01)
    alone = register(details[:1], details[1:2], start.only(np.array([0])), 4)
    assert np.allclose(overlay.scale, alone.scale)
    assert np.allclose(overlay.shift, alone.shift)


def test_flat_pictures_do_not_break_it() -> None:
    flat = np.zeros((2, 16, 16), np.float32)
    start = Overlay(np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32))
    overlay = register(flat, flat, start, 3)
    assert np.isfinite(overlay.scale).all()
    assert not compare(flat, flat, overlay, DETAIL).whole.any()


def test_a_part_that_differs_lowers_the_weakest_parts_more_than_the_whole() -> None:
    part, _ = pair(0, 200)
    other = part.copy()
    other[:, :20, :] = pictures_of([texture(9)])[0].values[:20]
    likeness = compare(part, other, at(1, 0), DETAIL)
    assert likeness.weakest_parts[0] < 0.5 < likeness.whole[0]


def test_warping_by_nothing_changes_nothing() -> None:
    part, _ = pair(0, 200)
    moved, mask = warped(part, at(1, 0))
    assert np.allclose(moved, part, atol=1e-5)
    assert mask.all()
    _, mask = warped(part, at(1, 0.25))
    assert mask.mean() == pytest.approx(0.875**2)


def test_halving_is_the_mean_of_neighbours() -> None:
    assert halved(np.arange(16.0).reshape(1, 4, 4)).tolist() == [[[2.5, 4.5], [10.5, 12.5]]]
