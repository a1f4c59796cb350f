"""A recipe and networks become what answers about a case, by what a network gives."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.bundle import Ensemble, predictor_of
from scanwright.bundle.predictors import (
    MOST_WINDOWS,
    PREDICTORS,
    answer_of,
    box_predictor,
    element_predictor,
)
from scanwright.image import Case, Geometry, Image
from scanwright.inference import (
    Decision,
    DetectionPredictor,
    InputLimits,
    KeepLargest,
    Predictor,
    SegmentationPredictor,
)
from scanwright.recipe import TASKS, NetworkChoice, Recipe, TaskChoice
from tests.bundle.builders import CPU, make_bundle, make_finding_bundle

LIMITS = InputLimits(rank=2, channels=(1,), smallest=(8, 8), largest=(64, 64))


class Bright(nn.Module):
    """Finds what is above 0.25, and above 0.75; background first where names exclude each other."""

    def __init__(self, *, has_background: bool) -> None:
        super().__init__()
        self.has_background = has_background

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Take (B, 1, *size), give logits (B, outputs, *size)."""
        some, much = 40 * (images - 0.25), 40 * (images - 0.75)
        parts = [0 * images, some, 4 * much] if self.has_background else [some, much]
        return torch.cat(parts, dim=1)


def outlines(*, overlap: bool, **changes: object) -> Recipe:
    values = ((1, 2), (2,)) if overlap else ((1,), (2,))
    recipe = Recipe(
        task=TaskChoice(kind="segmentation", labels=("whole", "core"), values=values, ignore=9),
        preprocessing=({"kind": "range", "low": 0.0, "high": 100.0},),
        network=NetworkChoice(name="unet_light", size=(16, 16), outputs=2 if overlap else 3),
    )
    return recipe.changed(changes)


def ensemble(recipe: Recipe, decision: Decision | None = None) -> Ensemble:
    network = Bright(has_background=recipe.task.scheme.is_exclusive)
    return Ensemble(recipe, [network], decision or Decision(), LIMITS, CPU)


def steps() -> Case:
    """Return an image of three grey levels, and a stray bright element."""
    pixels = np.zeros((1, 20, 24), np.float32)
    pixels[:, 4:14, 4:18] = 50
    pixels[:, 7:11, 8:14] = 100
    pixels[:, 18, 2] = 50
    return Case("steps", {"image": Image(pixels, Geometry.pixels(2))}, source="steps")


@pytest.mark.parametrize("kind", list(TASKS))
def test_every_kind_of_task_has_a_predictor(kind: str) -> None:
    assert callable(PREDICTORS[TASKS[kind].answer])


def test_a_classifier_answers_with_the_labels_and_cut_of_its_bundle() -> None:
    bundle = make_bundle()
    predictor = predictor_of(bundle.ensemble(CPU))
    assert isinstance(predictor, Predictor)
    assert predictor.answer.labels == ("healthy", "ill")
    assert predictor.answer.decision == bundle.decision
    assert predictor.input_shape == (1, 16, 16)
    assert answer_of(bundle.recipe, bundle.decision).is_scored_by_class


def test_classes_are_outlined_as_one_map() -> None:
    predictor = predictor_of(ensemble(outlines(overlap=False)))
    assert isinstance(predictor, SegmentationPredictor)
    found = predictor.predict_one(steps()).labels.array
    assert found.shape == (1, 20, 24)
    assert found[0, 5, 5] == 1
    assert found[0, 8, 10] == 2
    assert found[0, 0, 0] == 0


def test_regions_that_overlap_are_outlined_as_a_map_each() -> None:
    predictor = element_predictor(ensemble(outlines(overlap=True)))
    found = predictor.predict_one(steps())
    assert found.labels.array.shape == (2, 20, 24)
    assert found.mask("whole").sum() == 10 * 14 + 1
    assert found.mask("core").sum() == 4 * 6
    assert (found.mask("whole") >= found.mask("core")).all()


def test_windows_mirrors_and_refinements_are_those_of_the_recipe() -> None:
    steps_after = ({"kind": "keep_largest", "names": ["whole"]},)
    recipe = outlines(
        overlap=True,
        **{"postprocessing": steps_after, "inference.overlap": 0.25, "inference.flips": (1,),
           "inference.batch": 3},
    )  # fmt: skip
    predictor = element_predictor(ensemble(recipe))
    assert predictor.options.overlap == 0.25
    assert predictor.options.mirrors == (1,)
    assert predictor.options.batch == 3
    assert predictor.window == (16, 16)
    assert predictor.refinements == (KeepLargest(names=("whole",)),)
    assert predictor.predict_one(steps()).mask("whole").sum() == 10 * 14


def test_regions_are_cut_where_the_decision_says() -> None:
    recipe = outlines(overlap=True)
    sure = Decision(thresholds=(0.99999999, 0.5))
    found = element_predictor(ensemble(recipe, sure)).predict_one(steps())
    # At grey 50 the logit is 10: a chance of 0.99995 is not enough.
    assert found.mask("whole").sum() == 4 * 6


def test_what_does_not_fit_the_limits_is_refused() -> None:
    case = Case("small", {"image": Image(np.zeros((1, 2, 2, 2)), Geometry.pixels(3))}, source="s")
    with pytest.raises(BundleError):
        element_predictor(ensemble(outlines(overlap=True))).predict_one(case)


def test_what_looks_first_looks_at_low_resolution_and_the_rest_near_what_it_found() -> None:
    recipe = outlines(
        overlap=False,
        preprocessing=(
            {"kind": "range", "low": 0.0, "high": 100.0},
            {"kind": "resample", "spacing_mm": [1.0, 1.0]},
        ),
        **{"finder.share": 0.2, "finder.factor": 2.0, "finder.margin_mm": 3.0},
    )
    looks = Bright(has_background=True)
    whole = Ensemble(recipe, [looks], Decision(), LIMITS, CPU)
    predictor = predictor_of(replace(whole, finders=[looks]))
    assert isinstance(predictor, SegmentationPredictor)
    assert predictor.finder is not None
    assert predictor.finder.refinements == ()
    assert predictor.margin_mm == 3.0
    pixels = np.zeros((1, 48, 48), np.float32)
    pixels[:, 4:14, 4:18] = 50
    case = Case("c", {"image": Image(pixels, Geometry.axial((1.0, 1.0)))})
    assert predictor.finder.pipeline.apply(case)[0].image.size == (24, 24)
    alone = predictor_of(whole)
    assert isinstance(alone, SegmentationPredictor)
    assert alone.finder is None
    found = predictor.predict_one(case).labels.array
    np.testing.assert_array_equal(found, alone.predict_one(case).labels.array)
    assert found.any()


@pytest.mark.parametrize("rank", [2, 3])
def test_what_finds_cuts_fuses_and_reports_as_recipe_and_decision_say(rank: int) -> None:
    bundle = make_finding_bundle(rank)
    changes = {
        "inference.overlap": 0.25, "inference.flips": (1,), "inference.batch": 1000,
        "fusion.method": "suppress", "fusion.least_score": 0.001, "fusion.most": 7,
    }  # fmt: skip
    changed = replace(bundle, recipe=bundle.recipe.changed(changes))
    predictor = predictor_of(changed.ensemble(CPU))
    assert isinstance(predictor, DetectionPredictor)
    assert predictor.window == (32,) * rank
    assert (predictor.options.overlap, predictor.options.mirrors) == (0.25, (1,))
    assert predictor.options.batch == MOST_WINDOWS
    assert predictor.fusion == changed.recipe.fusion
    assert predictor.decision == bundle.decision
    pixels = np.random.default_rng(0).integers(0, 255, (1, *(40,) * rank)).astype(np.float32)
    found = predictor.predict_one(Case("c", {"image": Image(pixels, Geometry.pixels(rank))}))
    assert (found.labels, found.thresholds) == (("nodule", "mass"), (0.01, 0.5))
    assert len(found) == 7


def test_what_finds_refuses_what_does_not_fit_the_limits() -> None:
    case = Case("small", {"image": Image(np.zeros((1, 2, 2, 2)), Geometry.pixels(3))}, source="s")
    with pytest.raises(BundleError):
        box_predictor(make_finding_bundle().ensemble(CPU)).predict_one(case)
