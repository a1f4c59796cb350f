"""Small scans and a run on them whose networks learning curves can be trained after."""

from pathlib import Path

from tests.recipe.builders import recipe as plain_recipe
from tests.workflows.run_folder import QUICK, write_run

from scanwright.data import Entry
from scanwright.image import ClassTarget
from scanwright.recipe import Recipe
from scanwright.workflows.finished import FinishedRun, read_finished


def class_of(entry: Entry) -> str:
    """Return the class of a case."""
    assert isinstance(entry.target, ClassTarget)
    return entry.target.label


def quick_recipe(steps: tuple[int, ...]) -> Recipe:
    """Return a recipe with a network for each number of steps, each trained in an instant."""
    made = plain_recipe()
    last = {**made.preprocessing[-1], "size": [16, 16]}
    quick = {name: QUICK[name] for name in QUICK if not name.startswith(("split", "comparison"))}
    changes = {
        **quick,
        "task.labels": ("lying", "upright"),
        "preprocessing": (*made.preprocessing[:-1], last),
        "inference.flips": (),
        "training.members": len(steps),
        "schedule.steps": steps,
        "training.batch": 8,
    }
    return made.changed(changes)


def written_run(
    folder: Path, entries: dict[str, Entry], steps: tuple[int, ...] = (8, 8)
) -> FinishedRun:
    """Return a run of two folds, as if its networks had been trained and learnt nothing."""
    names = sorted(entries)
    halves = names[::2], names[1::2]
    folds = [
        {"train": halves[1 - at], "validation": halves[at], "test": list[str]()} for at in range(2)
    ]
    truth = {name: class_of(entries[name]) for name in names}
    scores = {name: 0.4 + 0.2 * (at % 3) / 3 for at, name in enumerate(names)}
    recipe = quick_recipe(steps)
    return read_finished(write_run(folder, folds=folds, truth=truth, scores=scores, recipe=recipe))
