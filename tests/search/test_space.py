"""What is varied, within which limits, and what becomes of the recipe."""

import optuna
import pytest

from scanwright.base import RecipeError
from scanwright.recipe import assemble_network
from scanwright.search import SPACE, Facts, space_for
from tests.search.builders import FACTS, recipe_of, space


def names(one: object) -> set[str]:
    return {dimension.name for dimension in one.dimensions}  # type: ignore[attr-defined]


def test_every_row_says_why() -> None:
    assert all(row.reason for row in SPACE)
    assert len({row.name for row in SPACE}) == len(SPACE)


def test_the_default_lies_in_the_space_and_is_the_recipe_itself() -> None:
    made = space()
    for one in made.dimensions:
        if one.choices:
            assert one.default in one.choices
        else:
            assert one.low <= float(one.default) <= one.high
    assert made.recipe_of(made.default) == made.recipe
    assert made.differences(made.default) == []


@pytest.mark.parametrize("kind", ["classes", "findings", "grade", "number"])
def test_all_that_is_drawn_can_be_built(kind: str) -> None:
    made = space(kind)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(8):
        values = made.draw(study.ask())
        recipe = made.recipe_of(values, "found")
        recipe.check()
        assert assemble_network(recipe)
        for name, _, _ in made.differences(values):
            assert recipe.reasons.get(name, "found") == "found"


def test_a_number_has_no_classes_to_balance_and_even_classes_need_none() -> None:
    assert "training.balance" in names(space())
    assert "training.balance" not in names(space("number"))
    even = space_for(recipe_of(), Facts(cases=200, imbalance=1.1, edge=48))
    assert "training.balance" not in names(even)


def test_what_was_asked_for_is_held() -> None:
    held = ("optimiser.rate", "augmentation.rotate_chance")
    made = names(space_for(recipe_of(), FACTS, held=held))
    assert "optimiser.rate" not in made
    assert "augmentation.strength" not in made
    assert "optimiser.weight_decay" in made


def test_only_what_is_named_is_varied() -> None:
    made = space_for(recipe_of(), FACTS, vary=("optimiser.rate",))
    assert names(made) == {"optimiser.rate"}


def test_a_setting_that_cannot_be_varied_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"optimiser\.rate"):
        space_for(recipe_of(), FACTS, vary=("optimiser.rat",))
    with pytest.raises(RecipeError, match="cannot be varied"):
        space_for(recipe_of("number"), FACTS, vary=("training.balance",))


def test_a_prescribed_schedule_is_not_shortened() -> None:
    assert "schedule.length" in names(space())
    assert "schedule.length" not in names(space(schedule__steps=(40,)))


def test_a_new_size_is_that_of_the_network_and_of_the_images() -> None:
    made = space()
    size = next(one for one in made.dimensions if one.name == "network.size")
    edge = next(choice for choice in size.choices if choice != size.default)
    recipe = made.recipe_of({**made.default, "network.size": edge})
    assert recipe.network.size == (edge, edge)
    assert recipe.preprocessing[-1]["size"] == [edge, edge]


def test_images_are_not_made_finer_than_they_are() -> None:
    made = space_for(recipe_of(), Facts(cases=200, imbalance=1.0, edge=16))
    sizes = [one for one in made.dimensions if one.name == "network.size"]
    assert all(choice <= 17 for one in sizes for choice in one.choices)


def test_a_shape_is_kept_when_its_size_changes() -> None:
    recipe = recipe_of(
        network__size=(32, 64), preprocessing=({"kind": "resize", "size": [32, 64]},)
    )
    made = space_for(recipe, Facts(cases=200, imbalance=1.0, edge=128))
    changed = made.recipe_of({**made.default, "network.size": 48})
    assert changed.network.size == (24, 48)
