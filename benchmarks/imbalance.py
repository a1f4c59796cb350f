"""What helps on a 1 : 20 problem: default rules and single methods against plain cross-entropy.

Simulated patients (`scanwright.phantom`): 20 positive and 400 negative cases to learn from, other
ones for each seed; 10 + 200 more to choose a threshold; 500 + 500 for testing, never seen by any
choice. All methods share network, augmentation, number of steps, cases and seeds; only what is
named differs. Intervals are paired: a bootstrap over seeds and over test cases, 2,000 replicates.

The rules were chosen on an MRI cohort of another seed (101); no ultrasound took part in it.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.data import SplitOptions
from scanwright.image import Modality
from scanwright.inference import choose_compute
from scanwright.metrics import (
    bind_roc_auc,
    bind_sensitivity_at,
    roc_auc,
    sensitivity_at,
)
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.recipe import TASKS, Fingerprint, Recipe, Resources, write_recipe
from scanwright.training import Fit, Fold, ImageRows, outputs_on

ROOT = Path(__file__).parents[1]
POSITIVE, NEGATIVE = 20, 400
CHECKED_POSITIVE, CHECKED_NEGATIVE = 10, 200
TESTED = 500
EDGE = 32
REPLICATES = 2000
NEUTRAL = {"training.resample": 0.0, "training.draw": "shuffled", "decision.shift": False}

METHODS: dict[str, dict[str, Any]] = {  # Any: plain values of settings
    "plain cross-entropy": NEUTRAL,
    "default rules": {},
    "stratified batches": {**NEUTRAL, "training.draw": "stratified"},
    "over-sampling to the power 1/2": {"training.resample": 0.5},
    "over-sampling, drawn by chance": {**NEUTRAL, "training.resample": 1.0},
    "under-sampling to 1 : 1": {**NEUTRAL, "training.undersample": 1.0},
    "class weights 1/n": {**NEUTRAL, "training.balance": 1.0},
    "effective-number weights, β .999": {**NEUTRAL, "training.effective": 0.999},
    "focal loss": {**NEUTRAL, "loss.name": "focal", "loss.smoothing": 0.0},
    "LDAM, margin 2": {**NEUTRAL, "loss.name": "ldam", "loss.margin": 2.0},
    "LDAM, weights deferred to half": {
        **NEUTRAL,
        "loss.name": "ldam",
        "loss.margin": 2.0,
        "training.balance": 1.0,
        "training.deferred": 0.5,
    },
    "logit adjustment": {**NEUTRAL, "loss.name": "logit_adjusted"},
    "default rules + mixup": {"augmentation.mixup_chance": 0.5},
    "default rules + cutmix": {"augmentation.cutmix_chance": 0.5},
    "default rules, deferred to half": {"training.deferred": 0.5},
}


def cohort(modality: str, classes: tuple[str, ...], seed: int, cases: int) -> dict[str, Any]:
    """Simulate a cohort, one in five positive; images on one scale and on a grid of `EDGE`."""
    options = CohortOptions(
        modality=Modality(modality), cases=cases, size=2 * EDGE, classes=classes,
        prevalence=0.2, seed=seed,
    )  # fmt: skip
    pictures, truth = [], []
    for index in range(cases):
        case = simulate_case(options, index).case
        pictures.append(np.asarray(case.image.array, dtype=np.float32))
        truth.append(options.labels.index(case.target.label))  # type: ignore[union-attr]  # a class
    stack = np.stack([scaled(one, modality) for one in pictures])
    return {"images": stack, "truth": np.array(truth), "labels": options.labels}


def scaled(picture: np.ndarray, modality: str) -> np.ndarray:
    """Bring a picture to 0..1 as the rules would, and halve its grid."""
    if modality == "ultrasound":
        unit = picture / 255
    else:
        inside = picture[picture > 0] if modality == "mri" else picture
        low, high = np.percentile(inside, (0.5, 99.5))
        unit = np.clip((picture - low) / (high - low), 0, 1)
    return unit.reshape(1, EDGE, 2, EDGE, 2).mean(axis=(2, 4)).astype(np.float32)


def parts(truth: np.ndarray, seed: int) -> tuple[Fold, np.ndarray]:
    """Return the cases to learn from and to check on for a seed, and the test cases of all."""
    up, down = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)
    test = np.concatenate([down[:TESTED], up[:TESTED]])
    more_up, more_down = POSITIVE + CHECKED_POSITIVE, NEGATIVE + CHECKED_NEGATIVE
    up, down = up[TESTED + seed * more_up :], down[TESTED + seed * more_down :]
    train = np.concatenate([down[:NEGATIVE], up[:POSITIVE]])
    check = np.concatenate([down[NEGATIVE:more_down], up[POSITIVE:more_up]])
    assert len(check) == CHECKED_POSITIVE + CHECKED_NEGATIVE, "the cohort is too small"
    return Fold(train, check), test


def recipe_for(labels: tuple[str, ...], modality: str, steps: int, seed: int) -> Recipe:
    """Let the rules write the recipe; fix only what keeps the run small."""
    counts = {labels[0]: NEGATIVE + CHECKED_NEGATIVE, labels[1]: POSITIVE + CHECKED_POSITIVE}
    edges = (2 * EDGE, 2 * EDGE)
    fingerprint = Fingerprint(
        kind="classes", labels=labels, counts=counts, train=sum(counts.values()), rank=2,
        median_size=edges, smallest=edges, largest=edges, channels=(1,), modality=modality,
    )  # fmt: skip
    made = write_recipe(
        fingerprint, SplitOptions(), Resources(np.inf, lambda _: 1e-9, 1), seed=seed
    )
    return made.changed(
        {
            "network.size": (EDGE, EDGE),
            "network.width": 0.25,
            "training.members": 1,
            "training.validations": 1,
            "schedule.steps": (steps,),
        }
    )


def run_one(data: dict[str, Any], recipe: Recipe, seed: int) -> dict[str, Any]:
    """Train one network; return its test scores, and how it decides."""
    fold, test = parts(data["truth"], seed)
    answers = train_one(data, recipe, fold)
    checked, outputs = answers(fold.validation), answers(test)
    task, truth = TASKS["classes"], data["truth"]
    balanced = {}
    for rule in ("youden", "prior", "half"):
        choice = recipe.decision.model_copy(update={"rule": rule})
        decision = task.fit_decision(checked, truth[fold.validation], choice, task.decode)
        shift = np.array(decision.shift) if decision.shift else 0.0
        scores = task.decode(outputs / decision.temperature + shift)
        called = task.decide(scores, np.array(decision.thresholds))[:, 1] == 1
        positive = truth[test] == 1
        balanced[rule] = float((called[positive].mean() + (~called[~positive]).mean()) / 2)
    return {"scores": outputs[:, 1] - outputs[:, 0], "balanced": balanced}


def paired(
    truth: np.ndarray, first: np.ndarray, second: np.ndarray, bind: Any, rng: np.random.Generator
) -> dict[str, float]:
    """Return mean(first) - mean(second) of a metric over seeds, with its interval.

    Scores have the shape (seeds, cases). Seeds and cases are drawn with replacement.
    """
    seeds, cases = first.shape
    rows = np.arange(seeds)
    picks = rng.integers(seeds, size=(REPLICATES, seeds))
    weights = rng.multinomial(cases, np.full(cases, 1 / cases), REPLICATES).astype(float)
    gaps = np.stack(
        [bind(truth, first[s])(weights) - bind(truth, second[s])(weights) for s in rows], axis=1
    )
    value = np.mean([bind(truth, first[s]).value() - bind(truth, second[s]).value() for s in rows])
    means = np.take_along_axis(gaps, picks, axis=1).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"value": float(value), "low": float(low), "high": float(high)}


def main() -> None:
    """Run the methods asked for, and add them to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modality", default="mri")
    parser.add_argument("--classes", default="normal,tumour")
    parser.add_argument("--cohort-seed", type=int, default=202)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--methods", default="plain cross-entropy;default rules")
    parser.add_argument("--cases", type=int, default=4600)
    parser.add_argument("--cache", type=Path, help="folder for simulated cohorts")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--breastmnist", type=Path, help="official file: try balancing where mild")
    asked = parser.parse_args()
    if asked.breastmnist:
        write(asked.out / "imbalance.json", "breastmnist", mild(asked.breastmnist, asked.steps))
        return
    names = list(METHODS) if asked.methods == "all" else asked.methods.split(";")
    names = list(dict.fromkeys(["plain cross-entropy", *names]))
    data = cohort_cached(asked)
    _, test = parts(data["truth"], 0)
    positive = data["truth"][test] == 1
    file = asked.out / "imbalance.json"
    key = f"{asked.modality}, {asked.steps} steps, {asked.seeds} seeds"
    block: dict[str, Any] = {}
    found: dict[str, np.ndarray] = {}
    for name in names:
        started = time.process_time()
        runs = []
        for seed in range(asked.seeds):
            recipe = recipe_for(data["labels"], asked.modality, asked.steps, seed)
            made = recipe.changed(METHODS[name])
            place = (f"{key}-{asked.cohort_seed}", name, seed)
            runs.append(kept(asked.cache, place, data, made))
        found[name] = np.stack([run["scores"] for run in runs])
        block[name] = summary(positive, found[name], runs, found["plain cross-entropy"])
        block[name]["cpu_seconds"] = round(time.process_time() - started, 1)
        print(key, name, json.dumps(block[name]), flush=True)
        write(file, key, {name: block[name]})


def kept(
    cache: Path | None, run: tuple[str, str, int], data: dict[str, Any], recipe: Recipe
) -> dict[str, Any]:
    """Train, or take what the same recipe gave before from the cache."""
    key, name, seed = run
    if cache is None:
        return run_one(data, recipe, seed)
    file = cache / f"{recipe.digest()[:16]}-{seed}-{key}-{name}.json".replace("/", " over ")
    if not file.exists():
        made = run_one(data, recipe, seed)
        file.write_text(json.dumps({**made, "scores": made["scores"].tolist()}))
    held = json.loads(file.read_text())
    return {**held, "scores": np.array(held["scores"])}


FORCED = {"training.resample": 1.0, "training.draw": "stratified", "decision.shift": True}
"""What the rules do about rare classes, where they would not do it by themselves."""


def mild(file: Path, steps: int, folds: int = 3) -> dict[str, Any]:
    """Try balancing on 27 % against 73 %: out-of-fold scores of train and validation together.

    The rules leave so mild a case alone; this tells what they would do to it. The test part is
    not read.
    """
    with np.load(file) as held:
        images = np.concatenate([held["train_images"], held["val_images"]])
        truth = np.concatenate([held["train_labels"], held["val_labels"]])[:, 0].astype(np.int64)
    truth = 1 - truth  # malignant, the rarer, is the positive class
    padded = np.pad(images / np.float32(255), ((0, 0), (2, 2), (2, 2)))[:, None]
    data = {"images": padded.astype(np.float32), "truth": truth}
    order = np.random.default_rng(0).permutation(len(truth))
    part = np.empty(len(truth), dtype=int)
    for label in (0, 1):
        rows = order[truth[order] == label]
        part[rows] = np.arange(len(rows)) % folds
    scores = {name: np.zeros(len(truth)) for name in ("plain", "balanced")}
    for fold in range(folds):
        recipe = recipe_for(("benign", "malignant"), "ultrasound", steps, fold)
        rows, left = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        for name, changes in (("plain", NEUTRAL), ("balanced", FORCED)):
            made = train_one(data, recipe.changed(changes), Fold(rows, left))
            outputs = made(left)
            scores[name][left] = outputs[:, 1] - outputs[:, 0]
    at = partial(bind_sensitivity_at, specificity=0.9)
    rng = np.random.default_rng(7)
    pair = scores["balanced"][None], scores["plain"][None]
    return {
        "sensitivity_at_90": {
            n: round(sensitivity_at(truth, s, 0.9), 4) for n, s in scores.items()
        },
        "auc": {name: round(roc_auc(truth, one), 4) for name, one in scores.items()},
        "gain": paired(truth == 1, *pair, at, rng),
        "gain_auc": paired(truth == 1, *pair, bind_roc_auc, rng),
    }


def train_one(
    data: dict[str, Any], recipe: Recipe, fold: Fold
) -> Callable[[np.ndarray], np.ndarray]:
    """Train one network; return what gives its outputs for rows, shape (N, 2)."""
    with tempfile.TemporaryDirectory() as folder:
        fit = Fit(
            recipe=recipe, material=ImageRows(data["images"], data["truth"]), folds=[fold],
            folder=Path(folder), compute=choose_compute("cpu", threads=1),
            memory_bytes=10**10, keep_best=lambda _: None,
        )  # fmt: skip
        member = fit.train(0)

    return lambda rows: outputs_on(fit, member, rows)


def write(file: Path, key: str, block: dict[str, Any]) -> None:
    """Put a block into the results, beside what is there."""
    latest = json.loads(file.read_text()) if file.exists() else {}
    latest[key] = {**latest.get(key, {}), **block}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(latest, indent=2, ensure_ascii=False) + "\n")


def cohort_cached(asked: argparse.Namespace) -> dict[str, Any]:
    """Simulate the cohort, or take it from the cache."""
    classes = tuple(asked.classes.split(","))
    if asked.cache is None:
        return cohort(asked.modality, classes, asked.cohort_seed, asked.cases)
    file = asked.cache / f"{asked.modality}-{asked.cohort_seed}-{asked.cases}.npz"
    if not file.exists():
        made = cohort(asked.modality, classes, asked.cohort_seed, asked.cases)
        asked.cache.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, images=made["images"], truth=made["truth"])
    held = np.load(file)
    return {"images": held["images"], "truth": held["truth"], "labels": classes}


def summary(
    positive: np.ndarray, scores: np.ndarray, runs: list[dict[str, Any]], plain: np.ndarray
) -> dict[str, Any]:
    """Return the mean over seeds of each metric, and the gain over plain with its interval."""
    at = partial(bind_sensitivity_at, specificity=0.9)
    rng = np.random.default_rng(7)
    each = [sensitivity_at(positive, one, 0.9) for one in scores]
    return {
        "sensitivity_at_90": round(float(np.mean(each)), 4),
        "each_seed": [round(value, 3) for value in each],
        "auc": round(float(np.mean([roc_auc(positive, one) for one in scores])), 4),
        "balanced_accuracy": {
            rule: round(float(np.mean([run["balanced"][rule] for run in runs])), 4)
            for rule in runs[0]["balanced"]
        },
        "gain": paired(positive, scores, plain, at, rng),
        "gain_auc": paired(positive, scores, plain, bind_roc_auc, rng),
    }


if __name__ == "__main__":
    main()
