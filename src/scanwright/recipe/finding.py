"""How to train networks that find: every decision with its reason."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scanwright.augmentation import AugmentationOptions
from scanwright.data import SplitOptions
from scanwright.recipe.activations import training_bytes
from scanwright.recipe.boxes import BoxFacts
from scanwright.recipe.fingerprint import Fingerprint
from scanwright.recipe.grid import Grid, channels_of, choose_grid
from scanwright.recipe.mirroring import mirrored_axes
from scanwright.recipe.preprocess import ASPECT_STRETCH, Reasons, Steps, add_values
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
from scanwright.recipe.task import TASKS
from scanwright.recipe.window import memory_allowed

EDGES_2D = (1536, 1280, 1024, 896, 768, 640, 512, 448, 384, 320, 256, 224, 192, 160, 128, 96, 64)
WINDOWS_3D = (112, 96, 80, 64, 48)
MULTIPLE = {2: 16, 3: 8}
"""Edges of the input are multiples of this, by rank."""
LARGEST_WINDOW = {2: 512, 3: 112}
"""Longer images are seen in windows."""
FINE_ENOUGH = {2: 28.0, 3: 10.0}
"""Elements along the shortest edge of a small finding (the 10th percentile) beyond which more show
nothing new."""
COARSEST = {2: 8.0, 3: 4.0}
"""Elements that a small finding keeps, however little time there is."""
COARSENING = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
ENOUGH_EPOCHS = 150
LEAST_WINDOWS, MOST_WINDOWS = 15_000, 120_000
"""Windows that one network can use, between these, at 150 epochs."""
ENOUGH_SHARE = 0.4
"""Part of those that the time must allow for a finer grid. For further networks all of them: those
of few passes agree on what is missed."""
MOST_BATCH = {2: 16, 3: 4}
LEAST_BATCH = 2
VALIDATIONS = 10


@dataclass(frozen=True, slots=True)
class Sight:
    """What the network is shown.

    Parameters
    ----------
    size
        Median edges of the prepared images.
    window
        Edges of what the network sees at once.
    small
        Elements along the shortest edge of a small finding.
    grid
        Of volumes with a spacing; None where images are brought to one size.
    """

    size: tuple[int, ...]
    window: tuple[int, ...]
    small: float
    grid: Grid | None = None


def write_finding_recipe(
    fingerprint: Fingerprint, split: SplitOptions, resources: Resources, seed: int
) -> Recipe:
    """Decide how to train networks that find.

    The finest grid for which the time allows a good part of the windows that are enough, and as
    many networks as can see all of those. A finding that is smaller than a few elements is not told
    from noise, so that the grid is never coarser than the small ones allow; detail beyond what
    shows them well is left out.
    """
    facts = fingerprint.boxes
    assert facts is not None, "a data set of boxes has a fingerprint of boxes"
    setting = _Setting(fingerprint, facts, split, resources, seed)
    wanted = enough_finding_windows(fingerprint.train)
    counts = network_counts(split.folds, resources.workers)
    chosen, affordable = None, 0.0
    for chosen in sights(fingerprint, facts):
        affordable = resources.seconds / resources.cost(_recipe(setting, chosen))
        if affordable / counts[-1] >= ENOUGH_SHARE * wanted:
            break
    assert chosen is not None
    members = next((count for count in counts if affordable / count >= wanted), counts[-1])
    return _finished(setting, chosen, members, affordable / members)


def enough_finding_windows(cases: int) -> float:
    """Return how many windows one network can use, all its epochs together."""
    return float(min(max(ENOUGH_EPOCHS * cases, LEAST_WINDOWS), MOST_WINDOWS))


def sights(fingerprint: Fingerprint, facts: BoxFacts) -> Iterator[Sight]:
    """Give what networks may be shown, the finest first; always one at least."""
    makers = {2: _planes, 3: _volumes}
    rank = fingerprint.rank
    if rank not in makers:
        raise ValueError(f"nothing is found along {rank} axis")
    small = facts.shorter[0] or min(facts.size)
    is_first = True
    for sight in makers[rank](facts, small):
        if is_first or sight.small >= COARSEST[rank]:
            yield sight
        is_first = False


def _planes(facts: BoxFacts, small: float) -> Iterator[Sight]:
    """Give whole images of some size, and windows of the larger ones."""
    longest = max(facts.size)
    shares = [edge / longest for edge in facts.size]
    wanted = FINE_ENOUGH[2] / small * longest
    enough = min(longest, max(wanted, 224.0))
    edges = [edge for edge in EDGES_2D if edge <= 1.15 * enough] or [EDGES_2D[-1]]
    for edge in edges:
        size = tuple(_multiple(edge * share, 2) for share in shares)
        window = tuple(min(length, LARGEST_WINDOW[2]) for length in size)
        yield Sight(size, window, small * edge / longest)


def _volumes(facts: BoxFacts, small: float) -> Iterator[Sight]:
    """Give windows of volumes, of finer and then of coarser grids."""
    grid = choose_grid(facts)
    for factor in COARSENING:
        coarse = grid.coarser(factor)
        if factor > 1 and (coarse == grid or not grid.is_physical):
            continue
        finest = min(grid.spacing_mm)
        left = small * finest / min(coarse.spacing_mm)
        is_needless = left > 2 * FINE_ENOUGH[3] and factor != COARSENING[-1]
        if grid.is_physical and is_needless:
            continue
        for edge in WINDOWS_3D:
            window = tuple(
                min(_multiple(edge * min(coarse.spacing_mm) / step, 3), _multiple(whole, 3))
                for step, whole in zip(coarse.spacing_mm, coarse.size, strict=True)
            )
            yield Sight(coarse.size, window, left, coarse if grid.is_physical else None)


def _multiple(edge: float, rank: int) -> int:
    by = MULTIPLE[rank]
    return max(2 * by, math.ceil(edge / by - 0.25) * by)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is decided before the grid and the network are."""

    fingerprint: Fingerprint
    facts: BoxFacts
    split: SplitOptions
    resources: Resources
    seed: int


def _recipe(setting: _Setting, sight: Sight) -> Recipe:
    """Return the recipe of one network in the smallest batch."""
    fingerprint = setting.fingerprint
    rank = fingerprint.rank
    steps, step_reasons = _steps(fingerprint, sight)
    reasons: dict[str, str] = {}
    flips = mirrored_axes(fingerprint, reasons, rank - 1)
    return Recipe(
        task=TaskChoice(kind=fingerprint.kind, labels=fingerprint.labels),
        split=setting.split,
        preprocessing=tuple(steps),
        augmentation=_augmentation(rank, flips),
        network=NetworkChoice(
            name="detector",
            rank=rank,
            channels=channels_of(fingerprint),
            outputs=len(fingerprint.labels),
            size=sight.window,
            spacing_mm=sight.grid.spacing_mm if sight.grid else None,
            width=0.5,
        ),
        loss=LossChoice(name=TASKS[fingerprint.kind].losses[0]),
        optimiser=OptimiserChoice(
            name="adamw", rate=1.5e-3, weight_decay=0.05, second_momentum=0.99, clip=10.0
        ),
        schedule=ScheduleChoice(name="cosine", warmup=0.1),
        training=TrainingChoice(
            batch=LEAST_BATCH,
            seed=setting.seed,
            average=0.998,
            validations=VALIDATIONS,
            foreground=0.6,
        ),
        inference=InferenceChoice(tried="mirrored", batch=4, overlap=0.3),
        comparison=ComparisonChoice(classical=0.0),
        reasons={**step_reasons, **reasons},
    )


def _steps(fingerprint: Fingerprint, sight: Sight) -> tuple[Steps, Reasons]:
    """Return the preprocessing, each step with its reason."""
    steps: Steps = []
    reasons: Reasons = {}

    def add(reason: str, kind: str, **options: object) -> None:
        reasons[f"preprocessing.{len(steps)}"] = f"{kind}: {reason}"
        steps.append({"kind": kind, **options})

    if fingerprint.channels != (channels_of(fingerprint),):
        add("one channel holds it all, or some images are grey and some not", "grey")
    if sight.grid is not None and sight.grid.axes:
        add("volumes of any orientation are turned the same way", "orient", axes=sight.grid.axes)
    add_values(fingerprint, add)
    small = f"a small finding is {sight.small:.3g} elements across then"
    if sight.grid is not None:
        words = " × ".join(f"{step:.3g}" for step in sight.grid.spacing_mm)
        spacing = [round(step, 6) for step in sight.grid.spacing_mm]
        add(f"{words} mm: {small}", "resample", spacing_mm=spacing)
    elif fingerprint.rank == 2:
        fit = "stretch" if fingerprint.aspect_spread < ASPECT_STRETCH else "pad"
        add(f"anti-aliased; {small}", "resize", size=list(sight.size), fit=fit)
    return steps, reasons


def _augmentation(rank: int, flips: tuple[int, ...]) -> AugmentationOptions:
    """Return moves of most windows, and changes of value of many."""
    return AugmentationOptions(
        flips=flips,
        still_chance=0.2,
        rotate_chance=0.6,
        rotate_degrees=15,
        tilt_chance=0.3 if rank == 3 else 0.0,
        tilt_degrees=15,
        scale_chance=0.8,
        scale=(0.75, 1.33),
        stretch_chance=0.5,
        stretch=(0.85, 1.18),
        shift_chance=0.8,
        shift=0.12,
        outside="zeros",
        blur_chance=0.15,
        blur=(0.3, 1.0),
        noise_chance=0.2,
        noise=(0.0, 0.2),
        contrast_chance=0.4,
        brightness_chance=0.4,
        brightness=0.3,
        gamma_chance=0.4,
        gamma=(0.7, 1.4),
        gamma_inverted_chance=0.0,
    )


def _finished(setting: _Setting, sight: Sight, members: int, windows: float) -> Recipe:
    """Add the batch, the number of networks and what is left of the reasons."""
    recipe = _recipe(setting, sight)
    resources, rank = setting.resources, setting.fingerprint.rank
    each = training_bytes(recipe.network.name, recipe.network)
    side_by_side = min(members, resources.workers)
    by_memory = int(memory_allowed(resources.memory_bytes / side_by_side) / each)
    batch = int(max(LEAST_BATCH, min(by_memory, windows / 2_500, MOST_BATCH[rank])))
    training = recipe.training.model_copy(update={"batch": batch, "members": members})
    folds = setting.split.folds
    edges = " × ".join(map(str, sight.window))
    wanted = enough_finding_windows(setting.fingerprint.train)
    seen = "" if math.isinf(windows) else f"; the time allows {windows:,.0f} of them a network"
    if windows < wanted:
        seen += f", {wanted:,.0f} would be enough"
    reasons = {
        "network.name": "one body for planes and volumes, made for processors",
        "network.size": f"{edges}{seen}",
        "training.members": (
            f"{members} networks, one per fold"
            if members == folds
            else f"{members} network{'s' if members > 1 else ''}: as many as the time allows"
        ),
        "training.batch": "as many as leave a few thousand steps, and fit into the memory",
        "training.foreground": "other windows are drawn anywhere: there is much that looks alike",
        "loss.name": "a cell learns the score that its box deserves, so that one score ranks both",
        "inference.tried": "mirrored windows are kept if validation says that they pay",
        "optimiser.name": "needs the fewest steps, and the time is what is scarce",
    }
    return recipe.model_copy(
        update={"training": training, "reasons": {**recipe.reasons, **reasons}}
    )
