from dataclasses import replace

import numpy as np
import pytest

from scanwright.base import FileError, LabelError, RecipeError
from scanwright.image import Geometry, Image, Modality
from scanwright.recipe import Fingerprint, take_fingerprint
from scanwright.recipe.fingerprint import SAMPLE
from tests.recipe.builders import development, fingerprint, noise


def test_sizes_are_those_of_all_cases() -> None:
    found = take_fingerprint(
        development([noise(1, 10, 20), noise(1, 30, 40), noise(1, 20, 60)], [noise(1, 50, 10)])
    )
    assert (found.smallest, found.largest) == ((10, 10), (50, 60))
    assert found.median_size == (25, 30)
    assert (found.train, found.validation, found.rank) == (3, 1, 2)
    assert found.aspect_spread == pytest.approx((60 / 20) / (10 / 50))


def test_planes_and_volumes_cannot_be_mixed() -> None:
    with pytest.raises(LabelError, match="2-D and 3-D"):
        take_fingerprint(development([noise(1, 8, 8), noise(1, 8, 8, 8)]))


def test_an_image_that_cannot_be_read_is_passed_over_but_not_all() -> None:
    assert take_fingerprint(development([None, noise(1, 8, 9)])).median_size == (8, 9)
    with pytest.raises(FileError):
        take_fingerprint(development([None, None]))


def test_spacing_comes_from_headers_else_from_images() -> None:
    known = development([noise(1, 8, 8)], spacing_mm=(0.5, 0.25))
    assert take_fingerprint(known).spacing_mm == ((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    images = [
        Image(noise(1, 8, 8).array, Geometry.detector((step, 1.0))) for step in (0.5, 2.0, 1.0)
    ]
    assert take_fingerprint(development(images)).spacing_mm == ((0.5, 1.0, 2.0), (1.0, 1.0, 1.0))
    assert take_fingerprint(development([noise(1, 8, 8)])).spacing_mm == ()


def test_values_are_percentiles_and_means_are_of_images() -> None:
    images = [Image.from_array(np.full((1, 8, 8), level, np.int16)) for level in (0, 10, 40)]
    found = take_fingerprint(development(images))
    assert found.means == (0.0, 40.0)
    assert found.values[1] == 10.0
    assert found.dtype == "int16"


def test_values_that_are_no_numbers_do_not_count() -> None:
    array = np.linspace(0, 1, 64, dtype=np.float32).reshape(1, 8, 8).copy()
    array[0, 0, 0] = np.nan
    assert all(np.isfinite(take_fingerprint(development([Image.from_array(array)])).values))


def colourful() -> Image:
    return noise(3, 8, 8, dtype="uint8")


def grey_in_colour() -> Image:
    return Image.from_array(np.repeat(noise(1, 8, 8, dtype="uint8").array, 3, axis=0))


def test_colour_is_told_from_grey_saved_in_colour() -> None:
    assert take_fingerprint(development([colourful()])).has_colour
    found = take_fingerprint(development([grey_in_colour()]))
    assert (found.has_colour, found.channels) == (False, (3,))
    slightly = grey_in_colour()
    slightly = slightly.with_array(slightly.array + np.array([0, 2, 4], np.uint8)[:, None, None])
    assert not take_fingerprint(development([slightly])).has_colour


def test_grey_images_among_coloured_ones_make_a_grey_data_set() -> None:
    found = take_fingerprint(development([colourful(), noise(1, 8, 8, dtype="uint8")]))
    assert (found.has_colour, found.channels) == (False, (1, 3))


def test_an_empty_border_is_found() -> None:
    array = np.zeros((1, 20, 20), np.float32)
    array[0, 5:15, 5:15] = 1
    assert take_fingerprint(development([Image.from_array(array)])).empty_border == 0.75
    assert take_fingerprint(development([noise(1, 8, 8)])).empty_border < 0.3
    blank = Image.from_array(np.zeros((1, 8, 8)))
    assert take_fingerprint(development([blank, noise(1, 8, 8)])).empty_border < 0.3


def test_the_most_frequent_modality_and_unit_speak_for_all() -> None:
    ct = replace(noise(1, 8, 8), modality=Modality.CT, unit="HU")
    found = take_fingerprint(development([ct, ct, replace(noise(1, 8, 8), modality=Modality.MRI)]))
    assert found.modality == "ct"
    assert found.modalities == ("ct", "mri")
    assert found.unit == "HU"


def test_patients_are_counted_where_they_are_named() -> None:
    assert take_fingerprint(development([noise(1, 8, 8)] * 3, patient="p")).patients == 1
    assert take_fingerprint(development([noise(1, 8, 8)] * 3)).patients == 0


def test_only_a_sample_is_read_spread_over_the_whole_set() -> None:
    steps = []

    class Counter:
        """Counts what is read."""

        def begin(self, stage: str, total: float, unit: str = "") -> None:
            """Do nothing."""

        def step(self, amount: float = 1, note: str = "") -> None:
            """Count."""
            steps.append(amount)

        def end(self) -> None:
            """Do nothing."""

    images: list[Image | None] = [noise(1, 8, 8)] * (3 * SAMPLE)
    images[-3:] = [Image.from_array(np.full((1, 8, 8), 60_000, np.uint16))] * 3
    found = take_fingerprint(development(images), Counter())
    assert len(steps) == SAMPLE
    assert found.means[1] == 60_000
    assert found.train == 3 * SAMPLE


def test_limits_are_what_was_seen() -> None:
    limits = fingerprint(
        modalities=("other", "x-ray"), spacing_mm=((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    ).limits()
    assert limits.modalities == ("x-ray",)
    assert limits.spacing_mm == ((0.1, 0.3), (0.4, 0.6))
    assert (limits.smallest, limits.largest) == ((200, 200), (300, 300))
    assert limits.values == (400.0, 600.0)


def test_imbalance_is_the_most_frequent_over_the_rarest_that_occurs() -> None:
    assert fingerprint(counts={"a": 90, "b": 30, "c": 0}).imbalance == 3
    assert fingerprint(counts={}).imbalance == 1


def test_a_fingerprint_goes_through_json_unchanged() -> None:
    made = fingerprint()
    assert Fingerprint.parse(made.model_dump(mode="json"), "") == made
    with pytest.raises(RecipeError):
        Fingerprint.parse({**made.model_dump(), "train": 0}, "")
