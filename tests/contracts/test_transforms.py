"""What every catalogued transform keeps, in 2-D and 3-D."""

import numpy as np
import pytest

from scanwright.image import Case, Geometry, Image, LabelScheme, MaskTarget
from scanwright.transforms import (
    TRANSFORMS,
    GridTransform,
    Pipeline,
    Transform,
    ValueTransform,
    undo,
)

NEEDED: dict[str, dict[str, object]] = {
    "resize": {"size": (7,)},
    "pad": {"size": (9,)},
    "standardise": {"mean": (90.0,), "deviation": (40.0,)},
    "window": {"low": 0.0, "high": 200.0},
    "match_histogram": {"landmarks": (10.0, 50.0, 180.0), "percentiles": (2.0, 50.0, 98.0)},
}
"""Options without a default."""

SIZES = [(10, 12), (6, 10, 12)]


def make(name: str) -> Transform:
    return TRANSFORMS[name].model_validate(NEEDED.get(name, {}))


def make_case(size: tuple[int, ...], dtype: str = "uint8", channels: int = 1) -> Case:
    array = np.random.default_rng(0).integers(0, 200, (channels, *size)).astype(dtype)
    geometry = Geometry.axial((2.0, 1.5, 0.7)[-len(size) :], (1.0, 2.0, 3.0))
    labels = Image((array[:1] > 120).astype(np.uint8), geometry)
    return Case(
        "a", {"image": Image(array, geometry)}, MaskTarget(labels, LabelScheme.of_classes(["x"]))
    )


@pytest.fixture(params=list(TRANSFORMS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64"])
def test_apply_and_undo_end_on_the_old_grid(name: str, size: tuple[int, ...], dtype: str) -> None:
    case = make_case(size, dtype)
    changed, trace = Pipeline((make(name),)).apply(case)
    back = undo(changed, trace)
    assert back.image.array.shape == case.image.array.shape
    assert back.image.geometry == case.image.geometry
    assert back.image.unit == case.image.unit
    assert isinstance(back.target, MaskTarget)
    assert back.target.labels.geometry == case.image.geometry


@pytest.mark.parametrize("size", SIZES)
def test_apply_is_pure(name: str, size: tuple[int, ...]) -> None:
    case, before = make_case(size), make_case(size)
    step = make(name)
    drawn = step.draw(case, np.random.default_rng(0))
    assert step.apply(case, drawn).image.is_equal(step.apply(case, drawn).image)
    assert case.image.is_equal(before.image)


@pytest.mark.parametrize("size", SIZES)
def test_labels_keep_to_the_image(name: str, size: tuple[int, ...]) -> None:
    changed, _ = Pipeline((make(name),)).apply(make_case(size))
    assert isinstance(changed.target, MaskTarget)
    assert changed.target.labels.size == changed.image.size
    assert changed.target.labels.geometry == changed.image.geometry
    assert changed.target.labels.array.dtype == np.uint8
    assert set(np.unique(changed.target.labels.array)) <= {0, 1}


def test_three_channels_are_taken(name: str) -> None:
    changed, _ = Pipeline((make(name),)).apply(make_case((10, 12), channels=3))
    assert changed.image.array.shape[0] in (1, 3)


def test_the_name_is_the_kind_and_the_plain_form_comes_back(name: str) -> None:
    pipeline = Pipeline((make(name),))
    (table,) = pipeline.to_plain()
    assert table["kind"] == name == TRANSFORMS[name].kind
    assert Pipeline.from_plain([table]) == pipeline


def test_it_is_of_one_sort_and_documented(name: str) -> None:
    step = TRANSFORMS[name]
    assert issubclass(step, ValueTransform) != issubclass(step, GridTransform)
    assert step.__doc__
    assert all(field.description for field in step.model_fields.values())
    with pytest.raises(ValueError, match="frozen"):
        make(name).__setattr__(next(iter(step.model_fields), "kind_of"), 1)
