"""Prepared cases with bright rectangles to find, and a recipe to find them."""

from pathlib import Path

import numpy as np

from scanwright.data import Preparation, WindowStore, build_window_store
from scanwright.image import Box, BoxesTarget, Case, Image, LabelScheme
from scanwright.recipe import NetworkChoice, Recipe, ScheduleChoice, TaskChoice, TrainingChoice
from scanwright.transforms import Pipeline

LABELS = ("dim", "bright")
EDGE = {2: (48, 64), 3: (32, 32, 40)}
WINDOW = {2: (48, 64), 3: (32, 32, 32)}


def box_case(name: str, rank: int, seed: int, boxes: int = 2) -> Case:
    """Return noise with rectangles that are bright or less so, none of which touch."""
    rng = np.random.default_rng(seed)
    size = EDGE[rank]
    array = rng.normal(0, 0.1, size)
    found = []
    for index in range(boxes):
        edges = rng.integers(8, 14, rank)
        # Each in its own part of the last axis.
        room = size[-1] // max(boxes, 1)
        low = [int(rng.integers(0, whole - edge + 1)) for whole, edge in zip(size, edges)]  # noqa: B905
        low[-1] = index * room + int(rng.integers(0, room - edges[-1] + 1))
        high = [at + int(edge) for at, edge in zip(low, edges, strict=True)]
        label = LABELS[(seed + index) % 2]
        array[tuple(map(slice, low, high))] += 1.0 if label == "bright" else 0.5
        ends = (tuple(at - 0.5 for at in edge) for edge in (low, high))
        found.append(Box(*ends, label))
    image = Image.from_array(array[None].astype(np.float32))
    return Case(name, {"image": image}, target=BoxesTarget(tuple(found)))


def box_store(folder: Path, rank: int = 2, cases: int = 8) -> WindowStore:
    """Return prepared cases, the third of which has nothing to find."""
    made = [box_case(f"case {at}", rank, at, boxes=0 if at == 2 else 2) for at in range(cases)]
    scheme = LabelScheme.of_classes(LABELS)
    preparation = Preparation(lambda case: case, Pipeline.from_plain([]), scheme, WINDOW[rank])
    return build_window_store([(case.name, case) for case in made], preparation, folder)


def box_recipe(rank: int = 2, **changes: object) -> Recipe:
    """Return a recipe of a few steps, with settings changed by name ("training__batch")."""
    task = TaskChoice(kind="detection", labels=LABELS)
    recipe = Recipe(
        task=task,
        preprocessing=(),
        network=NetworkChoice(
            name="detector", rank=rank, size=WINDOW[rank], outputs=task.outputs, width=0.25
        ),
        schedule=ScheduleChoice(steps=(8,), warmup=0.0),
        training=TrainingChoice(batch=4, validations=2, foreground=0.5),
    )
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return recipe.changed({"loss.name": "task_aligned", "inference.tried": "none", **named})
