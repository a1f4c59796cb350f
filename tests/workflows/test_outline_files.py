"""Outlines are written on the grid of the source, one file for each region that overlaps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.workflows.conftest import OutlinedRun
from tests.workflows.mask_run import new_case

from scanwright.image import Geometry, Image, LabelScheme, MaskPrediction
from scanwright.io import read
from scanwright.workflows.outline_files import COLOURS, overlay, write_outlines
from scanwright.workflows.predict import load

CLASSES = LabelScheme(("organ", "lesion / new"), ((3,), (7,)))
REGIONS = LabelScheme(("organ", "lesion / new"), ((1, 2), (2,)))
OBLIQUE = Geometry(
    (2.5, 0.8, 0.7),
    np.array([[0.0, 0.6, 0.8], [0.0, -0.8, 0.6], [1.0, 0.0, 0.0]]),
    (10.0, -20.0, 30.0),
)


def masks(size: tuple[int, ...]) -> np.ndarray:
    """Return the two names, the second inside the first, shape (2, *size)."""
    found = np.zeros((2, *size), np.uint8)
    found[0][..., 2:8, 2:9] = 1
    found[1][..., 4:6, 4:7] = 1
    return found


def outlined(size: tuple[int, ...], geometry: Geometry, scheme: LabelScheme) -> MaskPrediction:
    array = masks(size)
    if scheme.is_exclusive:
        array = np.where(array[1], 7, 3 * array[0])[None].astype(np.uint8)
    return MaskPrediction("case", Image(array, geometry), scheme, {"organ": 2.0}, {}, {}, ("dark",))


def grey(size: tuple[int, ...], geometry: Geometry) -> Image:
    return Image(np.full((1, *size), 40, np.uint8), geometry)


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
def test_a_volume_of_classes_is_one_map_on_the_grid_of_the_source(
    ending: str, tmp_path: Path
) -> None:
    size = (4, 10, 11)
    prediction = outlined(size, OBLIQUE, CLASSES)
    found = write_outlines(prediction, grey(size, OBLIQUE), tmp_path / "new", "one", ending)
    assert [file.name for file in found.files] == [f"one_mask{ending}"]
    written = read(found.files[0])
    np.testing.assert_array_equal(written.array, prediction.labels.array)
    assert written.geometry.is_close(OBLIQUE)
    assert (found.case, found.volumes_ml, found.warnings) == ("case", {"organ": 2.0}, ("dark",))


def test_regions_that_overlap_have_a_file_each_with_a_safe_name(tmp_path: Path) -> None:
    size = (4, 10, 11)
    prediction = outlined(size, OBLIQUE, REGIONS)
    found = write_outlines(prediction, grey(size, OBLIQUE), tmp_path, "one", ".nii.gz")
    assert [file.name for file in found.files] == ["one_organ.nii.gz", "one_lesion___new.nii.gz"]
    for file, mask in zip(found.files, masks(size), strict=True):
        np.testing.assert_array_equal(read(file).array[0], mask)


def test_names_that_read_alike_do_not_take_each_others_file(tmp_path: Path) -> None:
    scheme = LabelScheme(("t+n", "t-n", "Overlay"), ((1, 2), (2,), (2, 3)))
    array = np.zeros((3, 6, 6), np.uint8)
    array[0, 1], array[1, 2], array[2, 3] = 1, 1, 1
    prediction = MaskPrediction("case", Image(array, Geometry.pixels(2)), scheme)
    found = write_outlines(prediction, grey((6, 6), Geometry.pixels(2)), tmp_path, "one", ".png")
    assert len({file.name.lower() for file in found.files}) == len(found.files) == 4
    for file, mask in zip(found.files, array, strict=False):
        np.testing.assert_array_equal(read(file).array[0], mask)


def test_a_picture_has_a_map_and_an_overlay(tmp_path: Path) -> None:
    geometry = Geometry.pixels(2)
    prediction = outlined((10, 11), geometry, CLASSES)
    found = write_outlines(prediction, grey((10, 11), geometry), tmp_path, "one", ".nii.gz")
    assert [file.name for file in found.files] == ["one_mask.png", "one_overlay.png"]
    np.testing.assert_array_equal(read(found.files[0]).array, prediction.labels.array)
    assert read(found.files[1]).array.shape == (3, 10, 11)


def test_an_overlay_is_grey_outside_tinted_inside_and_full_at_the_rim() -> None:
    geometry = Geometry.pixels(2)
    image = Image(np.tile(np.linspace(0, 200, 11), (1, 10, 1)), geometry)
    shown = overlay(image, outlined((10, 11), geometry, REGIONS))
    assert shown.dtype == np.uint8
    outside = shown[:, 9]
    assert (outside[0] == outside[1]).all()
    assert (outside[1] == outside[2]).all()
    np.testing.assert_array_equal(shown[:, 2, 2], COLOURS[0])
    np.testing.assert_array_equal(shown[:, 4, 4], COLOURS[1])
    tinted = shown[:, 3, 7].astype(int)
    assert tinted[0] > tinted[1]


def test_a_flat_colour_image_has_an_overlay_too() -> None:
    geometry = Geometry.pixels(2)
    image = Image(np.full((3, 10, 11), 7, np.uint8), geometry)
    shown = overlay(image, outlined((10, 11), geometry, CLASSES))
    assert shown[:, 9, 9].tolist() == [0, 0, 0]


def test_a_trained_model_of_regions_writes_a_file_for_each(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    path, labels = new_case(tmp_path / "new")
    model = load(outlined_run.folder / "bundle", "cpu")
    found = model.predict(path, folder=tmp_path / "out")
    (answer,) = found.answers
    names = [file.name for file in answer.files]  # type: ignore[union-attr]  # an outline
    assert names == ["new_whole.png", "new_core.png", "new_overlay.png"]
    is_known = labels != 3
    for file, values in zip(names, ((1, 2), (2,)), strict=False):
        mask = read(tmp_path / "out" / file).array[0].astype(bool) & is_known
        truth = np.isin(labels, values)
        assert 2 * (mask & truth).sum() / (mask.sum() + truth.sum()) > 0.6
    head, row = found.to_csv().splitlines()
    assert head.startswith("case,files,volume_ml whole,volume_ml core")
    assert str(tmp_path / "out" / "new_core.png") in row


def test_what_was_outlined_before_is_replaced(tmp_path: Path) -> None:
    geometry = Geometry.pixels(2)
    prediction = outlined((10, 11), geometry, CLASSES)
    nothing = replace(prediction, labels=Image(np.zeros((1, 10, 11), np.uint8), geometry))
    for one in (prediction, nothing):
        found = write_outlines(one, grey((10, 11), geometry), tmp_path, "one", ".png")
    assert not read(found.files[0]).array.any()
