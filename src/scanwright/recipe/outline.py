"""How to train networks that outline: every decision with its reason."""

import math
from dataclasses import dataclass

from scanwright.augmentation import AugmentationOptions, nnunet
from scanwright.data import SplitOptions
from scanwright.recipe.activations import training_bytes
from scanwright.recipe.cascade import choose_finder
from scanwright.recipe.fingerprint import Fingerprint
from scanwright.recipe.grid import Grid, channels_of, choose_grid, steps_for
from scanwright.recipe.masks import MaskFacts
from scanwright.recipe.mirroring import mirrored_axes
from scanwright.recipe.recipe import (
    ComparisonChoice,
    InferenceChoice,
    LossChoice,
    NetworkChoice,
    OptimiserChoice,
    Recipe,
    ScheduleChoice,
    TaskChoice,
    TrainingChoice,
)
from scanwright.recipe.resources import Resources, network_counts
from scanwright.recipe.window import (
    EACH,
    ENOUGH,
    Attempt,
    attempts,
    choose_batch,
    least_batch,
)

DEGREES = 20.0
"""Largest angle of augmentation where images have an up and a down."""
MOVED = 0.6
"""Chance of turning, and of scaling, each window."""
SMALL = 0.02
"""Below this share of outlined elements, more windows are drawn around them."""
VALIDATIONS = 10


@dataclass(frozen=True, slots=True)
class Setting:
    """What is decided before the window and the network are."""

    fingerprint: Fingerprint
    facts: MaskFacts
    split: SplitOptions
    resources: Resources
    seed: int


def write_outline_recipe(
    fingerprint: Fingerprint, split: SplitOptions, resources: Resources, seed: int
) -> Recipe:
    """Decide how to train networks that answer for each element.

    The most demanding way is chosen for which the time allows as many windows as it needs to be
    worth it; where there is none, the one that comes nearest.
    """
    facts = fingerprint.masks
    assert facts is not None, "a data set of masks has a fingerprint of masks"
    setting = Setting(fingerprint, facts, split, resources, seed)
    task = _task(fingerprint, facts)
    channels = channels_of(fingerprint)
    smallest = min(facts.smallest.values(), default=math.inf)
    chosen, best = None, -1.0
    windows = 0.0
    for attempt in attempts(
        choose_grid(facts), channels, task.outputs, resources.memory_bytes, smallest
    ):
        affordable = resources.seconds / resources.cost(_recipe(setting, attempt))
        worth = affordable / attempt.needed
        if worth > best:
            chosen, best, windows = attempt, worth, affordable
        if worth >= 1:
            break
    assert chosen is not None
    return _finished(setting, chosen, windows)


def enough_windows(recipe: Recipe) -> float:
    """Return how many windows one network can use, all its epochs together."""
    return float(ENOUGH)


def _task(fingerprint: Fingerprint, facts: MaskFacts) -> TaskChoice:
    return TaskChoice(
        kind=fingerprint.kind,
        labels=fingerprint.labels,
        values=facts.values,
        ignore=facts.ignore,
    )


def _recipe(setting: Setting, attempt: Attempt) -> Recipe:
    """Return the recipe of one network in the smallest batch."""
    fingerprint = setting.fingerprint
    task = _task(fingerprint, setting.facts)
    channels = channels_of(fingerprint)
    options = attempt.network(channels, task.outputs)
    steps, step_reasons = steps_for(fingerprint, attempt.grid)
    reasons: dict[str, str] = {}
    flips = mirrored_axes(fingerprint, reasons, _side_axis(attempt.grid))
    return Recipe(
        task=task,
        split=setting.split,
        preprocessing=tuple(steps),
        augmentation=_augmentation(fingerprint, attempt, flips),
        network=NetworkChoice(name=attempt.rung.name, **options.model_dump()),
        loss=LossChoice(name=task.losses[0]),
        optimiser=OptimiserChoice(
            name="adamw", rate=2e-3, weight_decay=0.01, second_momentum=0.99, clip=12.0
        ),
        schedule=ScheduleChoice(name="cosine", warmup=0.15),
        training=TrainingChoice(
            batch=least_batch(attempt.grid),
            seed=setting.seed,
            average=0.99,
            validations=VALIDATIONS,
            foreground=_foreground(setting.facts),
        ),
        inference=InferenceChoice(tried="mirrored", batch=1),
        comparison=ComparisonChoice(classical=0.0),
        reasons={**step_reasons, **reasons},
    )


def _finished(setting: Setting, attempt: Attempt, windows: float) -> Recipe:
    """Add the batch, the number of networks and what is left of the reasons."""
    recipe = _recipe(setting, attempt)
    resources, facts = setting.resources, setting.facts
    counts = network_counts(setting.split.folds, resources.workers)
    each = max(EACH, attempt.needed)
    members = next((count for count in counts if windows / count >= each), 1)
    batch = choose_batch(
        attempt.window,
        training_bytes(attempt.rung.name, recipe.network),
        memory_bytes=resources.memory_bytes / min(members, resources.workers),
        elements=math.prod(attempt.grid.size) * setting.fingerprint.train,
        windows=windows / members,
    )
    training = recipe.training.model_copy(update={"batch": batch, "members": members})
    finder, finder_reason = choose_finder(attempt, facts, batch)
    reasons = {
        "network.name": attempt.rung.reason,
        "network.size": _window_reason(attempt, windows),
        "training.batch": _batch_reason(batch, windows / members),
        "training.members": _members_reason(members, setting.split.folds),
        "training.foreground": _foreground_reason(facts),
        "loss.name": "Dice for the overlap that is judged, cross-entropy for steady gradients",
        "network.deep_supervision": "coarse answers are taught too: it learns sooner",
        "inference.tried": "mirrored windows are kept if validation says that they pay",
        "optimiser.name": "needs the fewest steps, and the time is what is scarce",
    }
    if finder_reason:
        reasons["finder.share"] = finder_reason
    return recipe.model_copy(
        update={
            "training": training, "finder": finder, "reasons": {**recipe.reasons, **reasons},
        }
    )  # fmt: skip


def _augmentation(
    fingerprint: Fingerprint, attempt: Attempt, flips: tuple[int, ...]
) -> AugmentationOptions:
    """Return nnU-Net's changes, moved more often and less far.

    In short trainings on processors six of ten windows are moved: what is learnt from one that is
    not, the next repeats.
    """
    options = nnunet(attempt.window, flips)
    is_coarse = attempt.grid.coarse_axis is not None
    has_up = fingerprint.modality != "other"
    changes: dict[str, object] = {
        "rotate_chance": MOVED,
        "rotate_degrees": DEGREES if has_up else options.rotate_degrees,
        "tilt_degrees": DEGREES,
        "scale_chance": MOVED,
        "scale": (0.8, 1.25),
        "scale_spread": "log",
        "in_plane": options.in_plane or is_coarse,
        "tilt_joins": options.tilt_joins and not is_coarse,
        "multiply_chance": 0.3,
        "contrast_chance": 0.3,
        "contrast": (0.65, 1.5),
        "noise": (0.0, 0.3),
        "coarsen_chance": 0.15,
    }
    return options.model_copy(update=changes)


def _side_axis(grid: Grid) -> int:
    """Return the axis from left to right."""
    return grid.axes.index("L") if grid.axes else len(grid.size) - 1


def _foreground(facts: MaskFacts) -> float:
    return 0.5 if facts.outlined < SMALL else 0.33


def _foreground_reason(facts: MaskFacts) -> str:
    share = 100 * facts.outlined
    if facts.outlined < SMALL:
        return f"only {share:.2g} % of the median image is outlined: every other window lies there"
    return f"{share:.2g} % of the median image is outlined: every third window lies there for sure"


def _window_reason(attempt: Attempt, windows: float) -> str:
    edges = " × ".join(map(str, attempt.window))
    median = " × ".join(map(str, attempt.grid.size))
    share = min(99.9, 100 * attempt.coverage) if attempt.coverage < 1 else 100
    reason = f"{edges}: {share:.3g} % of the median image of {median}"
    if math.isinf(windows):
        return f"{reason}, as large as the memory allows"
    reason += f"; the time allows about {windows:,.0f} windows"
    if windows < attempt.needed:
        reason += f", and {attempt.needed:,} would be better"
    return reason


def _batch_reason(batch: int, windows: float) -> str:
    if math.isinf(windows):
        return "as many as fit into the memory, and cover 5 % of the set at most"
    return f"{windows / batch:,.0f} steps: a short training needs steps more than large batches"


def _members_reason(members: int, folds: int) -> str:
    if members == 1:
        return f"one network: each of several would get fewer than {EACH:,} windows"
    if members == folds:
        return f"{members} networks, one per fold"
    return f"{members} networks: as many as the time allows"
