"""How rare classes are among training cases, and what is made of it."""

import numpy as np

from scanwright.base import RecipeError
from scanwright.recipe import TASKS, Recipe, Truth, Weigh, by_effective_number, by_power
from scanwright.training.sampler import Rows


def classes_of(truth: Truth, legal: str, where: str) -> Rows:
    """Return the one class of each case.

    Parameters
    ----------
    truth
        Encoded truths of the cases.
    legal, where
        What may be set in place of what needs the classes, and the setting that does.

    Raises
    ------
    RecipeError
        Cases have several labels, or numbers.
    """
    if truth.ndim != 1:
        raise RecipeError(
            "Only cases of one label each can be drawn by how frequent it is.",
            legal=f"{legal}; training.balance weighs several labels",
            where=where,
        )
    classes: Rows = truth
    return classes


def class_weights(recipe: Recipe, truth: Truth, weigh: Weigh) -> list[float]:
    """Return a weight per class, by how many cases it has."""
    return TASKS[recipe.task.kind].balance(truth, len(recipe.task.labels), weigh)


def loss_weights(recipe: Recipe, truth: Truth) -> list[float] | None:
    """Return the weights of the classes in the loss, as the recipe asks for."""
    training = recipe.training
    if training.effective:
        return class_weights(recipe, truth, by_effective_number(training.effective))
    return class_weights(recipe, truth, by_power(training.balance)) if training.balance else None


def priors_of(truth: Truth, labels: int) -> list[float] | None:
    """Return the share of each class, where each case has one."""
    if truth.ndim != 1:
        return None
    counts = np.bincount(truth, minlength=labels)
    return [float(share) for share in counts / counts.sum()]
