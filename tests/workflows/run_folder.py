"""Folders as finished runs leave them, made without training."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tests.recipe.builders import recipe as small_recipe

from scanwright.recipe import Recipe

QUICK = {
    "network.name": "tutorial", "network.width": 0.25, "network.zero_last": False,
    "network.size": (16, 16), "training.members": 2, "training.workers": 1, "training.threads": 1,
    "training.validations": 1, "schedule.steps": (8, 8), "split.folds": 2, "split.pool": True,
    "comparison.classical": 0.0,
}  # fmt: skip
"""Settings of a run that ends in a second."""


def write_run(
    folder: Path,
    *,
    folds: Sequence[dict[str, list[str]]],
    truth: dict[str, str],
    scores: dict[str, float],
    recipe: Recipe | None = None,
) -> Path:
    """Write the files of a run of two classes, in which the second has the given scores."""
    made = recipe or small_recipe()
    labels = made.task.labels
    (folder / "state").mkdir(parents=True)
    (folder / "recipe.toml").write_text(made.to_toml(), encoding="utf-8")
    (folder / "state" / "split.json").write_text(json.dumps({"folds": list(folds)}))
    held = [("test", name) for name in folds[0]["test"]]
    held += [("validation", name) for fold in folds for name in fold["validation"]]
    with (folder / "predictions.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        head = ["number", "case", "patient", "split", "truth", "decision"]
        table.writerow([*head, *(f"score {label}" for label in labels)])
        for number, (split, name) in enumerate(held):
            score = scores[name]
            decided = labels[int(score >= 0.5)]
            table.writerow(
                [number + 1, name, number + 1, split, truth[name], decided, 1 - score, score]
            )
    lines = [{"member": 0, "seconds": 2.0}, {"member": 0, "seconds": 5.0}]
    lines.append({"member": 1, "seconds": 4.5})
    (folder / "log.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    return folder


def plain_run(folder: Path, cases: int = 40, *, gap: float = 1.0, seed: int = 0) -> Path:
    """Write a run of two classes and one fold whose scores are as good as `gap` makes them."""
    rng = np.random.default_rng(seed)
    names = [f"case {index:03d}" for index in range(cases)]
    truth = {name: ("healthy", "ill")[index % 2] for index, name in enumerate(names)}
    logits = {n: rng.normal() + gap * (1 if truth[n] == "ill" else -1) for n in names}
    scores = {name: float(1 / (1 + np.exp(-logit))) for name, logit in logits.items()}
    third = cases // 3
    fold = {
        "train": names[:third],
        "validation": names[third : 2 * third],
        "test": names[2 * third :],
    }
    return write_run(folder, folds=[fold], truth=truth, scores=scores)
