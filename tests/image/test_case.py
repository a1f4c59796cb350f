import pickle

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.image import Case, ClassTarget, Image, LabelScheme, MaskTarget


def image(value: int = 0) -> Image:
    return Image.from_array(np.full((1, 2, 3), value, dtype=np.int16))


def test_a_case_needs_an_image() -> None:
    with pytest.raises(InputError, match="at least one image"):
        Case("a", {})


def test_the_only_image_has_no_need_of_a_name() -> None:
    assert Case.of(image(4)).image.array.max() == 4
    with pytest.raises(InputError, match="several images") as caught:
        _ = Case("a", {"t1": image(), "t2": image()}).image
    assert caught.value.got == ["t1", "t2"]


def test_the_images_and_subgroups_of_a_case_cannot_be_changed() -> None:
    images, subgroups = {"image": image()}, {"sex": "F"}
    case = Case("a", images, subgroups=subgroups)
    with pytest.raises(TypeError):
        case.images["image"] = image()  # type: ignore[index]  # that is the point
    with pytest.raises(TypeError):
        case.subgroups["sex"] = "M"  # type: ignore[index]  # that is the point
    images.clear()
    subgroups["sex"] = "M"
    assert case.image is not None
    assert case.subgroups["sex"] == "F"


def test_a_new_image_keeps_everything_else() -> None:
    case = Case("a", {"t1": image()}, ClassTarget("x"), patient="p", site="s", source="f")
    changed = case.with_image(image(7))
    assert changed.images["t1"].array.max() == 7
    assert (changed.target, changed.patient, changed.site, changed.source) == (
        case.target,
        "p",
        "s",
        "f",
    )


def test_a_change_reaches_every_image() -> None:
    case = Case("a", {"t1": image(1), "t2": image(2)})
    changed = case.map_images(lambda one: one.with_array(one.array * 10))
    assert {name: int(one.array.max()) for name, one in changed.images.items()} == {
        "t1": 10,
        "t2": 20,
    }


def test_a_change_of_grid_moves_images_and_label_map_each_by_its_own_function() -> None:
    labels = Image.from_array(np.arange(6, dtype=np.uint8).reshape(1, 2, 3))
    case = Case("a", {"image": image(1)}, MaskTarget(labels, LabelScheme.of_classes(["nodule"])))
    moved = case.map_grid(
        lambda one: one.with_array(one.array * 2), lambda labels: labels.flipped(1)
    )
    assert moved.image.array.max() == 2
    assert isinstance(moved.target, MaskTarget)
    assert np.array_equal(moved.target.labels.array, np.flip(labels.array, 2))
    assert moved.target.scheme.names == ("nodule",)


def test_a_change_of_grid_leaves_other_truths_alone() -> None:
    case = Case("a", {"image": image(1)}, ClassTarget("x"))

    def never(labels: Image) -> Image:
        raise AssertionError

    assert case.map_grid(lambda one: one.flipped(0), never).target == ClassTarget("x")


def test_a_case_travels_between_processes() -> None:
    case = Case(
        "a", {"image": image(3)}, ClassTarget("x"), "p", "s", subgroups={"sex": "F"}, source="f"
    )
    back = pickle.loads(pickle.dumps(case))
    assert back.image.is_equal(case.image)
    assert (back.name, back.target, back.patient, back.site, back.source) == (
        "a",
        ClassTarget("x"),
        "p",
        "s",
        "f",
    )
    assert dict(back.subgroups) == {"sex": "F"}
