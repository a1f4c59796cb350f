"""Which views of an image are worth their time: validation decides."""

from collections.abc import Sequence

from scanwright.inference import AS_IT_IS, Views
from scanwright.recipe import TASKS, Recipe
from scanwright.training.answers import outputs_of
from scanwright.training.fit import Fit, Trained

SHIFT = 0.06
SCALES = (0.9, 1.1)
"""Small moves of kinds that training shows; larger ones gave nothing more."""
LEAST_GAIN = 0.005
"""Share of the validation loss by which more views must lower it, to be worth their time."""


def candidate_views(recipe: Recipe) -> list[Views]:
    """Return the views to try, the cheapest first: the image, mirrored, and moved a little.

    None but the recipe's own where it asks for some, or for nothing to be tried.
    """
    asked = recipe.inference.views
    if asked != AS_IT_IS or recipe.inference.tried == "none":
        return [asked]
    flips = recipe.augmentation.flips[-1:]
    candidates = [AS_IT_IS]
    if flips:
        candidates.append(Views(flips=flips))
    if recipe.inference.tried == "moved" and recipe.network.rank > 1:
        candidates.append(Views(flips=flips, shift=SHIFT, scales=SCALES))
    return candidates


def choose_views(recipe: Recipe, fit: Fit, members: Sequence[Trained]) -> Recipe:
    """Average predictions over more views of an image where validation says that it pays."""
    candidates = candidate_views(recipe)
    if len(candidates) == 1:
        return recipe
    losses = [_loss(recipe, fit, members, views) for views in candidates]
    chosen = 0
    for index, loss in enumerate(losses):
        if loss < losses[chosen] * (1 - LEAST_GAIN):
            chosen = index
    if not chosen:
        return recipe
    views = candidates[chosen]
    count = views.count(recipe.network.rank)
    what = f"{count} views of an image" if views.shift else "mirrored images"
    reason = f"{what} lower the validation loss from {losses[0]:.4f} to {losses[chosen]:.4f}"
    changes = {f"inference.{name}": value for name, value in views.model_dump().items() if value}
    return recipe.changed(changes, reason)


def _loss(recipe: Recipe, fit: Fit, members: Sequence[Trained], views: Views) -> float:
    task = TASKS[recipe.task.kind]
    outputs = outputs_of(fit, members, views)
    return task.judge(outputs.truth, task.decode(outputs.values))[0]
