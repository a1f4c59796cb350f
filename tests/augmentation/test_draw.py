"""Drawing: reproducible, within limits, as likely as asked for."""

from dataclasses import fields

import numpy as np
import pytest

from scanwright.augmentation import Augmentation, AugmentationOptions, Drawn, strong


def draw(options: AugmentationOptions, batch: int, size: tuple[int, ...], seed: int = 0) -> Drawn:
    return Augmentation(options, len(size)).draw((1, *size), np.arange(batch), (seed,))


@pytest.mark.parametrize("size", [(20, 30), (10, 20, 30)])
def test_a_seed_decides_everything(size: tuple[int, ...]) -> None:
    first, again = draw(strong((0,)), 9, size), draw(strong((0,)), 9, size)
    other = draw(strong((0,)), 9, size, seed=1)
    for field in fields(Drawn):
        values = getattr(first, field.name)
        if isinstance(values, np.ndarray):
            assert len(values) == 9
            assert np.array_equal(values, getattr(again, field.name))
    assert (first.size, first.window, first.artefacts) == (size, size, {})
    assert not np.array_equal(first.seed, other.seed)
    assert not np.array_equal(first.matrix, other.matrix)


def test_switching_one_change_on_leaves_the_others_as_drawn() -> None:
    one = draw(AugmentationOptions(gamma_chance=0.5), 50, (8, 8))
    two = draw(AugmentationOptions(gamma_chance=0.5, rotate_chance=1, cutmix_chance=1), 50, (8, 8))
    assert np.array_equal(one.gamma, two.gamma)
    assert np.array_equal(one.seed, two.seed)


def test_changes_are_as_likely_as_asked_for() -> None:
    options = AugmentationOptions(
        flips=(1,), flip_chance=0.3, rotate_chance=0.2, noise_chance=0.6, noise=(0.1, 0.2),
        gamma_chance=0.4, mixup_chance=0.5, cutout_chance=0.7, coarsen_chance=0.1,
    )  # fmt: skip
    drawn = draw(options, 4000, (32, 32))
    shares = {
        0.3: drawn.flips[:, 1],
        0.2: np.any(drawn.matrix != np.eye(2), axis=(1, 2)),
        0.6: drawn.noise > 0,
        0.4: drawn.gamma != 1,
        0.5: drawn.weight < 1,
        0.7: np.all(drawn.holes[:, 0, :, 1] > drawn.holes[:, 0, :, 0], axis=1),
        0.1: drawn.coarsen[:, 0, 0] < 1,
    }
    for chance, happened in shares.items():
        # Three standard deviations of a share of 4000.
        assert happened.mean() == pytest.approx(chance, abs=3 * np.sqrt(chance / 4000))
    assert not drawn.flips[:, 0].any()


@pytest.mark.parametrize("size", [(20, 30), (10, 20, 30)])
def test_strengths_stay_in_their_limits(size: tuple[int, ...]) -> None:
    options = AugmentationOptions(
        rotate_chance=1, rotate_degrees=20, shift_chance=1, shift=0.1,
        scale_chance=1, scale=(0.5, 2), contrast_chance=1, contrast=(0.5, 2),
        cutout_chance=1, cutout=(0.2, 0.4), cutout_count=3, cutmix_chance=1,
    )  # fmt: skip
    drawn = draw(options, 500, size)
    rank = len(size)
    assert np.all(np.abs(drawn.shift) <= 0.1 * np.array(size))
    volume = np.linalg.det(drawn.matrix)
    assert volume.min() >= 0.5**rank
    assert volume.max() <= 2**rank
    angle = np.rad2deg(np.arctan2(drawn.matrix[:, -1, -2], drawn.matrix[:, -1, -1]))
    assert np.abs(angle).max() <= 20 + 1e-9
    assert np.abs(angle).max() > 15
    assert np.median(drawn.contrast) == pytest.approx(1, abs=0.1)
    for boxes in (drawn.holes, drawn.patch):
        assert boxes.min() >= 0
        assert np.all(boxes[..., 1] <= np.array(size))
    lengths = (drawn.holes[..., 1] - drawn.holes[..., 0]) / np.array(size)
    assert lengths.min() >= 0.2 - 0.5 / min(size)
    assert lengths.max() <= 0.4 + 0.5 / min(size)


def test_the_weight_of_a_patch_is_the_share_that_is_left() -> None:
    drawn = draw(AugmentationOptions(cutmix_chance=1), 200, (17, 23))
    area = np.prod(drawn.patch[..., 1] - drawn.patch[..., 0], axis=1)
    np.testing.assert_allclose(drawn.weight, 1 - area / (17 * 23))
    assert drawn.weight.min() >= 0.4


def test_partners_are_a_permutation() -> None:
    drawn = draw(AugmentationOptions(mixup_chance=1), 40, (8, 8))
    assert sorted(drawn.partner) == list(range(40))
    assert drawn.weight.min() >= 0.5


def test_the_fast_axes_of_three_are_drawn_as_the_axes_of_two() -> None:
    flat = draw(strong((0,)), 20, (16, 20))
    deep = draw(strong((1,)).model_copy(update={"tilt_chance": 0.0}), 20, (1, 16, 20))
    assert np.array_equal(deep.flips[:, 1:], flat.flips)
    np.testing.assert_allclose(deep.matrix[:, 1:, 1:], flat.matrix)
    np.testing.assert_allclose(deep.shift[:, 1:], flat.shift)
    assert np.array_equal(deep.gamma, flat.gamma)
    assert np.array_equal(deep.holes[..., 1:, :], flat.holes)


def test_rotation_is_rigid_in_mm() -> None:
    options = AugmentationOptions(rotate_chance=1, tilt_chance=1, tilt_degrees=40)
    spacing = np.array([3.0, 0.5, 0.7])
    augmentation = Augmentation(options, 3, tuple(spacing))
    drawn = augmentation.draw((1, 8, 8, 8), np.arange(10), (0,))
    in_mm = np.diag(spacing) @ drawn.matrix @ np.diag(1 / spacing)
    np.testing.assert_allclose(in_mm @ in_mm.transpose(0, 2, 1), np.tile(np.eye(3), (10, 1, 1)),
                               atol=1e-12)  # fmt: skip


@pytest.mark.parametrize("size", [(20, 30), (10, 20, 30)])
def test_a_share_of_the_images_stays_in_its_place_and_the_others_move_as_before(
    size: tuple[int, ...],
) -> None:
    always = AugmentationOptions(
        rotate_chance=1, shift_chance=1, elastic_chance=1, elastic=(0.02, 0.04), noise_chance=1
    )
    drawn = draw(always.model_copy(update={"still_chance": 0.25}), 2000, size)
    still = ~drawn.is_moved
    assert still.mean() == pytest.approx(0.25, abs=0.03)
    assert np.all(drawn.matrix[still] == np.eye(len(size)))
    before = draw(always, 2000, size)
    assert before.is_moved.all()
    assert np.array_equal(drawn.matrix[~still], before.matrix[~still])
    assert np.array_equal(drawn.noise, before.noise), "values are changed in place, too"
