"""Windows of prepared cases, with what is true of each, as material to train on."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from scanwright.augmentation import Augmentation
from scanwright.base import Catalog, RecipeError
from scanwright.data import WindowStore
from scanwright.recipe import TASKS, Recipe, assemble_loss
from scanwright.training.box_judge import BoxJudge
from scanwright.training.loader import IN_MEMORY_SHARE
from scanwright.training.material import Fold, Judge, Means, Phase
from scanwright.training.optimise import FULL_BATCH
from scanwright.training.reach import reach_of
from scanwright.training.sampler import Rows
from scanwright.training.window_feed import Supply, WindowFeed
from scanwright.training.window_judge import WindowJudge
from scanwright.training.window_sampler import Window, WindowSampler
from scanwright.training.window_truth import BoxTruth, MapTruth, WindowTruth

MOST_VALIDATED, LEAST_VALIDATED = 128, 16
"""Windows that a network is validated on during training, at most: many small or few large ones."""
VALIDATED_ELEMENTS = 2**25
"""Elements of so many, between those limits: validation shall cost little beside training."""


class WindowsJudge(Judge, Protocol):
    """Validates networks on the same windows each time."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """What is looked at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What differs by what networks are asked for.

    Parameters
    ----------
    truth
        Makes what is true of windows.
    judge
        (recipe, store, rows, most windows, means) → what validates networks.
    jitter
        Share of its room by which a window is moved off the middle of what it lies around: findings
        shall not all lie in the middle.
    """

    truth: Callable[[WindowStore, torch.device], WindowTruth]
    judge: Callable[[Recipe, WindowStore, Rows, int, Means], WindowsJudge]
    jitter: float = 0.0


ASKED: Catalog[Asked] = Catalog(
    "answer",
    {
        "element": Asked(MapTruth, WindowJudge.of),
        "box": Asked(lambda _, device: BoxTruth(device), BoxJudge.of, jitter=0.7),
    },
)
"""By what a network gives."""


@dataclass(slots=True)
class StoredWindows:
    """Prepared cases of which windows are learnt; rows of folds are places in `store.names`.

    Parameters
    ----------
    store
        Prepared cases; held in memory where they take less than a quarter of what is free.
    at_once
        Windows in one pass; larger batches are summed from several passes, which bounds memory.
    validated
        Windows that a network is validated on during training, at most; by their size if not given.
    """

    store: WindowStore
    at_once: int | None = None
    validated: int | None = None
    _held: WindowStore | None = field(init=False, default=None, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:  # Any: a class and its arguments
        """Go through a pipe as where the cases lie."""
        return StoredWindows, (self.store, self.at_once, self.validated)

    def check(self, recipe: Recipe) -> None:
        """Refuse a recipe that is not for these cases, or asks for what windows cannot have."""
        if recipe.task.scheme != self.store.scheme:
            raise RecipeError(
                "The prepared cases are of other labels.",
                got=", ".join(self.store.scheme.names),
                legal=", ".join(recipe.task.labels),
                where="task.labels",
            )
        legal = (recipe.network.channels, len(recipe.network.size))
        for name in self.store.names:
            case = self.store.case(name)
            found = (case.channels, len(case.size))
            if found != legal:
                raise RecipeError(
                    "A prepared image does not have the network's channels and axes.",
                    got=f"{found[0]} channels, {found[1]} axes in {name}",
                    legal=f"{legal[0]} channels, {legal[1]} axes",
                    where="network.channels",
                )
        _refuse_settings(recipe)

    def phases(self, recipe: Recipe, fold: Fold, index: int, means: Means) -> tuple[Phase, ...]:
        """Return the one phase: windows drawn alike from the first step to the last."""
        window, store = recipe.network.size, self._near(means)
        asked = ASKED[TASKS[recipe.task.kind].answer]
        sampler = WindowSampler(
            store=store,
            rows=fold.train,
            window=window,
            batch=recipe.training.batch,
            seed=(recipe.training.seed, index),
            foreground=recipe.training.foreground,
            jitter=asked.jitter,
        )
        augmentation = Augmentation(recipe.augmentation, len(window), recipe.network.spacing_mm)
        sizes = [store.case(store.names[row]).size for row in fold.train.tolist()]
        longest = tuple(max(edges) for edges in zip(*sizes, strict=True))
        feed = WindowFeed(
            sampler,
            augmentation,
            reach_of(window, recipe.augmentation, longest),
            asked.truth(store, means.compute.device),
            Supply(means.compute.device, self.at_once or recipe.training.batch),
        )
        return (Phase(0.0, feed, assemble_loss(recipe, None).to(means.compute.device)),)

    def judge(self, recipe: Recipe, fold: Fold, means: Means) -> WindowsJudge:
        """Return what validates the members of a fold, on the same windows every time."""
        by_size = VALIDATED_ELEMENTS // math.prod(recipe.network.size)
        most = self.validated or max(LEAST_VALIDATED, min(by_size, MOST_VALIDATED))
        asked = ASKED[TASKS[recipe.task.kind].answer]
        return asked.judge(recipe, self._near(means), fold.validation, most, means)

    def _near(self, means: Means) -> WindowStore:
        """Return the store, in memory where it fits."""
        if self._held is None:
            self._held = self.store.held_within(IN_MEMORY_SHARE * means.memory_bytes)
        return self._held


def _refuse_settings(recipe: Recipe) -> None:
    """Refuse settings that are for whole images."""
    training, changes = recipe.training, recipe.augmentation
    views, decision = recipe.inference, recipe.decision
    usual = type(decision)()
    asked = {
        "training.resample": training.resample,
        "training.undersample": training.undersample,
        "training.balance": training.balance,
        "training.effective": training.effective,
        "training.deferred": training.deferred,
        "training.draw": training.draw != "shuffled",
        "augmentation.mixup_chance": changes.mixup_chance,
        "augmentation.cutmix_chance": changes.cutmix_chance,
        "optimiser.name": recipe.optimiser.name in FULL_BATCH,
        "inference.shift": views.shift,
        "inference.scales": views.scales,
        "decision.rule": decision.rule != usual.rule,
        "decision.target": decision.target != usual.target,
        "decision.shift": decision.shift != usual.shift,
    }
    for setting, is_asked in asked.items():
        if is_asked:
            raise RecipeError(
                "This setting is for whole images, not for windows.",
                legal="its default",
                next="leave it out; training.foreground says how often rare labels are seen",
                where=setting,
            )
