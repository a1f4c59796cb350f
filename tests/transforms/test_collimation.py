"""The exposed field, found where a shutter was planted and nowhere else."""

import numpy as np
import pytest

from scanwright.image import Case, Image, LabelScheme, MaskTarget, Modality
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.transforms import CropCollimation, Pipeline, undo
from scanwright.transforms.collimation import exposed_field

OPTIONS = CohortOptions(modality=Modality.XRAY, size=160, cases=12)


def chest(index: int) -> np.ndarray:
    return simulate_case(OPTIONS, index).case.image.array[0].astype(float)


def field(shape: tuple[int, int], degrees: float, reach: tuple[float, ...]) -> np.ndarray:
    """Return a rectangle about the middle, tilted; reach to left, right, top, bottom."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    turn = np.deg2rad(degrees)
    x, y = columns / shape[1] - 0.5, rows / shape[0] - 0.5
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    left, right, top, bottom = reach
    inside = (u > -left) & (u < right) & (v > -top) & (v < bottom)
    return np.asarray(inside)


@pytest.mark.parametrize("degrees", [0.0, -3.0, 7.0])
@pytest.mark.parametrize("shutter", ["black", "white", "scatter"])
def test_the_planted_field_is_found(degrees: float, shutter: str) -> None:
    found = []
    for index in range(4):
        plane = chest(index)
        truth = field(plane.shape, degrees, (0.33, 0.36, 0.38, 0.3))
        noise = np.random.default_rng(index).normal(150, 12, plane.shape)
        outside = {"black": 0.0, "white": 4095.0, "scatter": noise}[shutter]
        guess = exposed_field(np.where(truth, plane, outside))
        found.append((guess & truth).sum() / (guess | truth).sum())
    assert np.median(found) > 0.97
    assert min(found) > 0.8  # one shutter of four may hide in dark air


def test_one_shutter_alone_is_found() -> None:
    plane = chest(1)
    plane[-24:] = 0
    inside = exposed_field(plane)
    assert inside[:-24].mean() > 0.99
    assert not inside[-22:].any()


def test_chests_without_shutters_stay_whole() -> None:
    assert sum(exposed_field(chest(index)).all() for index in range(7)) >= 6


def test_the_crop_moves_image_and_mask_together_and_blanks_the_wedges() -> None:
    plane = chest(0)
    truth = field(plane.shape, 5.0, (0.35, 0.35, 0.35, 0.35))
    image = Image.from_array(np.where(truth, plane + 100, 0)[None])
    case = Case(
        "a",
        {"image": image},
        MaskTarget(image.with_array(truth[None].astype("u1")), LabelScheme.of_classes(["x"])),
    )
    changed, trace = Pipeline((CropCollimation(),)).apply(case)
    assert max(changed.image.size) < 140
    assert isinstance(changed.target, MaskTarget)
    assert changed.target.labels.size == changed.image.size
    labels = changed.target.labels.array.astype(bool)
    assert labels.sum() > 0.95 * truth.sum()
    assert (changed.image.array[~labels] == 0).mean() > 0.9
    back = undo(changed, trace)
    assert back.image.geometry == image.geometry
    kept = back.image.array == image.array
    assert kept.mean() > 0.97


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
@pytest.mark.parametrize("size", [(1, 1), (64, 64), (31, 200)])
def test_nothing_to_find_leaves_the_image(value: float, size: tuple[int, int]) -> None:
    image = Image.from_array(np.full((1, *size), value))
    assert Pipeline((CropCollimation(),)).apply_image(image).is_equal(image)


def test_noise_has_no_shutters() -> None:
    image = Image.from_array(np.random.default_rng(0).random((1, 90, 90)))
    assert Pipeline((CropCollimation(),)).apply_image(image).is_equal(image)
