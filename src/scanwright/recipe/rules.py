"""Data, machine and time in; a recipe out, every decision with its reason."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scanwright.augmentation import AugmentationOptions
from scanwright.data import SplitOptions
from scanwright.nets import Answer
from scanwright.recipe.finding import write_finding_recipe
from scanwright.recipe.fingerprint import Fingerprint
from scanwright.recipe.mirroring import mirrored_axes
from scanwright.recipe.outline import write_outline_recipe
from scanwright.recipe.preprocess import preprocessing_for
from scanwright.recipe.rarity import rarity_for
from scanwright.recipe.recipe import (
    LossChoice,
    NetworkChoice,
    OptimiserChoice,
    Recipe,
    ScheduleChoice,
    TaskChoice,
    TrainingChoice,
)
from scanwright.recipe.resources import (
    MEMBERS,
    Resources,
    filled,
    network_counts,
)
from scanwright.recipe.task import TASKS

EDGES_2D = (32, 48, 64, 96, 128, 160, 192, 224, 256, 320)
EDGES_3D = (24, 32, 40, 48, 64, 80, 96, 112, 128)
MULTIPLE = 8
"""Input edges are multiples of this, so that pooling divides them."""

POOL_BELOW = 2000
"""Development sets smaller than this are cross-validated as a whole."""
VALIDATION_ENOUGH = 300
"""A given validation set of this size is kept as it is."""
ENOUGH_PASSES = 200_000
"""Images that one network can use, all its epochs together, between the bounds below."""
MOST_EPOCHS = 600
LEAST_EPOCHS = 30
ENOUGH_SHARE = 0.5
"""Part of the image passes known to be enough that must be left."""
MODEST = {1: 64, 2: 64, 3: 32}
"""Edge by rank that is not given up for the sake of more networks."""


def write_recipe(
    fingerprint: Fingerprint, split: SplitOptions, resources: Resources, *, seed: int = 0
) -> Recipe:
    """Decide everything but the split, which was needed to know what may be looked at."""
    write = WRITERS[TASKS[fingerprint.kind].answer]
    return write(fingerprint, split, resources, seed)


def write_case_recipe(
    fingerprint: Fingerprint, split: SplitOptions, resources: Resources, seed: int
) -> Recipe:
    """Decide how to train networks that answer for a case.

    As many networks as can be, and then the largest input, for which the time still allows half of
    the image passes that a set of this size can use. At equal cost, 64 × 64 did better than
    128 × 128 behind a coarser stem on CT slices (validation AUC .855 against .820) and as well on
    breast ultrasound; only below that is detail worth more than networks.
    """
    reasons: dict[str, str] = {}
    flips = mirrored_axes(fingerprint, reasons, fingerprint.rank - 1)
    candidates = _candidate_sizes(fingerprint)
    counts = network_counts(split.folds, resources.workers)
    frame = Frame(fingerprint, split, flips, seed, reasons)
    wanted = enough_passes(fingerprint.train)
    chosen, passes = None, 0.0
    for size, members in _in_order_of_worth(candidates, counts):
        chosen = _recipe(frame, size, members)
        passes = resources.seconds / resources.cost(chosen) / members
        if passes >= ENOUGH_SHARE * wanted:
            break
    assert chosen is not None
    return _explain_size(chosen, fingerprint, candidates, passes, wanted)


def _in_order_of_worth(
    sizes: list[tuple[int, ...]], counts: list[int]
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Give input sizes and numbers of networks, the best first."""
    large = [size for size in sizes if max(size) >= MODEST[len(size)]] or sizes[:1]
    yield from ((size, count) for count in counts for size in large)
    yield from ((size, count) for size in sizes[len(large) :] for count in counts)


def choose_split(
    train: int, validation: int, *, workers: int = 1, seed: int = 0
) -> tuple[SplitOptions, str]:
    """Choose between one validation set and cross-validation, with the reason.

    Parameters
    ----------
    train, validation
        Cases to learn from, and cases of a given validation set.
    workers
        Networks that train side by side: the number of folds is a multiple of it.
    """
    folds = filled(MEMBERS[0], workers)
    cases = train + validation
    if validation >= VALIDATION_ENOUGH:
        return SplitOptions(seed=seed), f"{validation} validation cases are given and are enough"
    if cases >= POOL_BELOW:
        given = "given" if validation else "held out"
        return SplitOptions(seed=seed), f"of {cases} cases, one validation set {given} is enough"
    reason = (
        f"only {cases} cases to learn and choose from: {folds}-fold cross-validation lets every "
        "one of them serve for both"
    )
    if validation:
        reason += (
            f"; the {validation} given for validation alone would leave an accuracy uncertain by "
            f"± {100 * 0.98 / math.sqrt(validation):.0f} points, so both parts are pooled; the "
            "test set stays untouched"
        )
    return SplitOptions(seed=seed, folds=folds, pool=validation > 0), reason


def enough_passes(cases: int) -> float:
    """Return how many images one network can use, all its epochs together.

    200,000 images, within 30 and 600 epochs: validation still rose from 100,000 to 190,000 on sets
    of 500 cases and to 280,000 on sets of 4,700.
    """
    return float(max(min(ENOUGH_PASSES, MOST_EPOCHS * cases), LEAST_EPOCHS * cases))


@dataclass(frozen=True, slots=True)
class Frame:
    """What is decided before the size and the number of networks are."""

    fingerprint: Fingerprint
    split: SplitOptions
    flips: tuple[int, ...]
    seed: int
    reasons: dict[str, str]


def _recipe(frame: Frame, size: tuple[int, ...], members: int) -> Recipe:
    fingerprint = frame.fingerprint
    task = TASKS[fingerprint.kind]
    channels = 3 if fingerprint.has_colour else 1
    steps, step_reasons = preprocessing_for(fingerprint, size)
    rarity = rarity_for(fingerprint)
    what = TaskChoice(kind=fingerprint.kind, labels=fingerprint.labels)
    return Recipe(
        task=what,
        split=frame.split,
        preprocessing=tuple(steps),
        augmentation=_augmentation(fingerprint, frame.flips),
        network=NetworkChoice(
            name="compact",
            rank=fingerprint.rank,
            channels=channels,
            outputs=what.outputs,
            size=size,
            width=0.5,
            zero_last=True,
            dropout=0.2,
            standardise=True,
        ),
        loss=LossChoice(
            name=task.losses[0], smoothing=0.1 if task.losses[0] == "cross_entropy" else 0.0
        ),
        optimiser=OptimiserChoice(name="adamw", rate=2e-3, weight_decay=0.05, second_momentum=0.99),
        schedule=ScheduleChoice(name="cosine", warmup=0.1),
        training=TrainingChoice(
            batch=_batch(fingerprint), members=members, seed=frame.seed
        ).model_copy(update=rarity.training),
        decision=rarity.decision,
        reasons={
            **frame.reasons,
            **step_reasons,
            **_fixed_reasons(fingerprint),
            **rarity.reasons,
        },
    )


def _candidate_sizes(fingerprint: Fingerprint) -> list[tuple[int, ...]]:
    """Return input sizes from the largest that the images fill to the smallest allowed."""
    shape = _physical_shape(fingerprint)
    edges = EDGES_2D if fingerprint.rank <= 2 else EDGES_3D
    longest = max(fingerprint.median_size)
    useful = [edge for edge in edges if edge < 1.1 * longest] or [edges[0]]
    if longest < edges[0] * 1.1:
        useful = [edges[0]]
    sizes = []
    for edge in reversed(useful):
        size = tuple(
            max(MULTIPLE * 2, round(edge * share / MULTIPLE) * MULTIPLE) for share in shape
        )
        sizes.append(size)
    return sizes


def _physical_shape(fingerprint: Fingerprint) -> tuple[float, ...]:
    """Return the extent of the median image along each axis, as shares of the longest.

    Axes are no more than four times shorter than the longest: a network needs some depth.
    """
    extent = [float(edge) for edge in fingerprint.median_size]
    if fingerprint.spacing_mm:
        extent = [
            edge * middle
            for edge, (_, middle, _) in zip(extent, fingerprint.spacing_mm, strict=True)
        ]
    longest = max(extent)
    shares = [max(length / longest, 0.25) for length in extent]
    # Nearly square images are made square: it costs nothing and suits more networks.
    return tuple(1.0 if share > 0.75 else share for share in shares)


def _augmentation(fingerprint: Fingerprint, flips: tuple[int, ...]) -> AugmentationOptions:
    """Return moves on most images and changes of value on many; validation chose the strengths.

    Three of ten stay in their place: where hardly any did, the network was surer of moved images
    than of the unmoved ones that it is asked about (chest X-rays in validation: accuracy .98
    against .90).
    """
    return AugmentationOptions(
        flips=flips,
        still_chance=0.3,
        rotate_chance=1.0,
        rotate_degrees=15,
        tilt_chance=0.5 if fingerprint.rank == 3 else 0.0,
        scale_chance=1.0,
        scale=(0.82, 1.22),
        stretch_chance=1.0,
        stretch=(0.9, 1.11),
        shear_chance=1.0,
        shear_degrees=6,
        shift_chance=1.0,
        shift=0.1,
        outside="zeros",
        blur_chance=0.15,
        blur=(0.3, 0.8),
        noise_chance=0.2,
        noise=(0.0, 0.2),
        contrast_chance=0.5,
        brightness_chance=0.5,
        brightness=0.4,
        gamma_chance=0.5,
        gamma=(0.67, 1.5),
        gamma_inverted_chance=0.0,
        cutout_chance=0.25,
        cutout=(0.15, 0.4),
    )


def _batch(fingerprint: Fingerprint) -> int:
    cases = fingerprint.train
    return 32 if cases < 1000 else 64


def _fixed_reasons(fingerprint: Fingerprint) -> dict[str, str]:
    return {
        "network.name": "the best in validation for its time on a processor, in 2-D and 3-D",
        "optimiser.name": "needs the least tuning from set to set",
        "loss.smoothing": "labels of medical images disagree between readers",
    }


def _explain_size(
    recipe: Recipe,
    fingerprint: Fingerprint,
    candidates: list[tuple[int, ...]],
    passes: float,
    wanted: float,
) -> Recipe:
    size = " × ".join(str(edge) for edge in recipe.network.size)
    median = " × ".join(str(edge) for edge in fingerprint.median_size)
    if recipe.network.size == candidates[0]:
        size_reason = f"{size}: images of median size {median} hold no more detail"
    else:
        size_reason = f"{size}: the largest for which the time allows enough training"
    if math.isfinite(passes) and passes < wanted:
        size_reason += f" ({passes:,.0f} images a network; {wanted:,.0f} would be enough)"
    members = recipe.training.members
    folds = recipe.split.folds
    if members == folds:
        members_reason = f"{members} networks, one per fold"
    else:
        members_reason = (
            f"{members} network{'s' if members > 1 else ''}: as many as the time allows"
        )
        if folds:
            members_reason += f"; only {members} of the {folds} folds serve for validation"
    changes: dict[str, Any] = {"reasons": {
        **recipe.reasons, "network.size": size_reason, "training.members": members_reason
    }}  # fmt: skip  # Any: plain values
    return recipe.model_copy(update=changes)


Write = Callable[[Fingerprint, SplitOptions, Resources, int], Recipe]

WRITERS: dict[Answer, Write] = {
    "case": write_case_recipe,
    "element": write_outline_recipe,
    "box": write_finding_recipe,
}
"""What decides, by what networks answer for."""
