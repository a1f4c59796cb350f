"""Prepared cases in memory whose truth is a rule of their values, and a recipe to outline them."""

from pathlib import Path

import numpy as np

from scanwright.data import StoredCase, WindowStore, to_codes
from scanwright.image import Geometry, LabelScheme
from scanwright.recipe import NetworkChoice, Recipe, ScheduleChoice, TaskChoice, TrainingChoice
from scanwright.training import Fit, Fold, StoredWindows, Trained
from tests.training.builders import CPU

CASES = 8
WINDOW = {2: (16, 16), 3: (8, 16, 16)}
TWO = LabelScheme.of_classes(("core", "shell"))
REGIONS = LabelScheme(("whole", "core"), ((1, 2), (1,)), ignore=7)


def toy_case(name: str, size: tuple[int, ...], seed: int, scheme: LabelScheme) -> StoredCase:
    """Return noise with a bright core in a less bright shell, each a box."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(size, dtype=np.int64)
    inner = [slice(edge // 3, edge // 3 + max(2, edge // 3)) for edge in size]
    outer = [slice(max(0, one.start - 2), one.stop + 2) for one in inner]
    labels[tuple(outer)] = 2
    labels[tuple(inner)] = 1
    labels = np.roll(labels, rng.integers(-2, 3, len(size)), range(len(size)))
    image = rng.normal(0, 0.2, size) + np.array([0.0, 2.0, 1.0])[labels]
    if scheme.ignore is not None:
        labels[tuple(slice(0, 2) for _ in size)] = scheme.ignore
    codes = to_codes(labels, scheme)
    places = {code: np.argwhere(codes == code) for code in np.unique(codes).tolist()}
    ends = np.cumsum([len(one) for one in places.values()]).tolist()
    geometry = Geometry.pixels(len(size))
    return StoredCase(
        name=name,
        geometry=geometry,
        source_size=size,
        source_geometry=geometry,
        image=image[None].astype(np.float32),
        codes=codes,
        counts={code: len(one) for code, one in places.items()},
        outside=0,
        spots=np.concatenate(list(places.values())).astype(np.int32),
        spans={
            code: (end - len(one), end)
            for (code, one), end in zip(places.items(), ends, strict=True)
        },
    )


def toy_store(rank: int = 2, scheme: LabelScheme = TWO, cases: int = CASES) -> WindowStore:
    """Return cases of several sizes, some smaller than the window along an axis."""
    sizes = [(24, 20), (12, 28), (16, 16), (21, 33)]
    made = {}
    for index in range(cases):
        size = sizes[index % len(sizes)]
        whole = size if rank == 2 else (6 + index, *size)
        made[f"case {index}"] = toy_case(f"case {index}", whole, index, scheme)
    return WindowStore(tuple(made), (), scheme, made)


def window_recipe(rank: int = 2, scheme: LabelScheme = TWO, **changes: object) -> Recipe:
    """Return a recipe of eight steps, with settings changed by name ("training__batch")."""
    task = TaskChoice(
        kind="segmentation", labels=scheme.names, values=scheme.values, ignore=scheme.ignore
    )
    strides = ((1,) * rank, (2,) * rank)
    recipe = Recipe(
        task=task,
        preprocessing=(),
        network=NetworkChoice(
            name="unet",
            rank=rank,
            size=WINDOW[rank],
            outputs=task.outputs,
            features=(8, 16),
            strides=strides,
            kernels=((3,) * rank,) * 2,
        ),
        schedule=ScheduleChoice(steps=(8,), warmup=0.0, name="poly"),
        training=TrainingChoice(batch=3, validations=4, average=0.9),
    )
    named = {name.replace("__", "."): value for name, value in changes.items()}
    moves = {"flips": (0, 1), "rotate_chance": 0.5, "scale_chance": 0.5, "noise_chance": 0.5}
    return recipe.changed(
        {
            "loss.name": f"dice_{'' if scheme.is_exclusive else 'binary_'}cross_entropy",
            "optimiser.name": "nesterov",
            "optimiser.rate": 0.05,
            "optimiser.clip": 12.0,
            "augmentation": moves,
            **named,
        }
    )


def window_folds(count: int = 1) -> list[Fold]:
    """Return folds whose validation parts are pairs of cases."""
    rows = np.arange(CASES)
    parts = [rows[2 * index : 2 * index + 2] for index in range(count)]
    return [Fold(np.setdiff1d(rows, part), part) for part in parts]


def window_fit(folder: Path, recipe: Recipe | None = None, **facts: object) -> Fit:
    """Return a fit of the toy cases."""
    recipe = recipe or window_recipe()
    rank = len(recipe.network.size)

    def forget(trained: Trained) -> None:
        """Keep nothing."""

    given = {
        "recipe": recipe,
        "material": StoredWindows(toy_store(rank, recipe.task.scheme)),
        "folds": window_folds(),
        "folder": folder,
        "compute": CPU,
        "memory_bytes": 1 << 30,
        "keep_best": forget,
        **facts,
    }
    return Fit(**given)  # type: ignore[arg-type]  # facts by name
