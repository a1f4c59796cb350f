from pathlib import Path

import pytest

from scanwright.base import FileError, RecipeError
from scanwright.recipe import Recipe, read_recipe
from scanwright.recipe.recipe import FORMAT
from tests.recipe.builders import recipe


def read_back(made: Recipe, folder: Path) -> Recipe:
    (folder / "recipe.toml").write_text(made.to_toml(), encoding="utf-8")
    return read_recipe(folder / "recipe.toml")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"schedule__steps": (100, 120), "training__members": 2},
        {"loss__weights": (0.3, 1.7), "network__spacing_mm": (0.7, 0.8), "network__depth": (1, 2)},
        {"optimiser__rate": 1 / 3, "optimiser__weight_decay": 1e-8},
        {"augmentation__flips": (1,), "augmentation__scale": (0.5, 2.0), "inference__flips": (0,)},
        {"task__labels": ("größe „α“", 'a "b"\n')},
    ],
)
def test_a_recipe_goes_through_toml_unchanged(tmp_path: Path, changes: dict[str, object]) -> None:
    made = recipe(**changes)
    assert read_back(made, tmp_path) == made


def test_reasons_come_back_too_and_stand_last(tmp_path: Path) -> None:
    made = recipe().changed({"training.batch": 4}, "it is small")
    assert made.reasons == {"training.batch": "it is small"}
    assert read_back(made, tmp_path).reasons == made.reasons
    assert made.to_toml().index("[reasons]") == max(
        place for place, sign in enumerate(made.to_toml()) if sign == "[" and _opens(made, place)
    )


def _opens(made: Recipe, place: int) -> bool:
    text = made.to_toml()
    return place == 0 or text[place - 1] == "\n"


def test_the_hash_is_of_the_settings_and_not_of_the_reasons() -> None:
    made = recipe()
    assert made.digest() == recipe().digest()
    assert made.digest() == made.changed({"training.batch": 32}, "why").digest()
    assert made.digest() != made.changed({"training.batch": 31}).digest()
    assert len(made.digest()) == 64


def test_a_change_leaves_the_recipe_that_was_changed_alone() -> None:
    made = recipe()
    changed = made.changed({"training.batch": 4, "network.name": "compact"})
    assert (changed.training.batch, changed.network.name) == (4, "compact")
    assert (made.training.batch, made.network.name) == (32, "tutorial")
    assert changed.loss == made.loss


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("training.bach", "training.batch"),
        ("trainng.batch", "training.batch"),
        ("optimizer.rate", "optimiser.rate"),
        ("network.widht", "network.width"),
        ("training.batch.size", "training.batch"),
    ],
)
def test_changing_an_unknown_setting_names_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(RecipeError) as caught:
        recipe().changed({name: 1})
    assert caught.value.next == f'did you mean "{nearest}"?'


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("training.batch", 0),
        ("training.batch", "many"),
        ("training.keep", "first"),
        ("optimiser.rate", -1),
        ("schedule.warmup", 1.0),
        ("augmentation.scale", (2.0, 0.5)),
        ("network.size", (16,)),
        ("split.folds", 99),
        ("format", FORMAT + 1),
        ("decision.rule", "dice"),
    ],
)
def test_changing_a_setting_to_an_illegal_value_is_refused_with_its_place(
    name: str, value: object
) -> None:
    with pytest.raises(RecipeError) as caught:
        recipe().changed({name: value})
    assert str(caught.value.where).startswith(name.split(".", maxsplit=1)[0])


MASKS = {
    "task__kind": "segmentation",
    "network__name": "unet_light",
    "network__outputs": 3,
    "loss__name": "dice_cross_entropy",
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"network__name": "monai:SegResNet"},
        {"postprocessing": ({"kind": "keep_largest"}, {"kind": "fill_holes"})},
        {"loss__name": "focal_tversky", "task__ignore": 9},
        {
            "task__values": ((1, 2), (2,)),
            "network__outputs": 2,
            "loss__name": "dice_binary_cross_entropy",
        },
    ],
)
def test_recipes_of_masks_that_fit_are_taken_and_go_through_toml(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    made = recipe(**{**MASKS, **changes})
    made.check()
    (tmp_path / "recipe.toml").write_text(made.to_toml(), encoding="utf-8")
    assert read_recipe(tmp_path / "recipe.toml") == made


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"loss__name": "mean_squared_error"}, "loss.name"),
        ({"network__outputs": 3}, "network.outputs"),
        ({"task__kind": "grade", "loss__name": "ordinal"}, "network.outputs"),
        ({"schedule__steps": (10, 10)}, "schedule.steps"),
        ({"inference__flips": (2,)}, "inference.flips"),
        ({"inference__flips": (-1,)}, "inference.flips"),
        ({"network__name": "unet"}, "network.name"),
        ({"network__name": "monai:SegResNet"}, "network.name"),
        ({**MASKS, "network__name": "resnet18"}, "network.name"),
        ({**MASKS, "network__name": "monai:ResNet18"}, "network.name"),
        ({**MASKS, "loss__name": "cross_entropy"}, "loss.name"),
        ({**MASKS, "loss__name": "dice_binary_cross_entropy"}, "loss.name"),
        ({**MASKS, "task__values": ((1, 2), (2,)), "network__outputs": 2}, "loss.name"),
        ({**MASKS, "network__outputs": 2}, "network.outputs"),
        ({**MASKS, "task__values": ((1,),)}, "task.values"),
        ({"task__values": ((1,), (2,))}, "task.values"),
        ({"postprocessing": ({"kind": "keep_largest"},)}, "postprocessing"),
        (
            {**MASKS, "postprocessing": ({"kind": "keep_largest", "nams": ()},)},
            "postprocessing[0].nams",
        ),
        ({**MASKS, "task__values": ((1,), (3,)), "task__ignore": 3}, "task.values"),
    ],
)
def test_settings_that_do_not_fit_each_other_are_refused(
    changes: dict[str, object], where: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        recipe(**changes).check()
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"loss__name": "cross_entrpy"}, "cross_entropy"),
        ({"task__kind": "class"}, "classes"),
        ({"network__name": "tutorail"}, "tutorial"),
        ({"preprocessing": ({"kind": "percentil"},)}, "percentile"),
        ({"preprocessing": ({"kind": "percentile", "lo": 1},)}, "low"),
    ],
)
def test_an_unknown_name_names_the_nearest(changes: dict[str, object], word: str) -> None:
    with pytest.raises(RecipeError, match=f'did you mean "{word}"'):
        recipe(**changes).check()


def test_a_step_without_a_kind_is_refused() -> None:
    with pytest.raises(RecipeError, match="kind"):
        recipe(preprocessing=({"low": 1},)).check()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"task__kind": "grade", "loss__name": "ordinal", "network__outputs": 1},
        {"task__kind": "findings", "loss__name": "binary_cross_entropy"},
        {"loss__name": "focal"},
        {"schedule__steps": (10, 20), "training__members": 2},
        {"inference__flips": (0, 1)},
        {"network__name": "monai:DenseNet121"},
    ],
)
def test_settings_that_fit_each_other_are_taken(changes: dict[str, object]) -> None:
    recipe(**changes).check()


def test_the_preprocessing_of_a_recipe_is_a_pipeline() -> None:
    kinds = [step["kind"] for step in recipe().pipeline().to_plain()]
    assert kinds == ["percentile", "resize"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = ", b"[task"])
def test_what_is_no_toml_is_a_file_error_that_names_the_file(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "recipe.toml").write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_recipe(tmp_path / "recipe.toml")
    assert caught.value.where == tmp_path / "recipe.toml"


def test_a_recipe_that_is_not_there_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read_recipe(tmp_path / "recipe.toml")
    with pytest.raises(FileError):
        read_recipe(tmp_path)


@pytest.mark.parametrize("text", ["", "a = 1", "[task]\nkind = 3"])
def test_a_toml_that_is_no_recipe_is_a_recipe_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "recipe.toml").write_text(text)
    with pytest.raises(RecipeError) as caught:
        read_recipe(tmp_path / "recipe.toml")
    assert str(caught.value.where).startswith("recipe.toml")


def test_a_recipe_that_is_read_is_checked(tmp_path: Path) -> None:
    with pytest.raises(RecipeError):
        read_back(recipe(network__outputs=5), tmp_path)
