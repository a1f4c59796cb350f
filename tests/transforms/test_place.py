"""Pad and crop to content: boxes, fillings, geometry, targets."""

import numpy as np
import pytest

from scanwright.base import RecipeError, ShapeError
from scanwright.image import Box as TargetBox
from scanwright.image import BoxesTarget, Case, Geometry, Image, LabelScheme, MaskTarget
from scanwright.transforms import CropToContent, Pad, Pipeline, undo
from scanwright.transforms.place import Box, place


def blob(size: tuple[int, ...], low: tuple[int, ...], high: tuple[int, ...]) -> Image:
    array = np.zeros((1, *size), dtype=np.float32)
    array[(0, *(slice(a, b) for a, b in zip(low, high, strict=True)))] = 100
    return Image(array, Geometry.axial((2.0, 1.0, 1.0)[-len(size) :]))


@pytest.mark.parametrize(("fill", "value"), [(7.0, 7.0), ("minimum", 1.0)])
def test_padding_has_the_value_asked_for(fill: float | str, value: float) -> None:
    image = Image.from_array(np.full((1, 2, 2), 1.0) + np.eye(2))
    result = Pipeline((Pad(size=(6,), fill=fill),)).apply_image(image)
    assert result.size == (6, 6)
    assert result.array[0, 0, 0] == value
    assert np.array_equal(result.array[0, 2:4, 2:4], image.array[0])


def test_edge_repeats_the_border() -> None:
    image = Image.from_array(np.array([[[1.0, 2.0]]]))
    result = Pipeline((Pad(size=(1, 6), fill="edge"),)).apply_image(image)
    assert result.array.tolist() == [[[1, 1, 1, 2, 2, 2]]]


def test_pad_keeps_every_value_in_its_place_in_the_world() -> None:
    image = blob((5, 8, 8), (1, 2, 2), (3, 5, 5))
    result = Pipeline((Pad(size=(8, 4, 12)),)).apply_image(image)
    inside = np.argwhere(result.array[0] == 100)
    truth = np.argwhere(image.array[0] == 100)
    world = image.geometry.to_world(truth).round(6).tolist()
    found = result.geometry.to_world(inside).round(6).tolist()
    assert all(point in world for point in found)
    assert len(found) > 10


def test_pad_can_leave_longer_axes() -> None:
    image = Image.from_array(np.ones((1, 9, 3)))
    assert Pipeline((Pad(size=(4,), larger="keep"),)).apply_image(image).size == (9, 4)
    assert Pipeline((Pad(size=(4,)),)).apply_image(image).size == (4, 4)


def test_undoing_pad_gives_back_the_very_image() -> None:
    case = Case.of(blob((5, 8, 9), (1, 2, 2), (3, 5, 5)))
    changed, trace = Pipeline((Pad(size=(8, 16, 17)),)).apply(case)
    assert undo(changed, trace).image.is_equal(case.image)


def test_content_is_found_with_its_margin() -> None:
    case = Case.of(blob((20, 30), (5, 10), (12, 25)))
    changed, trace = Pipeline((CropToContent(margin=1),)).apply(case)
    assert changed.image.size == (9, 17)
    assert undo(changed, trace).image.is_equal(case.image)


def test_a_speck_does_not_hold_the_border() -> None:
    array = blob((60, 60), (20, 20), (45, 45)).array.copy()
    array[0, 0, 0] = 100
    noise = np.random.default_rng(0).normal(0, 1, array.shape)
    image = Image.from_array(array + noise)
    result = Pipeline((CropToContent(margin=0, least_share=0.1),)).apply_image(image)
    assert result.size == (25, 25)


def test_a_speck_counts_where_it_is_asked_to() -> None:
    array = blob((60, 60), (20, 20), (45, 45)).array.copy()
    array[0, 0, 0] = 100
    result = Pipeline((CropToContent(margin=0, least_share=0, level=50),)).apply_image(
        Image.from_array(array)
    )
    assert result.size == (45, 45)


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
def test_an_image_without_content_stays_whole(value: float) -> None:
    image = Image.from_array(np.full((1, 6, 7), value))
    assert Pipeline((CropToContent(level=9.0),)).apply_image(image).size == (6, 7)


def test_a_constant_image_stays_whole_with_an_automatic_level() -> None:
    image = Image.from_array(np.full((2, 6, 7), 5, dtype=np.uint8))
    assert Pipeline((CropToContent(),)).apply_image(image).size == (6, 7)


def test_images_on_one_grid_are_cut_alike() -> None:
    first, second = blob((20, 20), (2, 2), (8, 8)), blob((20, 20), (10, 4), (18, 15))
    other = blob((12, 12), (3, 3), (6, 6))
    case = Case("a", {"t1": first, "t2": second, "dwi": other})
    changed, _ = Pipeline((CropToContent(margin=0),)).apply(case)
    assert changed.images["t1"].size == changed.images["t2"].size == (16, 13)
    assert changed.images["t1"].geometry == changed.images["t2"].geometry
    assert changed.images["dwi"].size == (3, 3)


def test_masks_are_cut_alike_and_boxes_outside_are_dropped() -> None:
    image = blob((20, 20), (5, 5), (12, 12))
    labels = Image((image.array > 0).astype(np.uint8), image.geometry)
    crop = Pipeline((CropToContent(margin=0),))
    changed, trace = crop.apply(
        Case("a", {"image": image}, MaskTarget(labels, LabelScheme.of_classes(["x"])))
    )
    assert isinstance(changed.target, MaskTarget)
    assert changed.target.labels.array.sum() == 49
    assert changed.target.labels.size == (7, 7)
    back = undo(changed, trace).target
    assert isinstance(back, MaskTarget)
    assert back.labels.is_equal(labels)

    boxes = BoxesTarget((TargetBox((4.5, 4.5), (8.5, 20), "in"), TargetBox((0, 0), (3, 3), "out")))
    changed, _ = crop.apply(Case("a", {"image": image}, boxes))
    assert isinstance(changed.target, BoxesTarget)
    assert [box.label for box in changed.target.boxes] == ["in"]
    assert changed.target.boxes[0].low == (-0.5, -0.5)
    assert changed.target.boxes[0].high == (3.5, 6.5)


def test_a_box_wholly_outside_is_all_filling() -> None:
    image = Image.from_array(np.ones((1, 3, 3)))
    result = place(image, Box((5, -4), (2, 2)), 9.0)
    assert result.array.tolist() == [[[9, 9], [9, 9]]]


def test_undo_refuses_another_size() -> None:
    case = Case.of(Image.from_array(np.zeros((1, 6, 6))))
    _, trace = Pipeline((Pad(size=(9,)),)).apply(case)
    with pytest.raises(ShapeError):
        undo(case, trace)


@pytest.mark.parametrize(("dtype", "fill"), [("uint8", -3.0), ("uint8", 0.5), ("bool", 2.0)])
def test_a_filling_that_the_number_type_cannot_hold_is_refused(dtype: str, fill: float) -> None:
    image = Image.from_array(np.zeros((1, 4, 4), dtype=dtype))
    with pytest.raises(RecipeError, match=dtype):
        Pipeline((Pad(size=(9,), fill=fill),)).apply_image(image)
    as_float = image.with_array(image.array.astype(np.float32))
    assert Pipeline((Pad(size=(9,), fill=fill),)).apply_image(as_float).array[0, 0, 0] == fill


def test_content_of_a_large_image_is_found_too() -> None:
    case = Case.of(blob((1500, 1600), (300, 200), (900, 1000)))
    changed, _ = Pipeline((CropToContent(margin=0),)).apply(case)
    assert changed.image.size == (600, 800)


@pytest.mark.parametrize("dtype", ["int16", "float32", "bool"])
def test_what_is_not_zero_is_content_whatever_its_sign(dtype: str) -> None:
    array = np.zeros((2, 9, 12, 10), dtype=dtype)
    array[0, 3, 4:6, 7] = -5 if dtype != "bool" else 1
    array[1, 5, 2, 8] = 1
    if dtype == "float32":
        array[0, 0, 0, 0] = np.nan  # not known, hence no content
    step = CropToContent(level="nonzero", least_share=0, margin=1)
    changed, trace = Pipeline((step,)).apply(Case.of(Image.from_array(array)))
    assert changed.image.size == (5, 6, 4)
    assert undo(changed, trace).image.size == (9, 12, 10)
    assert Pipeline.from_plain(Pipeline((step,)).to_plain()).steps == (step,)


def test_content_is_counted_alike_in_slabs(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanwright.transforms import place as module

    image = Image.from_array(np.random.default_rng(0).random((2, 9, 7, 8)))
    whole = module._counts(image.array, 0.7)
    monkeypatch.setattr(module, "LEVEL_SAMPLE", 200)
    parts = module._counts(image.array, 0.7)
    seen = (image.array > 0.7).any(axis=0)
    for axis, others in enumerate([(1, 2), (0, 2), (0, 1)]):
        assert np.array_equal(whole[axis], seen.sum(axis=others))
        assert np.array_equal(parts[axis], whole[axis])
