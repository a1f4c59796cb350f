"""Coarse to fine: when it pays that a coarse network looks first, and how that one is trained."""

import math
from collections.abc import Sequence

from scanwright.recipe.finder import FinderChoice
from scanwright.recipe.grid import Grid
from scanwright.recipe.masks import AXES, MaskFacts
from scanwright.recipe.recipe import InferenceChoice, NetworkChoice, Recipe
from scanwright.recipe.window import WELL_COVERED, Attempt, cut_to, largest_window

FACTORS = (2.0, 3.0, 4.0, 6.0, 8.0)
MOSTLY_COVERED = 0.5
"""The finder's window covers this part of the median image: it sees where in the body it is."""
LEAST_FOUND = 3.0
"""Elements of the coarse grid across which the smallest structure must be to be found."""
MOST_LOOKED_AT = 0.5
"""Part of the windows that may be left to look at; with more, the finder is not worth its time."""
SHARE = 0.15
"""Part of the training time: a small part of the windows, on structures with hardly any detail."""
MARGIN = 4.0
"""Coarse elements around what was found; outlines at low resolution are off by one or two."""
OVERLAP = 0.5


def choose_finder(attempt: Attempt, facts: MaskFacts, batch: int) -> tuple[FinderChoice, str]:
    """Return whether and how a coarse network looks first, and why.

    The reason is empty where the window covers enough of the image that there is no question.
    """
    grid, none = attempt.grid, FinderChoice()
    if attempt.coverage >= WELL_COVERED:
        return none, ""
    few = f"the window covers {100 * attempt.coverage:.2g} % of the median image, but"
    if not (grid.is_physical and facts.extent):
        return none, f"{few} no spacing is known"
    if attempt.is_makeshift:
        return none, f"{few} time is scarce: all of it goes into the networks that outline"
    factor = next((one for one in FACTORS if _covers(grid, attempt.window, one)), FACTORS[-1])
    smallest = min(facts.smallest.values(), default=math.inf) / factor
    if smallest < LEAST_FOUND:
        return none, f"{few} small structures would be {smallest:.2g} coarse elements across"
    choice = FinderChoice(factor=factor)
    margin = MARGIN * factor * min(grid.spacing_mm)
    left = looked_share(grid, attempt.window, _extent(facts, grid), margin)
    if left > MOST_LOOKED_AT:
        return none, f"{few} what is outlined lies in or near {100 * left:.0f} % of the windows"
    choice = FinderChoice(
        share=SHARE,
        factor=factor,
        size=_window(grid.coarser(factor), attempt.window),
        batch=batch,
        margin_mm=float(f"{margin:.3g}"),
    )
    return choice, (
        f"the window covers {100 * attempt.coverage:.2g} % of the median image, and what is "
        f"outlined lies in or near {100 * left:.0f} % of the windows: a coarse network looks first"
    )


def looked_share(
    grid: Grid, window: Sequence[int], extent: Sequence[float], margin_mm: float
) -> float:
    """Return about which part of the windows come near a box.

    Parameters
    ----------
    extent
        Edges of the box as shares of the image's.
    """
    share = 1.0
    for edge, cut, part, step in zip(grid.size, window, extent, grid.spacing_mm, strict=True):
        stride = cut * (1 - OVERLAP)
        windows = max(1.0, (edge - cut) / stride + 1)
        near = (part * edge + 2 * margin_mm / step + cut) / stride
        share *= min(1.0, near / windows)
    return share


def finder_recipe(recipe: Recipe) -> Recipe:
    """Return how the network is trained that looks first: a recipe of its own.

    It learns the same labels from the same folds; fold by fold it has seen no case that the network
    after it has not.
    """
    finder, network = recipe.finder, recipe.network
    spacing = next(step["spacing_mm"] for step in recipe.preprocessing if "spacing_mm" in step)
    choice = NetworkChoice(
        name=finder.name,
        rank=network.rank,
        channels=network.channels,
        outputs=network.outputs,
        size=finder.size or network.size,
        spacing_mm=finder.spacing_of(spacing),
        width=network.width,
        deep_supervision=network.deep_supervision,
    )
    schedule = {"steps": finder.steps or recipe.schedule.steps}
    return recipe.model_copy(
        update={
            "preprocessing": finder.preprocessing(recipe.preprocessing),
            "network": choice,
            "schedule": recipe.schedule.model_copy(update=schedule),
            "training": recipe.training.model_copy(update={"batch": finder.batch}),
            "inference": InferenceChoice(tried="none", batch=recipe.inference.batch),
            "postprocessing": (),
            "finder": FinderChoice(),
            "reasons": {},
        }
    )


def _covers(grid: Grid, window: tuple[int, ...], factor: float) -> bool:
    coarse = grid.coarser(factor)
    covered = math.prod(_window(coarse, window)) / math.prod(coarse.size)
    return covered >= MOSTLY_COVERED


def _window(coarse: Grid, window: tuple[int, ...]) -> tuple[int, ...]:
    """Return a window of no more elements than that of the other networks."""
    return cut_to(largest_window(coarse), math.prod(window), coarse)


def _extent(facts: MaskFacts, grid: Grid) -> tuple[float, ...]:
    """Return the extent along the axes of a grid, which may lie in another order."""
    if not grid.axes:
        return facts.extent
    return tuple(facts.extent[AXES.index(axis)] for axis in grid.axes)
