"""Histograms brought to landmarks, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.base import InputError, RecipeError
from scanwright.image import Case, Image
from scanwright.transforms import MatchHistogram, Pipeline, fit_landmarks, undo
from scanwright.transforms.histogram import PERCENTILES


def image_of(scale: float, shift: float, power: float = 1.0) -> Image:
    share = np.random.default_rng(0).random((1, 50, 60)) ** power
    return Image.from_array((share * scale + shift).astype(np.float32))


def test_the_same_anatomy_on_two_scanners_becomes_alike() -> None:
    reference, other = image_of(1000, 50), image_of(300, -20, power=2.0)
    step = MatchHistogram(landmarks=fit_landmarks([reference]))
    changed = Pipeline((step,)).apply_image(other)
    inner = (reference.array > 60) & (reference.array < 1040)
    assert np.abs(changed.array - reference.array)[inner].max() < 25
    assert np.abs(other.array - reference.array)[inner].max() > 500


def test_an_image_is_matched_to_itself_by_the_identity() -> None:
    image = image_of(100, 0)
    step = MatchHistogram(landmarks=fit_landmarks([image]))
    np.testing.assert_allclose(Pipeline((step,)).apply_image(image).array, image.array, atol=0.01)


def test_the_mean_of_references_lies_between_them() -> None:
    one, two = image_of(100, 0), image_of(100, 0, power=3.0)
    middle = fit_landmarks([one, two])
    assert len(middle) == len(PERCENTILES)
    assert middle[0] == pytest.approx(fit_landmarks([one])[0])
    assert fit_landmarks([two])[5] < middle[5] < fit_landmarks([one])[5]


@given(
    hnp.arrays(np.float32, (1, 8, 9), elements=st.floats(-100, 100, width=32)),
    st.sampled_from(["all", "nonzero"]),
)
def test_order_is_kept_and_undo_is_the_identity(array: np.ndarray, inside: str) -> None:
    step = MatchHistogram.model_validate(
        {"landmarks": (0.0, 10.0, 30.0, 100.0), "percentiles": (1, 25, 75, 99), "inside": inside}
    )
    case = Case.of(Image.from_array(array))
    changed, trace = Pipeline((step,)).apply(case)
    order = np.argsort(array.ravel(), kind="stable")
    assert np.all(np.diff(changed.image.array.ravel()[order]) >= -1e-3)
    back = undo(changed, trace).image.array
    np.testing.assert_allclose(back, array, atol=1e-3 * max(1.0, float(np.ptp(array))))


def test_an_empty_background_and_a_constant_image_are_taken() -> None:
    array = np.zeros((1, 20, 20), dtype=np.float32)
    array[0, 8:12, 8:12] = np.arange(16).reshape(4, 4) + 5
    step = MatchHistogram(landmarks=(0.0, 1.0, 2.0), percentiles=(1, 50, 99))
    changed = Pipeline((step,)).apply_image(Image.from_array(array)).array
    assert np.isfinite(changed).all()
    assert np.ptp(changed[array == 0]) == 0
    flat = Image.from_array(np.full((1, 5, 5), 3.0))
    assert np.all(Pipeline((step,)).apply_image(flat).array == 3)


def test_what_is_no_number_stays_none() -> None:
    array = image_of(10, 0).array.copy()
    array[0, 0, 0] = np.nan
    step = MatchHistogram(landmarks=(0.0, 1.0), percentiles=(1, 99))
    changed = Pipeline((step,)).apply_image(Image.from_array(array)).array
    assert np.isnan(changed).sum() == 1


@pytest.mark.parametrize(
    "options",
    [
        {"landmarks": [1.0, 2.0]},
        {"landmarks": [2.0, 1.0], "percentiles": [1, 99]},
        {"landmarks": [1.0], "percentiles": [50]},
        {"landmarks": [1.0, 2.0], "percentiles": [50, 101]},
        {"landmarks": [1.0, float("nan")], "percentiles": [1, 99]},
        {},
    ],
)
def test_bad_landmarks_are_refused(options: dict[str, list[float]]) -> None:
    with pytest.raises(RecipeError):
        Pipeline.from_plain([{"kind": "match_histogram", **options}])  # type: ignore[list-item]


@pytest.mark.parametrize("images", [[], [Image.from_array(np.ones((1, 4, 4)))]])
def test_a_reference_needs_different_values(images: list[Image]) -> None:
    with pytest.raises(InputError, match="different values"):
        fit_landmarks(images)
