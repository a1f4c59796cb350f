import math
import tomllib

import pytest

from scanwright.base import RecipeError
from scanwright.recipe import Fingerprint, Recipe, finder_recipe, sketch_network
from scanwright.recipe.cascade import LEAST_FOUND, MOSTLY_COVERED, choose_finder, looked_share
from scanwright.recipe.grid import Grid
from scanwright.recipe.window import LADDER, WELL_COVERED, Attempt
from tests.recipe.builders import mask_facts, outlined_volumes, recipe
from tests.recipe.test_outline import pictures, write

SMALL_BOX = (0.1, 0.15, 0.15)


def body(**facts: object) -> Fingerprint:
    """Return whole-body CT in which something small is outlined."""
    given = {
        "size": (800, 512, 512),
        "spacing_mm": (1.0, 0.8, 0.8),
        "outlined": 0.001,
        "smallest": {"organ": 40.0, "lesion": 30.0},
        "extent": SMALL_BOX,
        **facts,
    }
    return outlined_volumes(masks=mask_facts(**given))


def test_small_structures_in_large_images_are_looked_for_first() -> None:
    made = write(body())
    assert made.finder.is_used
    coarse = finder_recipe(made)
    coarse.check()
    sketch_network(coarse)
    spacing = coarse.network.spacing_mm
    assert spacing is not None
    assert spacing == tuple(coarse.preprocessing[-1]["spacing_mm"])
    extent = [800 * 1.0, 512 * 0.8, 512 * 0.8]
    seen = [edge * step for edge, step in zip(coarse.network.size, spacing, strict=True)]
    covered = math.prod(min(1, a / b) for a, b in zip(seen, extent, strict=True))
    assert covered > 0.8 * MOSTLY_COVERED
    assert math.prod(coarse.network.size) <= math.prod(made.network.size)
    assert "looks first" in made.reasons["finder.share"]


def test_it_goes_through_toml_and_is_turned_off_by_one_setting() -> None:
    made = write(body())
    again = Recipe.parse(tomllib.loads(made.to_toml()), "")
    assert again == made
    off = made.changed({"finder.share": 0.0}, "not wanted")
    off.check()
    assert not off.finder.is_used
    assert off.digest() != made.digest()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"extent": (0.9, 0.9, 0.9)}, "of the windows"),
        ({"smallest": {"organ": 40.0, "lesion": 2.5}}, "coarse elements across"),
        ({"extent": ()}, "no spacing is known"),
    ],
)
def test_where_it_would_not_pay_the_reason_says_why(facts: dict[str, object], why: str) -> None:
    made = write(body(**facts))
    assert not made.finder.is_used
    assert why in made.reasons["finder.share"]


def test_where_time_is_scarce_all_of_it_goes_into_the_networks_that_outline() -> None:
    made = write(body(smallest={"organ": 10.0, "lesion": 10.0}), 2.0)
    assert not made.finder.is_used
    assert "time is scarce" in made.reasons["finder.share"]


def test_a_window_that_covers_enough_raises_no_question() -> None:
    made = write(body(size=(90, 100, 100)))
    assert not made.finder.is_used
    assert "finder.share" not in made.reasons
    assert not write(pictures()).finder.is_used


def test_axes_of_the_grid_may_lie_in_another_order_than_those_of_the_facts() -> None:
    # Sagittal slices, thick: the axis from left to right comes first in the grid.
    grid = Grid("LSP", (100, 500, 500), (4.0, 1.0, 1.0), True, None, "")
    attempt = Attempt(grid, (32, 64, 64), LADDER[0])
    assert attempt.coverage < WELL_COVERED
    long_in_left_right = mask_facts(extent=(0.1, 0.1, 1.0), smallest={"organ": 60.0})
    choice, _ = choose_finder(attempt, long_in_left_right, 2)
    assert choice.is_used
    assert 60.0 / choice.factor >= LEAST_FOUND
    assert choice.batch == 2


def test_the_part_of_windows_is_that_of_the_box_and_its_margin() -> None:
    grid = Grid("", (320, 320), (1.0, 1.0), True, None, "")
    assert looked_share(grid, (32, 32), (1.0, 1.0), 0.0) == 1.0
    # 19 windows along each axis; a box of 32 elements meets 4 of them.
    assert looked_share(grid, (32, 32), (0.1, 0.1), 0.0) == pytest.approx((4 / 19) ** 2)
    assert looked_share(grid, (32, 32), (0.1, 0.1), 8.0) == pytest.approx((5 / 19) ** 2)


def test_a_classifier_has_no_finder() -> None:
    with pytest.raises(RecipeError, match="no label maps"):
        recipe().changed({"finder.share": 0.2}).check()
