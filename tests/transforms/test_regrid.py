"""Resample and resize: size, spacing, place in the world, and real pictures."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from scipy.ndimage import gaussian_filter

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
from scanwright.io import read
from scanwright.transforms import Grey, Pipeline, Resample, Resize, coarse_axis, undo

DATA = (
    Path(os.environ.get("SCANWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "classification"
)


def ramp(size: tuple[int, ...], geometry: Geometry) -> Image:
    """An image whose values are the world coordinates, so that a shift shows."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in size), indexing="ij"), axis=-1)
    world = geometry.to_world(index)
    return Image(np.moveaxis(world, -1, 0), geometry)


def smooth_noise(size: tuple[int, ...]) -> np.ndarray:
    return gaussian_filter(np.random.default_rng(3).normal(size=size), 1.5)


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


def sheared(spacing_mm: tuple[float, ...]) -> Geometry:
    """Oblique, and with slices shifted against each other, as by a tilted gantry."""
    directions = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    tilted = directions[:, 0] + 0.3 * directions[:, 1]
    directions[:, 0] = tilted / np.linalg.norm(tilted)
    return Geometry(spacing_mm, directions, (12.0, -40.0, 7.0))


def to_sitk(image: Image, affine: np.ndarray | None = None) -> SimpleITK.Image:
    made = SimpleITK.GetImageFromArray(image.array[0])
    affine = image.geometry.affine if affine is None else affine
    steps = affine[:, -2::-1]  # fast axis first
    spacing = np.linalg.norm(steps, axis=0)
    made.SetSpacing(spacing.tolist())
    made.SetDirection((steps / spacing).ravel().tolist())
    made.SetOrigin(affine[:, -1].tolist())
    return made


@pytest.mark.parametrize(
    ("interpolation", "theirs"),
    [("linear", SimpleITK.sitkLinear), ("cubic", SimpleITK.sitkBSpline3)],
)
@pytest.mark.parametrize("exact", ["spacing", "extent"])
def test_sheared_and_oblique_grids_agree_with_simpleitk(
    interpolation: str, theirs: int, exact: str
) -> None:
    array = smooth_noise((14, 24, 30))
    image = Image(array[None].astype(np.float32), sheared((2.4, 0.9, 0.8)))
    step = Resample(
        spacing_mm=(1.1, 1.0, 0.6), interpolation=interpolation, low_pass=False, exact=exact
    )
    ours = Pipeline((step,)).apply_image(image)
    assert not ours.geometry.is_orthogonal
    grid = to_sitk(ours)
    resampled = SimpleITK.Resample(to_sitk(image), grid, SimpleITK.Transform(), theirs, 0.0)
    inside = (slice(4, -4),) * 3
    difference = np.abs(ours.array[0] - SimpleITK.GetArrayFromImage(resampled))[inside]
    assert difference.max() < 2e-5  # single precision, and another end condition of the spline


def test_a_sheared_file_keeps_its_place_in_the_world(tmp_path: Path) -> None:
    import nibabel

    geometry = sheared((2.0, 1.0, 1.5))
    image = ramp((8, 16, 12), geometry)
    flip = np.diag([-1.0, -1.0, 1.0])  # LPS to RAS
    steps = geometry.affine[:, -2::-1]
    affine = np.eye(4)
    affine[:3] = flip @ np.concatenate([steps, geometry.affine[:, -1:]], axis=1)
    file = nibabel.Nifti1Image(image.array[0].T.astype(np.float32), affine)
    file.set_qform(None)
    nibabel.save(file, tmp_path / "a.nii.gz")
    back = read(tmp_path / "a.nii.gz")
    changed, trace = Pipeline((Resample(spacing_mm=(1.0,)),)).apply(Case.of(back))
    truth = ramp(changed.image.size, changed.image.geometry).array[0]
    inside = (slice(3, -3),) * 3
    np.testing.assert_allclose(changed.image.array[0][inside], truth[inside], atol=1e-3)
    assert undo(changed, trace).image.geometry == back.geometry


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("coarse_above", [None, 3.0])
def test_a_volume_of_one_slice_is_resampled(interpolation: str, coarse_above: float | None) -> None:
    image = ramp((1, 12, 10), Geometry.axial((5.0, 1.0, 1.0)))
    array = image.array[:1] * 0 + np.arange(10.0)
    image = image.with_array(array)
    step = Resample(
        spacing_mm=(1.0, 2.0, 2.0), interpolation=interpolation, coarse_above=coarse_above
    )
    changed, trace = Pipeline((step,)).apply(Case.of(image))
    assert changed.image.size == (5, 6, 5)
    assert np.all(changed.image.array == changed.image.array[:, :1])  # slices are alike
    back = undo(changed, trace).image
    assert (back.size, back.geometry) == (image.size, image.geometry)


@pytest.mark.parametrize("exact", ["spacing", "extent"])
def test_what_is_asked_to_be_exact_is(exact: str) -> None:
    image = ramp((7, 20, 31), Geometry.axial((3.0, 0.8, 0.7), (5.0, -20.0, 300.0)))
    changed, trace = Pipeline((Resample(spacing_mm=(2.0, 1.1, 0.5), exact=exact),)).apply(
        Case.of(image)
    )
    old, new = image, changed.image
    lengths = [np.array(one.size) * one.geometry.spacing_mm for one in (old, new)]
    if exact == "spacing":
        assert new.geometry.spacing_mm == (2.0, 1.1, 0.5)
        assert np.all(np.abs(lengths[0] - lengths[1]) <= 0.5 * np.array([2.0, 1.1, 0.5]) + 1e-9)
    else:
        np.testing.assert_allclose(lengths[0], lengths[1])
        np.testing.assert_allclose(new.geometry.spacing_mm, (2.0, 1.1, 0.5), rtol=0.05)
    np.testing.assert_allclose(centre(new), centre(old), atol=1e-9)
    assert undo(changed, trace).image.geometry == image.geometry


@pytest.mark.parametrize(
    ("old", "new", "axis"),
    [
        ((3.1, 1.0, 1.0), (1.0, 1.0, 1.0), 0),
        ((3.0, 1.0, 1.0), (1.0, 1.0, 1.0), None),  # not above
        ((1.0, 1.0, 1.0), (1.0, 4.0, 1.0), 1),  # the new spacing decides
        ((1.0, 5.0, 1.0), (6.0, 1.0, 1.0), 1),  # the old one goes first
        ((1.25, 1.25, 0.24), (1.0, 1.0, 1.0), None),  # two are coarse
        ((9.0, 1.0), (1.0, 1.0), 0),
    ],
)
def test_the_coarse_axis_is_the_one_of_nnunet(
    old: tuple[float, ...], new: tuple[float, ...], axis: int | None
) -> None:
    assert coarse_axis(old, new, 3.0) == axis
    assert coarse_axis(old, new, None) is None


def test_no_value_is_made_between_thick_slices() -> None:
    image = Image(np.random.default_rng(0).random((1, 4, 20, 20)), Geometry.axial((6.0, 1.0, 1.0)))
    labels = MaskTarget(
        Image((image.array > 0.5).astype(np.uint8), image.geometry), LabelScheme.of_classes(["x"])
    )
    case = Case("a", {"image": image}, labels)
    step = Resample(spacing_mm=(2.0, 1.5, 1.5), interpolation="cubic", coarse_above=3.0)
    changed, trace = Pipeline((step,)).apply(case)
    plane = Resample(spacing_mm=(0.0, 1.5, 1.5), interpolation="cubic")
    flat = Pipeline((plane,)).apply(case)[0]
    assert isinstance(changed.target, MaskTarget)
    assert isinstance(flat.target, MaskTarget)
    np.testing.assert_allclose(changed.image.array, flat.image.array.repeat(3, axis=1), atol=1e-6)
    assert np.array_equal(changed.target.labels.array, flat.target.labels.array.repeat(3, axis=1))
    back = undo(changed, trace)
    assert back.image.geometry == image.geometry
    assert isinstance(back.target, MaskTarget)
    assert back.target.labels.geometry == image.geometry


def test_mask_and_image_keep_together_to_half_an_element() -> None:
    axes = np.meshgrid(*(np.arange(n, dtype=float) for n in (30, 50, 40)), indexing="ij")
    away = np.sqrt(((axes[0] - 14) * 1.5) ** 2 + (axes[1] - 26) ** 2 + (axes[2] - 18) ** 2)
    geometry = Geometry.axial((1.5, 1.0, 1.0))
    image = Image((12.0 - away)[None].astype(np.float32), geometry)  # 0 on the surface
    labels = MaskTarget(
        Image((image.array > 0).astype(np.uint8), geometry), LabelScheme.of_classes(["ball"])
    )
    case = Case("a", {"image": image}, labels)
    for spacing in ((0.7, 0.7, 0.7), (2.0, 1.3, 2.2), (3.0, 0.6, 1.0)):
        step = Resample(spacing_mm=spacing, interpolation="cubic")
        changed, _ = Pipeline((step,)).apply(case)
        assert isinstance(changed.target, MaskTarget)
        inside = changed.target.labels.array > 0
        # The value is the distance from the surface in mm; old elements are 1.5 mm thick at most.
        slack = 0.5 * max(*spacing, 1.5)
        assert changed.image.array[inside].min() > -slack
        assert changed.image.array[~inside].max() < slack
        volume = inside.sum() * np.prod(spacing)
        # A vote shaves convex borders a little.
        assert volume == pytest.approx(4 / 3 * np.pi * 12**3, rel=0.025)


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


def test_what_does_not_fit_the_memory_is_refused_before_it_is_tried() -> None:
    many = Image(np.zeros((2000, 2, 2, 2), np.uint8), Geometry.axial((1.0, 1.0, 1.0)))
    with pytest.raises(ResourceError, match="memory that is free"):  # 8 TB
        Pipeline((Resample(spacing_mm=(0.002,)),)).apply_image(many)


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
