"""Small images with a truth that can be learnt, and small recipes, for the tests of training."""

import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from scanwright.base import SILENT, Progress
from scanwright.inference import Compute
from scanwright.recipe import NetworkChoice, Recipe, ScheduleChoice, TaskChoice, TrainingChoice
from scanwright.training import Fit, Fold, ImageRows, Trained

CPU = Compute(torch.device("cpu"), None, 1)
EDGE = 16
ROWS = 32
LABELS = {
    "classes": ("dark", "bright"),
    "findings": ("left", "right", "top"),
    "grade": ("none", "some", "much"),
    "number": ("brightness",),
}
LOSSES = {
    "classes": "cross_entropy",
    "findings": "binary_cross_entropy",
    "grade": "ordinal",
    "number": "mean_squared_error",
}


def toy_images(seed: int = 0) -> np.ndarray:
    """Return noise with a bright left half, right half and upper half, each in half the rows."""
    rng = np.random.default_rng(seed)
    images = rng.normal(0, 0.1, (ROWS, 1, EDGE, EDGE)).astype(np.float32)
    findings = toy_truth("findings")
    half = EDGE // 2
    images[..., :, :half] += 0.4 * findings[:, 0].reshape(-1, 1, 1, 1)
    images[..., :, half:] += 0.4 * findings[:, 1].reshape(-1, 1, 1, 1)
    images[..., :half, :] += 0.4 * findings[:, 2].reshape(-1, 1, 1, 1)
    return images.astype(np.float32)


def toy_truth(kind: str) -> np.ndarray:
    """Return the truth of `toy_images`, encoded for a kind of task."""
    row = np.arange(ROWS)
    findings = np.stack([row % 2, row // 2 % 2, row // 4 % 2], axis=1).astype(np.float64)
    if kind == "classes":
        return row % 2
    if kind == "grade":
        return (findings[:, 0] + findings[:, 1]).astype(np.int64)
    if kind == "number":
        total = findings.sum(axis=1, keepdims=True)
        return (total - total.mean()) / total.std()
    return findings


def toy_recipe(kind: str = "classes", **changes: object) -> Recipe:
    """Return a recipe of twelve steps, with settings changed by name ("training__batch")."""
    labels = LABELS[kind]
    outputs = {"grade": len(labels) - 1, "number": 1}.get(kind, len(labels))
    recipe = Recipe(
        task=TaskChoice(kind=kind, labels=labels),
        preprocessing=({"kind": "resize", "size": [EDGE, EDGE]},),
        network=NetworkChoice(name="tutorial", size=(EDGE, EDGE), outputs=outputs, width=0.125),
        schedule=ScheduleChoice(steps=(12,), warmup=0.0),
        training=TrainingChoice(batch=8, validations=4),
    )
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return recipe.changed({"loss.name": LOSSES[kind], **named})


def toy_folds(count: int = 1) -> list[Fold]:
    """Return folds whose validation parts are the quarters of the rows."""
    rows = np.arange(ROWS)
    folds = []
    for index in range(count):
        validation = rows[index * 8 : index * 8 + 8]
        folds.append(Fold(train=np.setdiff1d(rows, validation), validation=validation))
    return folds


def forget(trained: Trained) -> None:
    """Keep nothing."""


def toy_fit(folder: Path, recipe: Recipe | None = None, **facts: object) -> Fit:
    """Return a fit of the toy images."""
    recipe = recipe or toy_recipe()
    keep_best: Callable[[Trained], None] = forget
    progress: Progress = SILENT
    images = facts.pop("images", None)
    truth = facts.pop("truth", None)
    material = ImageRows(
        toy_images() if images is None else images,
        toy_truth(recipe.task.kind) if truth is None else truth,
        facts.pop("file", None),
    )
    given = {
        "recipe": recipe,
        "material": material,
        "folds": toy_folds(),
        "folder": folder,
        "compute": CPU,
        "memory_bytes": 1 << 30,
        "keep_best": keep_best,
        "progress": progress,
        **facts,
    }
    return Fit(**given)  # type: ignore[arg-type]  # facts by name


class Interrupter:
    """Progress that calls `act` when a given step of training is reported."""

    def __init__(self, step: int, act: Callable[[], None]) -> None:
        self.step_wanted = step
        self.taken = 0.0
        self.act = act

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        """Do nothing."""

    def step(self, amount: float = 1, note: str = "") -> None:
        """Count."""
        self.taken += amount
        if note and self.taken == self.step_wanted:
            self.act()

    def end(self) -> None:
        """Do nothing."""


def press_ctrl_c() -> None:
    """Interrupt as Python does."""
    raise KeyboardInterrupt


def deliver_interrupt() -> None:
    """Call what is set to take an interrupt, as Python does when one has come.

    The system is left out: there the process of tests was ended by it now and then. Real signals
    go to processes of their own (`tests/journeys/test_bad_luck.py`).
    """
    handler = signal.getsignal(signal.SIGINT)
    assert callable(handler), f"nothing takes interrupts: {handler}"
    handler(signal.SIGINT, None)


def same_weights(one: Trained, other: Trained) -> bool:
    """Whether two members are equal bit for bit."""
    return one.weights.keys() == other.weights.keys() and all(
        torch.equal(one.weights[name], other.weights[name]) for name in one.weights
    )


def without_seconds(trained: Trained) -> list[dict[str, object]]:
    """Return the history but for the time it took."""
    return [
        {name: value for name, value in row.items() if name != "seconds"} for row in trained.history
    ]
