import numpy as np
import pytest

from scanwright.image import Case, Geometry, Image, Modality
from scanwright.recipe import Fingerprint
from scanwright.recipe.preprocess import preprocessing_for
from scanwright.transforms import Pipeline
from tests.recipe.builders import fingerprint, volumes


def steps_of(print_: Fingerprint, size: tuple[int, ...] = (64, 64)) -> dict[str, dict[str, object]]:
    steps, _ = preprocessing_for(print_, size)
    return {step["kind"]: step for step in steps}


PRINTS = {
    "x-ray": fingerprint(),
    "8 bit": fingerprint(dtype="uint8"),
    "ct": volumes(),
    "mri": volumes(modality="mri", unit=""),
    "ultrasound": fingerprint(modality="ultrasound", dtype="uint8", channels=(3,)),
    "colour": fingerprint(channels=(3,), has_colour=True, dtype="uint8"),
    "mixed": fingerprint(channels=(1, 3), dtype="uint8"),
    "border": fingerprint(empty_border=0.6, aspect_spread=2.0),
}


@pytest.mark.parametrize("name", PRINTS)
def test_every_step_has_its_reason_and_the_last_gives_the_size(name: str) -> None:
    size = (64, 64) if PRINTS[name].rank == 2 else (32, 64, 64)
    steps, reasons = preprocessing_for(PRINTS[name], size)
    assert list(reasons) == [f"preprocessing.{index}" for index in range(len(steps))]
    for step, reason in zip(steps, reasons.values(), strict=True):
        assert reason.startswith(f"{step['kind']}: ")
        assert len(reason) > len(step["kind"]) + 10
    assert steps[-1]["kind"] == "resize"
    assert steps[-1]["size"] == list(size)
    Pipeline.from_plain(steps)


@pytest.mark.parametrize("name", PRINTS)
def test_images_come_out_in_the_size_and_near_nought_to_one(name: str) -> None:
    made = PRINTS[name]
    size = (16, 16) if made.rank == 2 else (8, 16, 16)
    low, high = (0, 255) if made.dtype == "uint8" else (made.values[0], made.values[2])
    shape = (made.channels[-1], *[2 * edge for edge in size])
    values = np.random.default_rng(0).uniform(low, high, shape).astype(made.dtype)
    geometry = Geometry.axial((2.0,) * made.rank)
    image = Image(values, geometry, Modality(made.modality), unit=made.unit)
    steps, _ = preprocessing_for(made, size)
    prepared = Pipeline.from_plain(steps).apply(Case.of(image))[0].image
    assert prepared.array.shape == (3 if made.has_colour else 1, *size)
    assert -0.01 <= prepared.array.min() < prepared.array.max() <= 1.01


def test_ct_in_hounsfield_units_gets_one_window_for_all() -> None:
    window = steps_of(volumes(values=(-1000.4, 20.0, 1200.6)))["window"]
    assert (window["low"], window["high"]) == (-1000, 1201)


def test_the_window_of_ct_stays_within_what_ct_can_store() -> None:
    window = steps_of(volumes(values=(-3024.0, 0.0, 30000.0)))["window"]
    assert (window["low"], window["high"]) == (-1024, 3071)


def test_a_window_is_never_empty() -> None:
    window = steps_of(volumes(values=(40.0, 40.0, 40.2)))["window"]
    assert window["low"] < window["high"]  # type: ignore[operator]  # numbers


def test_ct_without_its_unit_is_scaled_by_itself() -> None:
    assert "percentile" in steps_of(volumes(unit=""))


def test_mri_is_scaled_inside_the_body() -> None:
    percentile = steps_of(volumes(modality="mri", unit=""))["percentile"]
    assert percentile["inside"] == "nonzero"
    assert (percentile["low"], percentile["high"]) == (0.5, 99.5)


def test_eight_bits_keep_their_scale() -> None:
    scale = steps_of(fingerprint(dtype="uint8", modality="mri"))["range"]
    assert (scale["low"], scale["high"]) == (0.0, 255.0)


def test_exposures_that_differ_are_put_on_one_scale() -> None:
    assert "inside" not in steps_of(fingerprint())["percentile"]


def test_only_images_that_need_it_are_made_grey() -> None:
    assert "grey" not in steps_of(fingerprint())
    assert "grey" not in steps_of(PRINTS["colour"])
    assert "grey" in steps_of(fingerprint(channels=(3,)))
    reasons = preprocessing_for(PRINTS["mixed"], (8, 8))[1]
    assert "some images are grey" in reasons["preprocessing.0"]


def test_only_volumes_of_known_place_are_turned() -> None:
    assert steps_of(volumes())["orient"]["axes"] == "SPL"
    assert "orient" not in steps_of(volumes(spacing_mm=()))
    assert "orient" not in steps_of(fingerprint(spacing_mm=((1, 1, 1), (1, 1, 1))))


@pytest.mark.parametrize(("border", "cropped"), [(0.0, False), (0.3, False), (0.31, True)])
def test_wide_empty_borders_are_cropped(border: float, cropped: bool) -> None:
    assert ("crop_to_content" in steps_of(fingerprint(empty_border=border))) == cropped


@pytest.mark.parametrize(("spread", "fit"), [(1.0, "stretch"), (1.29, "stretch"), (1.3, "pad")])
def test_shapes_stay_true_where_aspect_ratios_differ(spread: float, fit: str) -> None:
    assert steps_of(fingerprint(aspect_spread=spread))["resize"]["fit"] == fit
