"""How many labels a strategy of `scanwright suggest` saves, on learning curves.

A pool without labels; a few labels to start with, drawn alike for all strategies of a seed; in
every round each strategy chooses the next images by its own models, which are then fitted anew
and measured on cases that are never chosen from. The models are five logistic regressions on
bootstrap samples, on classical features measured once: small enough to repeat everything over
many seeds. Sets: simulated cohorts, one in five positive, and the training and validation parts
of MedMNIST sets where they are (their test parts are never opened).

Labels saved: 1 - n / m, where n labels reach the mean AUC that m random labels reach; from mean
curves over seeds, interval by bootstrap over seeds (paired, 2,000 replicates). Negative: the
strategy needs more labels than random ones.

Equality gate: in every seed all strategies start from the same labels, are measured on the same
cases, and label equally many in each round.

The mixed strategy was chosen on cohorts of seed 101 (`--cohort 101`), not on those reported.
"""

import argparse
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from scanwright.classical import FeatureOptions, extract_features
from scanwright.data import index_data, read_case
from scanwright.image import ClassTarget, Floats, Image, Modality
from scanwright.metrics import roc_auc
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.selection import STRATEGIES, ChooseOptions, Pool, choose, common_scale

RESULTS = Path(__file__).parent / "results" / "suggest.json"
DATA = Path(os.environ.get("SCANWRIGHT_DATA") or Path(__file__).parents[2] / "shared" / "data")
START, BATCH, ROUNDS = 16, 16, 9
MEMBERS = 5
STRENGTH = 0.01
"""Inverse of the weight decay, as features outnumber labels."""
TESTED = 0.4
REPLICATES = 2000
FAMILIES = (
    "intensity",
    "cooccurrence",
    "run_length",
    "size_zone",
    "gradient",
    "pattern",
    "wavelet",
)


@dataclass(frozen=True)
class Cases:
    """Features (N, F) and whether each case is positive (N,)."""

    features: Floats
    truth: np.ndarray[Any, np.dtype[np.int64]]


def measured(images: list[Image], truth: list[int]) -> Cases:
    """Measure the features of all images."""
    options = FeatureOptions(families=FAMILIES)
    rows = [extract_features(image, None, options).values for image in images]
    return Cases(common_scale(np.stack(rows), np.zeros((0, rows[0].size)))[0], np.array(truth))


def phantom(modality: Modality, seed: int, cases: int) -> Cases:
    """Simulate a cohort, one in five positive."""
    options = CohortOptions(modality=modality, cases=cases, size=48, prevalence=0.2, seed=seed)
    made = [simulate_case(options, index).case for index in range(cases)]
    truth = [int(one.target == ClassTarget(options.labels[1])) for one in made]
    return measured([one.image for one in made], truth)


def medmnist(name: str, most: int) -> Cases | None:
    """Read training and validation cases of a MedMNIST set of two classes; None if not there."""
    path = DATA / "classification" / name
    archives = sorted(path.glob("*.npz")) if path.is_dir() else []
    if not archives:
        return None
    index = index_data(archives[0])
    entries = [entry for entry in index.entries if entry.split != "test"]
    chosen = np.random.default_rng(0).permutation(len(entries))[:most]
    last = index.task.labels[-1]
    truth = [int(entries[n].target == ClassTarget(last)) for n in chosen]
    return measured([read_case(entries[n]).image for n in chosen], truth)


def fitted(cases: Cases, rows: list[int], rng: np.random.Generator) -> list[LogisticRegression]:
    """Fit one model per bootstrap sample of the labelled rows, each with both classes."""
    models = []
    for _ in range(MEMBERS):
        drawn = rng.choice(rows, len(rows))
        while len(set(cases.truth[drawn])) < 2:
            drawn = rng.choice(rows, len(rows))
        model = LogisticRegression(C=STRENGTH * cases.features.shape[1], max_iter=300)
        models.append(model.fit(cases.features[drawn], cases.truth[drawn]))
    return models


def curve(cases: Cases, strategy: str, seed: int) -> tuple[list[float], list[int], list[int]]:
    """Label round after round; return the AUC of each, the start, and the measured rows."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(cases.truth))
    tested, pool = np.split(order, [int(TESTED * len(order))])
    while len(set(cases.truth[pool[:START]])) < 2:
        pool = rng.permutation(pool)
    labelled, waiting = list(pool[:START]), list(pool[START:])
    start, found = list(labelled), []
    for step in range(ROUNDS + 1):
        models = fitted(cases, labelled, np.random.default_rng([seed, step]))
        said = np.mean([one.predict_proba(cases.features[tested])[:, 1] for one in models], axis=0)
        found.append(float(roc_auc(cases.truth[tested], said)))
        scores = np.stack([one.predict_proba(cases.features[waiting]) for one in models])
        features, known = common_scale(cases.features[waiting], cases.features[labelled])
        names = tuple(f"{row:06d}" for row in waiting)
        options = ChooseOptions(strategy=strategy, count=BATCH, seed=1000 * seed + step)
        chosen = choose(Pool(names, scores, features, known), options)
        taken = {waiting[one.place] for one in chosen}
        assert len(taken) == BATCH
        labelled += sorted(taken)
        waiting = [row for row in waiting if row not in taken]
    return found, start, [int(row) for row in tested]


def saved(strategy: Floats, random: Floats, labels: Floats, goal: int) -> float:
    """Return the share of labels saved at the AUC of `goal` random labels; curves (rounds,)."""
    target = np.maximum.accumulate(random)[list(labels).index(goal)]
    reached = np.maximum.accumulate(strategy)
    if reached[-1] < target:
        return float(1 - labels[-1] / goal)  # at best: it never came there
    first = int(np.argmax(reached >= target))
    if first == 0:
        return float(1 - labels[0] / goal)
    low, high = reached[first - 1 : first + 1]
    step = (target - low) / (high - low)  # high > low, as `first` is the first to reach it
    return float(1 - (labels[first - 1] + step * (labels[first] - labels[first - 1])) / goal)


def summary(curves: Mapping[str, Floats], labels: Floats, goal: int) -> dict[str, Any]:
    """Return AUC by labels, labels saved and the gain in AUC, with intervals over seeds."""
    random = curves["random"]
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(random), (REPLICATES, len(random)))
    rows: dict[str, Any] = {}
    for name, own in curves.items():
        rows[name] = {"auc": [round(float(value), 4) for value in own.mean(axis=0)]}
        if name == "random":
            continue
        shares = [saved(own[d].mean(0), random[d].mean(0), labels, goal) for d in draws]
        gains = (own - random)[:, 1:].mean(axis=1)
        share = saved(own.mean(0), random.mean(0), labels, goal)
        rows[name]["labels_saved"] = interval(share, shares)
        rows[name]["auc_gain"] = interval(float(gains.mean()), [gains[d].mean() for d in draws])
    return rows


def interval(value: float, replicates: list[float]) -> dict[str, float]:
    """Return a value with its 95 % interval."""
    low, high = np.percentile(replicates, [2.5, 97.5])
    return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def measure(cases: Cases, seeds: int, names: list[str]) -> dict[str, Any]:
    """Draw the curves of all strategies on one set."""
    curves: dict[str, list[list[float]]] = {name: [] for name in names}
    for seed in range(seeds):
        gates = set()
        for name in names:
            found, start, tested = curve(cases, name, seed)
            curves[name].append(found)
            gates.add((tuple(start), tuple(tested)))
        assert len(gates) == 1, "strategies started apart"
    labels = START + BATCH * np.arange(ROUNDS + 1)
    goal = int(labels[ROUNDS * 2 // 3])
    return {
        "cases": len(cases.truth),
        "positive": int(cases.truth.sum()),
        "measured_on": int(TESTED * len(cases.truth)),
        "labels": [int(count) for count in labels],
        "goal": goal,
        "strategies": summary({n: np.array(c) for n, c in curves.items()}, labels, goal),
    }


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--cases", type=int, default=1400)
    parser.add_argument("--cohort", type=int, default=7, help="Seed of the simulated cohorts.")
    parser.add_argument("--only", nargs="*", default=None, help="Sets to measure.")
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    sets = {
        "phantom ultrasound": lambda: phantom(Modality.ULTRASOUND, asked.cohort, asked.cases),
        "phantom MRI": lambda: phantom(Modality.MRI, asked.cohort, asked.cases),
        "breastmnist": lambda: medmnist("breastmnist", asked.cases),
        "pneumoniamnist": lambda: medmnist("pneumoniamnist", asked.cases),
    }
    found: dict[str, Any] = {"seeds": asked.seeds, "cohort": asked.cohort, "sets": {}}
    for name, make in sets.items():
        cases = make() if asked.only is None or name in asked.only else None
        if cases is None:
            continue
        started = time.process_time()
        found["sets"][name] = measure(cases, asked.seeds, list(STRATEGIES))
        found["sets"][name]["cpu_seconds"] = round(time.process_time() - started, 1)
        print(name, found["sets"][name]["cpu_seconds"], "s", flush=True)
        for strategy, row in found["sets"][name]["strategies"].items():
            print(f"  {strategy:16s}", row["auc"][-1], row.get("labels_saved"), row.get("auc_gain"))
        asked.output.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
