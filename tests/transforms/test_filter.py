"""What all filters keep: scale, unit, type, and a clear answer to odd images."""

import numpy as np
import pytest

from scanwright.base import GeometryError
from scanwright.image import Case, Geometry, Image
from scanwright.transforms import TRANSFORMS, FilterTransform, Pipeline, Unsharp, noise_level, undo
from scanwright.transforms.filter import relative_spacing, smallest_spacing_mm
from tests.transforms.scenes import lesion_scene, picture

KINDS = [kind for kind in TRANSFORMS if issubclass(TRANSFORMS[kind], FilterTransform)]


@pytest.fixture(params=KINDS)
def step(request: pytest.FixtureRequest) -> FilterTransform:
    made = TRANSFORMS[request.param]()
    assert isinstance(made, FilterTransform)
    return made


def test_the_filters_of_the_issue_are_there() -> None:
    assert set(KINDS) == {
        "anisotropic_diffusion", "clahe", "non_local_means", "speckle_diffusion",
        "total_variation", "unsharp", "wavelet",
    }  # fmt: skip


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float64", "bool"])
def test_values_stay_in_the_range_and_become_single(step: FilterTransform, dtype: str) -> None:
    array = (np.random.default_rng(0).random((20, 24)) * 99).astype(dtype)
    changed = Pipeline((step,)).apply_image(picture(array))
    assert changed.array.dtype == np.float32
    assert changed.array.min() >= np.float32(array.min())
    assert changed.array.max() <= np.float32(array.max())


def test_hounsfield_units_are_kept_or_given_up_but_come_back(step: FilterTransform) -> None:
    image = picture(lesion_scene((24, 24)).noisy - 1000, unit="HU")
    changed, trace = Pipeline((step,)).apply(Case.of(image))
    assert changed.image.unit == ("" if step.kind == "clahe" else "HU")
    assert undo(changed, trace).image.unit == "HU"


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 3), (2, 3, 4), (5, 1, 30), (1, 16, 16)])
def test_tiny_images_are_filtered_or_left(step: FilterTransform, size: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).random(size).astype(np.float32)
    changed = Pipeline((step,)).apply_image(Image.from_array(array[None]))
    assert changed.size == size
    assert np.isfinite(changed.array).all()


@pytest.mark.parametrize("value", [0, -1000.0, 7])
def test_one_value_stays_that_value(step: FilterTransform, value: float) -> None:
    changed = Pipeline((step,)).apply_image(picture(np.full((12, 13), value)))
    assert np.all(changed.array == value)


def test_what_is_no_number_stays_none_and_does_not_spread(step: FilterTransform) -> None:
    array = lesion_scene((40, 40)).noisy.copy()
    array[3:5, 3:5] = np.nan
    array[30, 30] = np.inf
    changed = Pipeline((step,)).apply_image(picture(array)).array[0]
    np.testing.assert_array_equal(np.isfinite(changed), np.isfinite(array))


def test_nothing_but_nan_is_left(step: FilterTransform) -> None:
    changed = Pipeline((step,)).apply_image(picture(np.full((9, 9), np.nan)))
    assert np.isnan(changed.array).all()


def test_grey_in_colour_is_filtered_as_grey(step: FilterTransform) -> None:
    grey = np.random.default_rng(0).integers(0, 255, (20, 20)).astype(np.float32)
    alone = Pipeline((step,)).apply_image(picture(grey)).array[0]
    coloured = Pipeline((step,)).apply_image(Image.from_array(np.stack([grey] * 3))).array
    for channel in coloured:
        np.testing.assert_allclose(channel, alone, atol=0.6)


def test_scale_and_shift_pass_through(step: FilterTransform) -> None:
    if step.kind == "speckle_diffusion":
        step = step.model_copy(update={"iterations": 5})
    array = lesion_scene((32, 32)).noisy
    plain = Pipeline((step,)).apply_image(picture(array)).array
    scaled = Pipeline((step,)).apply_image(picture(array * 16 - 1024)).array
    np.testing.assert_allclose(scaled, plain * 16 - 1024, atol=0.02 * 16 * np.ptp(array))


def test_noise_is_measured_whatever_the_anatomy() -> None:
    for size in ((128, 128), (24, 40, 40)):
        scene = lesion_scene(size, noise=12)
        assert noise_level(scene.noisy) == pytest.approx(12, rel=0.1)
    assert noise_level(np.ones((9, 9), dtype=np.float32)) == 0
    assert noise_level(np.ones((1, 2), dtype=np.float32)) == 0


def test_spacing_is_relative_or_in_mm_where_there_is_any() -> None:
    image = Image(np.zeros((1, 3, 4, 5)), Geometry.axial((5.0, 0.5, 1.0), (0.0, 0.0, 0.0)))
    assert relative_spacing(image) == (10, 1, 2)
    assert smallest_spacing_mm(image, "here") == 0.5
    with pytest.raises(GeometryError, match=r"no spacing in mm.*unsharp\.radius_mm"):
        Pipeline((Unsharp(radius_mm=1.0),)).apply_image(Image.from_array(np.zeros((1, 4, 4))))
