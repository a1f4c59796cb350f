"""How long to train and how many views to try, so that a run ends inside its budget."""

import math

from scanwright.recipe import Recipe, enough_passes
from scanwright.training import Costs, Fit, candidate_views, enough_steps, plan_steps

REPORT_SECONDS = 20.0
"""Kept back for intervals, figures and the report."""
VIEWING_SHARE = 0.1
"""Trying views of images may take this share of the time."""
ANSWER_SECONDS = 1.0
"""An answer about one case may take so long for the sake of more views."""


def plan_recipe(fit: Fit, costs: Costs, seconds: float, tested: int, share: float = 1.0) -> Recipe:
    """Set the number of steps, from their cost, so that everything ends inside the time left.

    Parameters
    ----------
    seconds
        Left for everything.
    tested
        Cases of the test part.
    share
        Of the time for training, that these steps may take.
    """
    recipe = _affordable_views(fit, costs, seconds, tested)
    after = after_seconds(recipe, fit, costs.validation, tested)
    return with_steps(recipe, costs, share * (seconds - after), _enough(fit))


def with_steps(
    recipe: Recipe, costs: Costs, seconds: float, enough: int, setting: str = "schedule.steps"
) -> Recipe:
    """Set the steps of each member so that all of them together fill the seconds.

    Parameters
    ----------
    enough
        Steps after which a member gains nothing more.
    setting
        Where the steps stand.
    """
    plan = plan_steps(
        seconds,
        costs,
        rounds=rounds_of(recipe),
        validations=recipe.training.validations,
        enough=enough,
    )
    steps = (max(1, round(plan.steps * recipe.schedule.length)),) * recipe.training.members
    return recipe.changed({setting: steps}, plan.reason)


def rounds_of(recipe: Recipe) -> int:
    """Return how many rounds of networks there are that train side by side."""
    return math.ceil(recipe.training.members / recipe.training.workers)


def most_steps(fit: Fit) -> int:
    """Return the steps that no member exceeds, however fast the machine turns out to be."""
    return at_most(fit.recipe, _enough(fit))


def at_most(recipe: Recipe, enough: int) -> int:
    """Return the planned steps of a schedule that was shortened on purpose, else what is enough."""
    return max(recipe.schedule.steps) if recipe.schedule.length < 1 else enough


def _enough(fit: Fit) -> int:
    cases = min(len(fold.train) for fold in fit.folds)
    return enough_steps(cases, fit.recipe.training.batch, enough_passes(cases) / cases)


def after_seconds(recipe: Recipe, fit: Fit, validation_seconds: float, tested: int) -> float:
    """Expect the seconds from the end of training to the end of the run."""
    per_case = validation_seconds / max(len(fit.folds[0].validation), 1)
    counts = [views.count(recipe.network.rank) for views in candidate_views(recipe)]
    testing = per_case * tested * max(counts)
    validating = validation_seconds * (1 + sum(counts))
    return REPORT_SECONDS + recipe.training.members * (testing + validating)


def _affordable_views(fit: Fit, costs: Costs, seconds: float, tested: int) -> Recipe:
    """Try no more views than a tenth of the time can show."""
    recipe = fit.recipe
    if recipe.inference.tried != "moved":
        return recipe
    looking = after_seconds(recipe, fit, costs.validation, tested) - REPORT_SECONDS
    most = max(views.count(recipe.network.rank) for views in candidate_views(recipe))
    per_case = costs.validation / max(len(fit.folds[0].validation), 1)
    answering = per_case * recipe.training.members * most
    if looking <= VIEWING_SHARE * seconds and answering <= ANSWER_SECONDS:
        return recipe
    reason = (
        f"to try views of moved images would take {looking:.0f} s, and an answer about one case "
        f"{answering:.2g} s; at most {VIEWING_SHARE:.0%} of the time and {ANSWER_SECONDS:g} s "
        "are spent so"
    )
    return recipe.changed({"inference.tried": "mirrored"}, reason)
