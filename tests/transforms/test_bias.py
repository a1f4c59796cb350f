"""N4: a known shading is found, taken out, and put back."""

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.image import Case, Image, Modality
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.transforms import N4, Pipeline, ZScore, undo
from tests.transforms.scenes import picture


def head(size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Make two tissues of 300 and 200 in a ball, and where the first lies."""
    axes = np.meshgrid(*(np.linspace(-1, 1, one) for one in size), indexing="ij")
    away = np.sqrt(sum(axis**2 for axis in axes))
    cells = np.prod([np.sign(np.sin(9 * axis)) for axis in axes], axis=0)
    tissue = np.where(cells > 0, 300.0, 200.0) * (away < 0.9)
    noise = np.random.default_rng(0).normal(0, 4, (2, *size))
    return np.hypot(tissue + noise[0], noise[1]), (tissue == 300) & (away < 0.85)


def shading(size: tuple[int, ...]) -> np.ndarray:
    axes = np.meshgrid(*(np.linspace(-1, 1, one) for one in size), indexing="ij")
    return np.exp(0.35 * axes[-1] - 0.25 * axes[-2] ** 2 + 0.2 * axes[0] * axes[-1])


@pytest.mark.parametrize("size", [(96, 96), (16, 64, 64)])
def test_a_known_shading_is_flattened(size: tuple[int, ...]) -> None:
    clean, first = head(size)
    field = shading(size)
    changed = Pipeline((N4(),)).apply_image(picture(clean * field, Modality.MRI)).array[0]
    spread = [array[first].std() / array[first].mean() for array in (clean * field, changed)]
    assert spread[0] > 0.13
    assert spread[1] < 0.35 * spread[0]
    found = (clean * field)[first] / changed[first]
    assert np.corrcoef(found, field[first])[0, 1] > 0.97


def test_undo_multiplies_the_field_back() -> None:
    clean, _ = head((48, 48))
    image = picture((clean * shading((48, 48))).astype(np.float32), Modality.MRI)
    changed, trace = Pipeline((N4(),)).apply(Case.of(image))
    np.testing.assert_allclose(undo(changed, trace).image.array, image.array, rtol=1e-5)


def test_a_flat_image_stays_and_the_scale_is_kept() -> None:
    clean, first = head((64, 64))
    changed = Pipeline((N4(),)).apply_image(picture(clean)).array[0]
    assert changed[first].mean() == pytest.approx(clean[first].mean(), rel=0.03)
    assert changed[first].std() < 1.5 * clean[first].std()
    constant = picture(np.full((20, 20), 5.0))
    np.testing.assert_array_equal(Pipeline((N4(),)).apply_image(constant).array, constant.array)


def test_a_simulated_head_becomes_more_even() -> None:
    truth = simulate_case(CohortOptions(modality=Modality.MRI, size=96, cases=3), 1)
    image = truth.case.image
    field = shading((96, 96))
    worse = image.with_array(image.array * field[None])
    changed = Pipeline((N4(),)).apply_image(worse).array
    inside = image.array > 0.3 * image.array.max()
    apart = [
        np.std(np.log(array[inside] / image.array[inside])) for array in (worse.array, changed)
    ]
    assert apart[1] < 0.5 * apart[0]


@pytest.mark.parametrize("mask", ["otsu", "nonzero", "all"])
@pytest.mark.parametrize("size", [(1, 1), (3, 3), (2, 40, 40), (40, 3), (1, 30, 30)])
def test_small_and_thin_images_are_taken(mask: str, size: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).random(size)
    changed = Pipeline((N4.model_validate({"mask": mask}),)).apply_image(picture(array))
    assert np.isfinite(changed.array).all()


def test_what_is_no_number_stays_none() -> None:
    clean, _ = head((48, 48))
    clean[5, 5] = np.nan
    changed = Pipeline((N4(),)).apply_image(picture(clean)).array
    assert np.isnan(changed).sum() == 1


def test_values_below_zero_are_refused_with_the_order_that_works() -> None:
    image = Image.from_array(np.random.default_rng(0).random((1, 20, 20)))
    with pytest.raises(InputError, match="before what shifts values"):
        Pipeline((ZScore(), N4())).apply_image(image)
