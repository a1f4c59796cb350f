"""Windows, ranges, percentiles and z-scores: values by formula, undo, odd input."""

import numpy as np
import pytest
from pydantic import ValidationError

from scanwright.base import InputError, RecipeError, ShapeError
from scanwright.image import Case, Geometry, Image
from scanwright.transforms import (
    CT_WINDOWS,
    Percentile,
    Pipeline,
    Range,
    Standardise,
    ValueTransform,
    Window,
    ZScore,
    undo,
)


def ct(values: list[float], dtype: str = "int16") -> Image:
    return Image(np.array([[values]], dtype=dtype), Geometry.axial((1.0, 1.0)), unit="HU")


def apply(step: ValueTransform, image: Image) -> Image:
    return Pipeline((step,)).apply_image(image)


@pytest.mark.parametrize("name", sorted(CT_WINDOWS))
def test_a_named_window_maps_its_edges_to_0_and_1(name: str) -> None:
    low, high = CT_WINDOWS[name]
    result = apply(Window(preset=name), ct([-2000, low, (low + high) / 2, high, 3000]))
    np.testing.assert_allclose(result.array[0, 0], [0, 0, 0.5, 1, 1], atol=1e-6)
    assert result.array.dtype == np.float32
    assert result.unit == ""


def test_undoing_a_window_gives_hu_clipped_to_its_edges() -> None:
    case = Case.of(ct([-2000, -100, 0, 55, 3000]))
    changed, trace = Pipeline((Window(low=-150, high=250),)).apply(case)
    back = undo(changed, trace).image
    assert back.unit == "HU"
    np.testing.assert_allclose(back.array[0, 0], [-150, -100, 0, 55, 250], atol=1e-3)


def test_a_named_window_refuses_values_that_are_no_hu() -> None:
    picture = Image.from_array(np.zeros((1, 4, 4), dtype=np.uint8))
    with pytest.raises(InputError, match="HU"):
        apply(Window(preset="lung"), picture)
    assert apply(Window(low=0, high=128), picture).array.max() == 0


@pytest.mark.parametrize(
    "options",
    [{}, {"low": 1}, {"preset": "lung", "low": 0, "high": 1}, {"low": 2, "high": 2}],
)
def test_a_window_is_given_in_one_way(options: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Window.model_validate(options)


def test_a_fixed_range_may_be_left_unclipped() -> None:
    case = Case.of(ct([-10, 0, 50, 120], "float32"))
    changed, trace = Pipeline((Range(low=0, high=100, clip=False),)).apply(case)
    np.testing.assert_allclose(changed.image.array[0, 0], [-0.1, 0, 0.5, 1.2], atol=1e-6)
    np.testing.assert_allclose(undo(changed, trace).image.array, case.image.array, atol=1e-4)
    assert apply(Range(low=0, high=100), case.image).array.max() == 1


def test_percentiles_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).normal(100, 30, (2, 20, 21))
    low, high = np.percentile(values, (2, 97))
    result = apply(Percentile(low=2, high=97), Image.from_array(values))
    truth = np.clip((values - low) / (high - low), 0, 1)
    np.testing.assert_allclose(result.array, truth, atol=1e-5)


def test_the_background_may_be_left_out() -> None:
    values = np.zeros((1, 10, 10))
    values[0, :3] = np.linspace(50, 80, 30).reshape(3, 10)
    result = apply(Percentile(low=0, high=100, inside="nonzero"), Image.from_array(values))
    assert result.array[0, 0, 0] == 0
    assert result.array[0, 2, 9] == pytest.approx(1)
    scored = apply(ZScore(inside="nonzero"), Image.from_array(values)).array[0, :3]
    assert scored.mean() == pytest.approx(0, abs=1e-5)
    assert scored.std() == pytest.approx(1, abs=1e-5)


def test_z_scores_have_mean_0_and_deviation_1_per_channel() -> None:
    values = np.random.default_rng(1).normal(size=(3, 9, 8)) * [[[2]], [[50]], [[0.1]]] + 7
    case = Case.of(Image.from_array(values))
    changed, trace = Pipeline((ZScore(),)).apply(case)
    np.testing.assert_allclose(changed.image.array.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(changed.image.array.std(axis=(1, 2)), 1, atol=1e-5)
    np.testing.assert_allclose(undo(changed, trace).image.array, values, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("step", [ZScore(), Percentile(), ZScore(inside="nonzero")])
@pytest.mark.parametrize("value", [0.0, 0.1, 1.7e6])
def test_an_image_of_one_value_becomes_0_and_comes_back(step: ValueTransform, value: float) -> None:
    case = Case.of(Image.from_array(np.full((1, 5, 5), value, dtype=np.float32)))
    changed, trace = Pipeline((step,)).apply(case)
    assert np.all(changed.image.array == 0)
    np.testing.assert_allclose(undo(changed, trace).image.array, value, rtol=1e-6)


@pytest.mark.parametrize("step", [ZScore(), Percentile(), Range(high=9), Window(low=0, high=9)])
def test_what_is_not_a_number_spoils_nothing_else(step: ValueTransform) -> None:
    clean = np.random.default_rng(2).uniform(0, 9, (1, 30, 30))
    spoilt = clean.copy()
    spoilt[0, 3, 4] = np.nan
    result = apply(step, Image.from_array(spoilt)).array
    assert np.all(np.isfinite(result))
    assert result[0, 3, 4] == 0
    assert np.abs(result - apply(step, Image.from_array(clean)).array)[0, 10:].max() < 0.01


def test_undo_refuses_another_number_of_channels() -> None:
    case = Case.of(Image.from_array(np.random.default_rng(0).random((3, 4, 4))))
    _, trace = Pipeline((ZScore(),)).apply(case)
    with pytest.raises(ShapeError, match="channels"):
        undo(Case.of(Image.from_array(np.zeros((2, 4, 4)))), trace)


@pytest.mark.parametrize("options", [{"low": 50, "high": 50}, {"low": -1}, {"high": 101}])
def test_percentiles_have_limits(options: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Percentile.model_validate(options)


def test_fixed_numbers_standardise_every_image_alike() -> None:
    array = np.array([[-1000, -50, 100, 250, 3000]], dtype=np.int16)[:, None]
    step = Standardise(mean=(100.0,), deviation=(75.0,), low=(-50.0,), high=(250.0,))
    case = Case.of(Image.from_array(array))
    changed, trace = Pipeline((step,)).apply(case)
    assert changed.image.array.dtype == np.float32
    np.testing.assert_allclose(changed.image.array[0, 0], [-2, -2, 0, 2, 2])
    np.testing.assert_allclose(undo(changed, trace).image.array[0, 0], [-50, -50, 100, 250, 250])


def test_each_channel_may_have_its_own_numbers() -> None:
    array = np.array([[[1.0, 2.0, np.nan]], [[10.0, 20.0, np.inf]]])
    step = Standardise(mean=(1.0, 10.0), deviation=(1.0, 5.0), high=(9.0, 20.0))
    moved = Pipeline((step,)).apply_image(Image.from_array(array))
    np.testing.assert_allclose(moved.array[:, 0], [[0, 1, 0], [0, 2, 2]])
    with pytest.raises(ShapeError, match="channels"):
        Pipeline((step,)).apply_image(Image.from_array(array[[0, 0, 0]]))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"mean": (), "deviation": (1.0,)}, "a mean and a deviation"),
        ({"mean": (0.0,), "deviation": (0.0,)}, "deviation > 0"),
        ({"mean": (0.0,), "deviation": (1.0,), "low": (3.0,), "high": (3.0,)}, "low < high"),
    ],
)
def test_numbers_that_cannot_be_are_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(RecipeError, match=why):
        Pipeline.from_plain([{"kind": "standardise", **options}])


def test_background_can_stay_zero() -> None:
    array = np.zeros((2, 6, 6), dtype=np.float32)
    array[0, 1:4, 1:4] = np.arange(9).reshape(3, 3) + 50
    array[1, 3:5, 3:5] = 7, 9
    moved = Pipeline((ZScore(inside="nonzero", background="zero"),)).apply_image(
        Image.from_array(array)
    )
    nowhere = ~array.any(axis=0)
    assert np.all(moved.array[:, nowhere] == 0)
    assert moved.array[0, 1:4, 1:4].mean() == pytest.approx(0, abs=1e-6)
    assert moved.array[0, 1:4, 1:4].std() == pytest.approx(1, rel=1e-6)


def test_mean_and_deviation_are_the_same_slab_by_slab(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanwright.transforms import intensity

    array = np.random.default_rng(0).normal(50, 9, (2, 11, 8, 9)).astype(np.float32)
    array[0, 2:9] = 0
    array[1, 3, 3, 3] = np.nan
    monkeypatch.setattr(intensity, "SLAB", 200)
    facts = ZScore(inside="nonzero").learn(Image.from_array(array))
    for channel in range(2):
        values = array[channel].astype(np.float64)
        values = values[np.isfinite(values) & (values != 0)]
        assert facts.shift[channel] == pytest.approx(values.mean(), rel=1e-9)
        assert facts.scale[channel] == pytest.approx(values.std(), rel=1e-9)
