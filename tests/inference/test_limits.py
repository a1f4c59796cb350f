from dataclasses import replace

import numpy as np
import pytest

from scanwright.base import BundleError
from scanwright.image import Case, Geometry, Image, Modality
from scanwright.inference import InputLimits

LIMITS = InputLimits(
    rank=2,
    channels=(1,),
    modalities=("x-ray",),
    smallest=(32, 40),
    largest=(64, 80),
    spacing_mm=((0.5, 1.0), (0.5, 1.0)),
    values=(100.0, 120.0),
)


def picture(*size: int, channels: int = 1, dtype: str = "float32") -> Image:
    values = np.random.default_rng(0).uniform(60, 160, (channels, *size)).astype(dtype)
    return Image(values, Geometry.detector((0.7,) * len(size)), Modality.XRAY)


def check(image: Image) -> tuple[str, ...]:
    return LIMITS.check(Case.of(image, "a.dcm"))


def test_what_training_saw_is_taken_without_a_word() -> None:
    assert check(picture(48, 60)) == ()


@pytest.mark.parametrize(
    ("image", "word"),
    [
        (picture(8, 48, 60), "number of axes"),
        (picture(48, 60, channels=3), "number of channels"),
        (replace(picture(48, 60), modality=Modality.CT), "another modality"),
        (picture(7, 60), "size"),
        (picture(48, 321), "size"),
    ],
    ids=["rank", "channels", "modality", "too small", "too large"],
)
def test_what_does_not_fit_is_refused_with_what_would(image: Image, word: str) -> None:
    with pytest.raises(BundleError, match=word) as caught:
        check(image)
    assert caught.value.where == "a.dcm"
    assert caught.value.got is not None
    assert caught.value.legal is not None


@pytest.mark.parametrize("size", [(8, 10), (256, 320)])
def test_sizes_within_a_factor_of_four_are_taken(size: tuple[int, int]) -> None:
    check(picture(*size))


@pytest.mark.parametrize("modality", [Modality.UNKNOWN, Modality.OTHER])
def test_an_image_that_does_not_say_its_modality_is_taken(modality: Modality) -> None:
    check(replace(picture(48, 60), modality=modality))


def test_a_bundle_that_saw_no_modality_takes_any() -> None:
    limits = LIMITS.model_copy(update={"modalities": ()})
    limits.check(Case.of(replace(picture(48, 60), modality=Modality.CT)))


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_constant_image_is_refused(value: float) -> None:
    image = picture(48, 60)
    with pytest.raises(BundleError, match="constant") as caught:
        check(image.with_array(np.full_like(image.array, value)))
    assert caught.value.got == str(value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_no_number_is_refused(value: float) -> None:
    image = picture(48, 60)
    array = image.array.copy()
    array[0, 3, 3] = value
    with pytest.raises(BundleError, match="not finite"):
        check(image.with_array(array))


def test_a_spacing_far_from_training_is_a_warning_with_both_figures() -> None:
    image = picture(48, 60)
    (warning,) = check(replace(image, geometry=Geometry.detector((0.7, 2.1))))
    assert "2.1 mm" in warning
    assert "0.5 to 1 mm" in warning
    assert check(replace(image, geometry=Geometry.detector((0.26, 1.9)))) == ()


def test_a_spacing_that_is_unknown_warns_of_nothing() -> None:
    image = picture(48, 60)
    assert check(replace(image, geometry=Geometry.pixels(2))) == ()
    no_range = LIMITS.model_copy(update={"spacing_mm": ()})
    far = replace(image, geometry=Geometry.detector((9.0, 9.0)))
    assert no_range.check(Case.of(far)) == ()


@pytest.mark.parametrize(("shift", "warned"), [(0, False), (20, False), (40, True), (-40, True)])
def test_values_far_from_training_are_a_warning(shift: float, warned: bool) -> None:
    image = picture(48, 60)
    found = check(image.with_array(image.array + np.float32(shift)))
    assert bool(found) == warned
    assert not warned or "mean value" in found[0]


def test_limits_go_through_json_unchanged() -> None:
    assert InputLimits.parse(LIMITS.model_dump(mode="json"), "") == LIMITS
