"""Small spaces, plans, studies and grounds, for the tests of searches."""

import sqlite3
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlalchemy import event

from scanwright.recipe import Recipe
from scanwright.search import (
    Bench,
    Facts,
    Ground,
    Ladder,
    Place,
    Reach,
    Record,
    SearchPlan,
    SharedStudy,
    Space,
    space_for,
    sqlite_url,
)
from tests.training.builders import CPU, EDGE, toy_folds, toy_images, toy_recipe, toy_truth

FACTS = Facts(cases=200, imbalance=3.0, edge=3 * EDGE)


def recipe_of(kind: str = "classes", **changes: object) -> Recipe:
    """Return a small recipe with everything that can be varied."""
    given: dict[str, object] = {
        "optimiser__weight_decay": 0.05,
        "augmentation__rotate_chance": 0.5,
        "schedule__steps": (),
        "network__width": 0.5,
        **changes,
    }
    return toy_recipe(kind, **given)


@lru_cache(maxsize=8)
def space(kind: str = "classes", **changes: object) -> Space:
    """Return the space around it."""
    return space_for(recipe_of(kind, **changes), FACTS)


def plan(shares: tuple[float, ...] = (1 / 9, 1 / 3, 1.0), trials: int = 6) -> SearchPlan:
    """Return a plan of trials that take some steps only."""
    return SearchPlan(
        ladder=Ladder(shares),
        reach=Reach(operations=1e12, cases=24, steps=30),
        trials=trials,
        is_exact=True,
        seed=3,
        reason="because",
    )


def study(folder: Path, worker: str = "me", name: str = "tune") -> SharedStudy:
    """Return a study in a file, which for once need not survive a power cut."""
    made = SharedStudy(Place(sqlite_url(folder / "trials.db"), name, worker))

    @event.listens_for(made.storage.engine, "connect")
    def hurry(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return made


def record(place: int, *rungs: float, state: str = "complete", **facts: object) -> Record:
    """Return a trial."""
    given = {"values": {"optimiser.rate": 1e-3 * (place + 1)}, **facts}
    return Record(place, state, rungs=rungs, **given)  # type: ignore[arg-type]  # facts by name


def bench(folder: Path, kind: str = "classes", steps: int = 30) -> Bench:
    """Return a bench on the toy images, whatever a recipe's preprocessing says."""
    file = folder / "images.npy"
    np.save(file, toy_images())
    ground = Ground(toy_images(), file, toy_truth(kind), tuple(toy_folds(4)))
    return Bench(
        ground_for=lambda recipe: ground,
        reach=Reach(operations=1e12, cases=24, steps=steps),
        folder=folder / "work",
        compute=CPU,
        memory_bytes=1 << 30,
    )
