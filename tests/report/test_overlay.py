"""Masks over images."""

import re

import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.image import Geometry, Image
from scanwright.report import MaskPicture, overlay_figure

from .builders import GEOMETRY, SIZE, invent_masks, mask_picture

LABELS = ("liver", "spleen")
FLAT = np.zeros((20, 30), np.int8)


def boxes(svg: str) -> list[tuple[float, float]]:
    """Width and height of each picture as it is drawn."""
    found = []
    for tag in re.findall(r"<image [^>]*", svg):
        width, height = (float(re.search(rf'\b{n}="([\d.]+)', tag)[1]) for n in ("width", "height"))  # type: ignore[index]
        scale = re.search(r'transform="[^"]*matrix\(([^)]*)\)|scale\(([\d. -]+)\)', tag)
        if scale and scale[1]:
            numbers = [float(n) for n in scale[1].replace(",", " ").split()]
            width, height = width * abs(numbers[0]), height * abs(numbers[3])
        found.append((width, height))
    return found


def test_three_planes_of_a_volume_at_true_proportions() -> None:
    found = overlay_figure("case", "Worst case", "Case 1.", mask_picture(0), LABELS)
    assert found.is_wide
    assert found.svg.count("<image ") == 3
    for words in ("axial", "coronal", "sagittal", "liver", "spleen", "mm"):
        assert words in found.svg
    assert found.caption == "Case 1. Areas are true masks, lines predicted ones."


def test_a_voxel_is_as_long_as_its_spacing() -> None:
    mask = np.zeros((12, 40, 40), np.int8)
    mask[2:10, 10:30, 10:30] = 1
    picture = MaskPicture(
        Image(mask[None].astype(float), Geometry.axial((4.0, 1.0, 1.0))), mask, mask
    )
    axial, coronal, sagittal = boxes(overlay_figure("case", "A", "", picture, ("a",)).svg)
    assert axial[0] == pytest.approx(axial[1], rel=0.02)
    for width, height in (coronal, sagittal):
        assert height / width == pytest.approx(48 / 40, rel=0.03)


def test_planes_without_size_and_without_masks() -> None:
    picture = MaskPicture(Image.from_array(FLAT[None]), FLAT, FLAT)
    found = overlay_figure("case", "A", "", picture, ("a",))
    assert not found.is_wide
    assert found.svg.count("<image ") == 1
    assert " mm" not in found.svg
    assert boxes(found.svg)[0][0] / boxes(found.svg)[0][1] == pytest.approx(1.5, rel=0.02)


def test_large_pictures_are_made_smaller() -> None:
    mask = np.zeros((900, 1200), np.int8)
    mask[50:850, 50:1150] = 1
    noise = np.random.default_rng(0).normal(size=(1, 900, 1200))
    found = overlay_figure(
        "case", "A", "", MaskPicture(Image.from_array(noise), mask, mask), ("a",)
    )
    assert len(found.svg) < 400_000


def test_regions_that_overlap_and_unknown_elements() -> None:
    truth, guess = invent_masks(0)
    both = np.stack([truth > 0, truth == 2]).astype(np.int8)
    both[:, 0] = -1
    image = Image(np.zeros((1, *SIZE)), GEOMETRY)
    picture = MaskPicture(image, both, np.stack([guess > 0, guess == 2]).astype(np.int8))
    assert picture.masks_of(0)[0].sum() == (truth[1:] > 0).sum()
    found = overlay_figure("case", "A", "", picture, ("whole", "core"))
    assert "core" in found.svg


def test_hostile_names_stay_names() -> None:
    found = overlay_figure("case", "A", "", mask_picture(0), ("<script>", "b&c"))
    assert "<script>" not in found.svg
    assert "&lt;script&gt;" in found.svg


def test_masks_lie_on_the_grid_of_their_image() -> None:
    with pytest.raises(ShapeError):
        MaskPicture(Image.from_array(FLAT[None]), FLAT, FLAT[1:])
