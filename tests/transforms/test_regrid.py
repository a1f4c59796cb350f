"""Resample and resize: size, spacing, place in the world, and real pictures."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import GeometryError, RecipeError, ResourceError, ShapeError
from scanwright.image import (
    Box,
    BoxesTarget,
    Case,
    Frame,
    Geometry,
    Image,
    LabelScheme,
    MaskTarget,
)
from scanwright.transforms import Grey, Pipeline, Resample, Resize, undo

DATA = (
    Path(os.environ.get("SCANWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "classification"
)


def ramp(size: tuple[int, ...], geometry: Geometry) -> Image:
    """An image whose values are the world coordinates, so that a shift shows."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in size), indexing="ij"), axis=-1)
    world = geometry.to_world(index)
    return Image(np.moveaxis(world, -1, 0), geometry)


def centre(image: Image) -> np.ndarray:
    return image.geometry.to_world((np.array(image.size) - 1) / 2)


def test_resample_meets_the_spacing_and_keeps_the_centre() -> None:
    image = ramp((9, 20, 31), Geometry.axial((3.0, 0.8, 0.7), (5.0, -20.0, 300.0)))
    result = Pipeline((Resample(spacing_mm=(1.0,)),)).apply_image(image)
    assert result.geometry.spacing_mm == (1.0, 1.0, 1.0)
    assert result.size == (27, 16, 22)
    np.testing.assert_allclose(centre(result), centre(image), atol=1e-9)


@pytest.mark.parametrize(("interpolation", "tolerance"), [("linear", 0.08), ("cubic", 0.002)])
def test_resample_puts_values_where_they_belong(interpolation: str, tolerance: float) -> None:
    # In mm; linear shrinking wavers by a tenth of an element of 0.8 mm.
    image = ramp((24, 36, 30), Geometry.axial((3.0, 0.8, 0.7), (5.0, -20.0, 300.0)))
    result = Pipeline((Resample(spacing_mm=(1, 1.3, 0.5), interpolation=interpolation),))
    moved = result.apply_image(image)
    truth = ramp(moved.size, moved.geometry)
    inside = (slice(None), slice(24, -24), slice(8, -8), slice(10, -10))
    np.testing.assert_allclose(moved.array[inside], truth.array[inside], atol=tolerance)


def test_zero_keeps_an_axis_as_it_is() -> None:
    image = ramp((5, 10, 10), Geometry.axial((6.0, 1.0, 1.0)))
    result = Pipeline((Resample(spacing_mm=(0, 2, 2)),)).apply_image(image)
    assert result.geometry.spacing_mm == (6.0, 2.0, 2.0)
    assert result.size == (5, 5, 5)


def test_undoing_resample_gives_the_old_grid_exactly() -> None:
    case = Case.of(ramp((9, 20, 31), Geometry.axial((3.0, 0.8, 0.7), (5.0, -20.0, 300.0))))
    changed, trace = Pipeline((Resample(spacing_mm=(1.0,)),)).apply(case)
    back = undo(changed, trace)
    assert back.image.geometry == case.image.geometry
    assert back.image.size == case.image.size


def test_a_picture_without_spacing_is_refused() -> None:
    with pytest.raises(GeometryError, match="resize"):
        Pipeline((Resample(),)).apply_image(Image.from_array(np.zeros((1, 4, 4))))


def test_an_absurd_spacing_is_refused() -> None:
    image = ramp((9, 20, 31), Geometry.axial((3.0, 0.8, 0.7)))
    with pytest.raises(ResourceError, match="too large"):
        Pipeline((Resample(spacing_mm=(1e-4,)),)).apply_image(image)


def test_one_value_per_axis_is_asked_for() -> None:
    with pytest.raises(RecipeError, match=r"resize\.size"):
        Pipeline((Resize(size=(4, 4)),)).apply_image(Image.from_array(np.zeros((1, 4, 4, 4))))


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_resize_keeps_the_centre_and_undoes_to_the_old_grid(fit: str) -> None:
    case = Case.of(ramp((21, 40), Geometry.detector((0.5, 0.4))))
    changed, trace = Pipeline((Resize(size=(16,), fit=fit),)).apply(case)
    assert changed.image.size == (16, 16)
    # Half an element cannot be shared between two sides.
    slack = 0.5 * np.abs(changed.image.geometry.spacing_mm).max()
    np.testing.assert_allclose(centre(changed.image), centre(case.image), atol=slack)
    back = undo(changed, trace)
    assert back.image.geometry == case.image.geometry
    assert back.image.size == case.image.size


def test_pad_keeps_proportions_and_fills_around() -> None:
    image = Image.from_array(np.ones((1, 10, 40)))
    result = Pipeline((Resize(size=(20,), fit="pad", fill=-3.0),)).apply_image(image)
    assert np.all(result.array[0, 8:13] == pytest.approx(1))
    assert np.all(result.array[0, :7] == -3)
    assert np.all(result.array[0, 13:] == -3)


def test_crop_takes_the_middle() -> None:
    image = Image.from_array(np.tile(np.arange(40.0), (1, 10, 1)))
    result = Pipeline((Resize(size=(10,), fit="crop"),)).apply_image(image)
    np.testing.assert_allclose(result.array[0, 0], np.arange(15, 25))


def test_labels_and_boxes_move_with_the_image() -> None:
    array = np.zeros((1, 40, 60), dtype=np.float32)
    array[0, 10:20, 30:42] = 1
    image = Image(array, Geometry.detector((0.2, 0.2)))
    step = Pipeline((Resize(size=(80,), fit="pad", fill=0.0),))
    labels = MaskTarget(
        Image((array > 0).astype(np.uint8), image.geometry), LabelScheme.of_classes(["lesion"])
    )
    changed, trace = step.apply(Case("a", {"image": image}, labels))
    assert isinstance(changed.target, MaskTarget)
    moved = changed.target.labels.array
    assert moved.sum() == pytest.approx(120 * (80 / 60) ** 2, rel=0.1)
    assert np.all(changed.image.array[moved > 0] > 0.4)
    back = undo(changed, trace).target
    assert isinstance(back, MaskTarget)
    assert np.array_equal(back.labels.array, labels.labels.array)

    box = Box((9.5, 29.5), (19.5, 41.5), "lesion")
    changed, trace = step.apply(Case("a", {"image": image}, BoxesTarget((box,))))
    assert isinstance(changed.target, BoxesTarget)
    (moved_box,) = changed.target.boxes
    edges = np.array([moved_box.low, moved_box.high]) + 0.5
    rows, columns = np.nonzero(changed.image.array[0] > 0.5)
    np.testing.assert_allclose(edges[0], [rows.min(), columns.min()], atol=1)
    np.testing.assert_allclose(edges[1], [rows.max() + 1, columns.max() + 1], atol=1)
    back = undo(changed, trace).target
    assert isinstance(back, BoxesTarget)
    np.testing.assert_allclose(back.boxes[0].low, box.low, atol=1e-9)


def test_a_label_map_on_another_grid_is_refused() -> None:
    labels = Image.from_array(np.zeros((1, 5, 5), dtype=np.uint8))
    image = Image.from_array(np.zeros((1, 6, 6)))
    case = Case("a", {"image": image}, MaskTarget(labels, LabelScheme.of_classes(["x"])))
    with pytest.raises(GeometryError, match="label map"):
        Pipeline((Resize(size=(4,)),)).apply(case)


def test_undo_refuses_an_image_that_is_not_on_the_new_grid() -> None:
    case = Case.of(Image.from_array(np.zeros((1, 6, 6))))
    _, trace = Pipeline((Resize(size=(4,)),)).apply(case)
    with pytest.raises(ShapeError, match="not on the grid"):
        undo(case, trace)


def test_pictures_without_physical_size_stay_so() -> None:
    result = Pipeline((Resize(size=(4,)),)).apply_image(Image.from_array(np.zeros((1, 6, 6))))
    assert result.geometry.frame is Frame.PIXELS


def test_grey_crop_and_resize_reproduce_breastmnist() -> None:
    """MedMNIST's recipe, on originals kept here as reduced JPEG, so not pixel for pixel."""
    if not (DATA / "busi").is_dir():
        pytest.skip("needs the BUSI and BreastMNIST data; set SCANWRIGHT_DATA to their folder")
    from PIL import Image as Pillow

    official = np.load(DATA / "breastmnist" / "breastmnist.npz")
    recipe = Pipeline((Grey(), Resize(size=(28,), fit="crop")))
    with (DATA / "busi" / "labels.csv").open() as stream:
        rows = list(csv.DictReader(stream))[::13]
    correlations, differences = [], []
    for row in rows:
        with Pillow.open(DATA / "busi" / row["path"]) as file:
            array = np.moveaxis(np.asarray(file.convert("RGB")), -1, 0)
        ours = recipe.apply_image(Image.from_array(array)).array[0]
        truth = official[f"{row['split']}_images"][int(row["breastmnist_index"])].astype(float)
        correlations.append(np.corrcoef(ours.ravel(), truth.ravel())[0, 1])
        differences.append(np.abs(ours - truth).mean())
    assert len(rows) == 60
    assert min(correlations) > 0.99
    assert np.median(differences) < 2  # of 255
