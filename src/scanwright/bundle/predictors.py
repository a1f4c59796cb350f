"""From a recipe and trained networks to what answers about a case, by what a network gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from torch import nn

from scanwright.base import Catalog
from scanwright.inference import (
    Answer,
    Compute,
    Decision,
    DetectionPredictor,
    InputLimits,
    Predictor,
    SegmentationPredictor,
    WindowOptions,
)
from scanwright.recipe import TASKS, Recipe, finder_recipe

MOST_WINDOWS = 64
"""Windows at once; what a recipe allows beyond is for whole images."""


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Networks with their weights, on the device, and what validation said of them.

    Parameters
    ----------
    networks
        At least one.
    decision, limits
        How outputs are read, and which inputs are accepted.
    finders
        Networks that look first, at low resolution; only where the recipe says so.
    """

    recipe: Recipe
    networks: Sequence[nn.Module]
    decision: Decision
    limits: InputLimits
    compute: Compute
    finders: Sequence[nn.Module] = ()

    def finder(self) -> "Ensemble | None":
        """Return what looks first, or None."""
        if not self.finders:
            return None
        recipe = finder_recipe(self.recipe)
        return replace(self, recipe=recipe, networks=self.finders, finders=())


AnyPredictor = Predictor | SegmentationPredictor | DetectionPredictor
"""What answers about cases."""


def predictor_of(ensemble: Ensemble) -> AnyPredictor:
    """Return what answers about cases with trained networks."""
    return PREDICTORS[TASKS[ensemble.recipe.task.kind].answer](ensemble)


def case_predictor(ensemble: Ensemble) -> Predictor:
    """Return what gives scores for a whole case."""
    recipe = ensemble.recipe
    return Predictor(
        networks=ensemble.networks,
        pipeline=recipe.pipeline(),
        answer=answer_of(recipe, ensemble.decision),
        limits=ensemble.limits,
        compute=ensemble.compute,
        input_shape=(recipe.network.channels, *recipe.network.size),
        views=recipe.inference.views,
        batch=recipe.inference.batch,
    )


def element_predictor(ensemble: Ensemble) -> SegmentationPredictor:
    """Return what outlines a case on its own grid."""
    recipe, finder = ensemble.recipe, ensemble.finder()
    return SegmentationPredictor(
        networks=ensemble.networks,
        pipeline=recipe.pipeline(),
        scheme=recipe.task.scheme,
        limits=ensemble.limits,
        compute=ensemble.compute,
        window=recipe.network.size,
        options=_window_options(recipe),
        thresholds=ensemble.decision.thresholds,
        refinements=recipe.refinements(),
        finder=None if finder is None else element_predictor(finder),
        margin_mm=recipe.finder.margin_mm,
    )


def box_predictor(ensemble: Ensemble) -> DetectionPredictor:
    """Return what finds boxes in a case, on its own grid."""
    recipe = ensemble.recipe
    return DetectionPredictor(
        networks=ensemble.networks,
        pipeline=recipe.pipeline(),
        labels=recipe.task.labels,
        limits=ensemble.limits,
        compute=ensemble.compute,
        window=recipe.network.size,
        options=_window_options(recipe),
        fusion=recipe.fusion,
        decision=ensemble.decision,
    )


def answer_of(recipe: Recipe, decision: Decision) -> Answer:
    """Return how the outputs of a recipe's networks are read, given what validation decided."""
    task = TASKS[recipe.task.kind]
    return Answer(
        labels=recipe.task.labels,
        decode=task.decode,
        decide=task.decide,
        decision=decision,
        is_scored_by_class=task.is_scored_by_class,
    )


def _window_options(recipe: Recipe) -> WindowOptions:
    """Return how a recipe has images cut."""
    return WindowOptions(
        overlap=recipe.inference.overlap,
        batch=min(recipe.inference.batch, MOST_WINDOWS),
        mirrors=recipe.inference.flips,
    )


PREDICTORS: Catalog[Callable[[Ensemble], AnyPredictor]] = Catalog(
    "predictor", {"case": case_predictor, "element": element_predictor, "box": box_predictor}
)
"""By what a network gives."""
