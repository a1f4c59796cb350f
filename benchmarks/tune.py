"""What a search gains on a test part that it never saw, and whether its own verdict was right.

Simulated breast ultrasound with a large test part of its own. For each seed: a search; then the
default recipe and the best one found are trained alike, whatever the search decided, and measured
on the test part. The verdict is right when it keeps the default where the best is no better, and
takes the best where it is.

Equality gate: both recipes are trained with the same number of steps, members and seed.
"""

import argparse
import csv
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from scanwright.data import IndexOptions
from scanwright.image import Modality
from scanwright.phantom import CohortOptions
from scanwright.recipe import read_recipe
from scanwright.workflows.cohort_files import write_cohort
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import train
from scanwright.workflows.tune import TuneOptions, tune

RESULTS = Path(__file__).parent / "results" / "tune.json"


def write_data(folder: Path, cases: int, development: int) -> None:
    """Simulate a cohort whose first patients are for development and the others for test."""
    write_cohort(CohortOptions(modality=Modality.ULTRASOUND, cases=cases, size=64), folder)
    table = folder / "labels.csv"
    with table.open() as stream:
        rows = list(csv.DictReader(stream))
    patients = list(dict.fromkeys(row["patient"] for row in rows))
    share = development / cases
    kept = set(patients[: round(share * len(patients))])
    for row in rows:
        row["split"] = "train" if row["patient"] in kept else "test"
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def measure(data: Path, folder: Path, seed: int, asked: argparse.Namespace) -> dict[str, Any]:
    """Search with one seed, then train both recipes alike."""
    held = {
        "training.members": 1,
        "training.workers": 1,
        "training.threads": 1,
        "schedule.steps": (asked.steps,),
        "network.size": (32, 32),
        "inference.flips": (),
    }
    index = IndexOptions(labels=data / "labels.csv")
    run = RunOptions(index=index, settings=held, device="cpu", seed=seed, budget_seconds=36_000)
    started = time.process_time()
    options = TuneOptions(run=run, trials=asked.trials, share=1.0)
    found = tune(str(data), folder / f"search {seed}", options).summary
    seconds = time.process_time() - started
    place = folder / f"search {seed}" / "tune"
    recipes = {"default": place / "default.toml", "best": place / "best.toml"}
    scores, steps = {}, set()
    for name, file in recipes.items():
        recipe = read_recipe(file)
        steps.add((recipe.schedule.steps, recipe.training.members, recipe.training.seed))
        chosen = RunOptions(index=index, recipe=file, device="cpu", budget_seconds=36_000)
        result = train(str(data), folder / f"{name} {seed}", chosen)
        scores[name] = result.scores["test"]["auc"]
    assert len(steps) == 1, "the two recipes were not trained alike"
    return {
        "seed": seed,
        "search_cpu_seconds": round(seconds, 1),
        "sentence": found["sentence"],
        "keeps_default": found["keeps_default"],
        "gain_in_the_search": found["gain"],
        "test_auc": scores,
        "gain_on_test": scores["best"]["value"] - scores["default"]["value"],
    }


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--cases", type=int, default=360)
    parser.add_argument("--development", type=int, default=120)
    asked = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with tempfile.TemporaryDirectory(prefix="scanwright-bench-") as place:
        data = Path(place) / "data"
        write_data(data, asked.cases, asked.development)
        rows = []
        for seed in range(asked.seeds):
            rows.append(measure(data, Path(place), seed, asked))
            RESULTS.write_text(json.dumps({"asked": vars(asked), "runs": rows}, indent=2) + "\n")
            print(json.dumps(rows[-1], indent=2), flush=True)


if __name__ == "__main__":
    main()
