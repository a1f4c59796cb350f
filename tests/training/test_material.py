import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.training import ImageRows, Material, Means, Verdict
from tests.training.builders import CPU, toy_folds, toy_images, toy_recipe, toy_truth


def test_images_are_a_material_and_their_phases_begin_at_the_start() -> None:
    material: Material = ImageRows(toy_images(), toy_truth("classes"))
    recipe = toy_recipe(training__deferred=0.5, training__balance=1.0)
    material.check(recipe)
    phases = material.phases(recipe, toy_folds()[0], 0, Means(CPU, 1 << 30))
    assert [phase.start for phase in phases] == [0.0, 0.5]
    assert all(phase.feed.steps_per_epoch == 3 for phase in phases)
    with pytest.raises(RecipeError):
        material.check(toy_recipe(network__channels=3))


def test_a_verdict_may_have_no_more_to_say() -> None:
    assert dict(Verdict(0.5, 0.9).more) == {}
    assert Verdict(0.5, 0.9, {"dice": 0.8}).more["dice"] == 0.8
    assert not np.isnan(Verdict(0.5, 0.9).merit)
