"""From a data set to all that training needs: index, split, fingerprint, recipe, store."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.auditing import Audit
from scanwright.base import SILENT, Machine, Options, Progress, RecipeError, option, read_machine
from scanwright.data import (
    Entry,
    Index,
    IndexOptions,
    SplitOptions,
    SplitPlan,
    Store,
    build_store,
    index_data,
    read_case,
)
from scanwright.data import (
    Fold as SplitFold,
)
from scanwright.image import BoxesTarget
from scanwright.inference import Compute, choose_compute
from scanwright.nets import count_operations
from scanwright.recipe import (
    TASKS,
    Development,
    Fingerprint,
    Recipe,
    Resources,
    Truth,
    check_setting_name,
    choose_split,
    read_recipe,
    sketch_network,
    take_fingerprint,
    write_recipe,
)
from scanwright.training import Fold, time_training
from scanwright.workflows.precheck import precheck, split_apart
from scanwright.workflows.unlabelled import unlabelled_entries

MOST_WORKERS = 8
KNOBS = ("width", "depth", "stem_stride", "norm", "dropout", "drop_path", "zero_last")
TIMED_TOGETHER = {"case": 16, "element": 2, "box": 4}
"""Images or windows in a timed step, by what a network gives."""
TIMED_WHOLE = {"case": 0.0, "element": 2e10, "box": 2e10}
"""Multiply-adds of such a step up to which it is timed as it is."""
NO_AUDIT = Audit((), (), 0)
"""Of a run that asked for none."""
ASKED = "asked for on the command line"


class RunOptions(Options):
    """What a user asks of a run."""

    index: IndexOptions = option(IndexOptions(), help="How the data set is recognised.")
    recipe: Path | None = option(None, help="A recipe to follow in place of the rules.")
    settings: dict[str, Any] = option({}, help="Settings to change, by dotted name.")
    seed: int = option(0, low=0, help="Seed of split, weights and augmentation.")
    device: str = option("auto", help="Where to compute: auto, cpu, cuda or mps.")
    budget_seconds: float = option(
        1200.0, low=1, unit="s", help="Time for everything, from start to report."
    )
    audit: bool = option(True, help="Whether the data are audited first.")
    unlabelled: Path | None = option(None, help="Another folder of images without labels.")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A data set read and a recipe decided, before anything is trained."""

    index: Index
    plan: SplitPlan
    fingerprint: Fingerprint
    recipe: Recipe
    machine: Machine
    compute: Compute
    data_key: str
    audit: Audit = NO_AUDIT
    unlabelled: tuple[Entry, ...] = ()

    @property
    def test(self) -> tuple[Entry, ...]:
        """Entries of the test part."""
        return self.plan.test

    def everything(self) -> list[Entry]:
        """Return all entries of all parts, once each, in the order of names."""
        found: dict[str, Entry] = {}
        for fold in self.plan.folds:
            for entry in (*fold.train, *fold.validation, *fold.test):
                found[entry.name] = entry
        return [found[name] for name in sorted(found)]


def prepare(
    data: str, options: RunOptions, started: float, progress: Progress = SILENT
) -> Prepared:
    """Index, split and fingerprint a data set, and decide the recipe.

    Parameters
    ----------
    started
        Reading of `time.monotonic` when the run began; the budget counts from there.
    """
    for name in options.settings:
        check_setting_name(name)
    machine = read_machine()
    index = index_data(data, options.index, progress)
    given = read_recipe(options.recipe) if options.recipe else None
    compute = choose_compute(options.device)
    workers = side_by_side(compute, machine)
    split, split_reason = _choose_split(index, given, options, workers)
    audit = NO_AUDIT
    if options.audit:
        audit = precheck(index, options.budget_seconds, progress)
    plan = split_apart(index, split, audit, progress)
    fingerprint = take_fingerprint(_development(index, plan), progress)
    if given is None:
        if workers > 1:
            compute = choose_compute(options.device, threads=1)
        left = options.budget_seconds - (time.monotonic() - started)
        cost = training_cost(compute, workers, progress)
        resources = Resources(max(left, 1.0), cost, workers, machine.memory_bytes)
        recipe = write_recipe(fingerprint, split, resources, seed=options.seed)
        recipe = _with_workers(recipe, workers)
        reasons = {"split.folds": split_reason, **recipe.reasons}
        recipe = recipe.model_copy(update={"reasons": reasons})
    else:
        recipe = given
    asked = _settings(recipe, options)
    recipe = recipe.model_copy(update={"split": split}).changed(asked, ASKED)
    recipe.check()
    _check_labels(recipe, index)
    compute = choose_compute(options.device, recipe.training.precision, recipe.training.threads)
    key = _data_key(index, plan)
    waiting = unlabelled_entries(index, options.unlabelled, options.index.modality, progress)
    return Prepared(index, plan, fingerprint, recipe, machine, compute, key, audit, tuple(waiting))


def open_store(
    prepared: Prepared,
    folder: Path,
    progress: Progress = SILENT,
    entries: Sequence[Entry] | None = None,
) -> Store:
    """Preprocess every case once, or reuse what is there.

    Parameters
    ----------
    entries
        Other cases than those of the data set's parts.
    """
    known = entries is None
    entries = prepared.everything() if entries is None else entries
    steps = json.dumps(prepared.recipe.pipeline().to_plain(), sort_keys=True)
    about = prepared.data_key if known else files_key(entries)
    key = hashlib.sha256(f"{about} {steps}".encode()).hexdigest()
    return build_store(
        [(entry.name, entry) for entry in entries],
        read_case,
        prepared.recipe.pipeline(),
        folder,
        key=key,
        progress=progress,
    )


def folds_of(folds: Sequence[SplitFold], place: Mapping[str, int]) -> list[Fold]:
    """Return the rows that each fold learns from and is validated on.

    Parameters
    ----------
    place
        Case name → row of those that could be prepared.
    """
    return [
        Fold(train=rows_of(fold.train, place), validation=rows_of(fold.validation, place))
        for fold in folds
    ]


def rows_of(
    entries: Sequence[Entry], place: Mapping[str, int]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the rows of entries, leaving out those that could not be prepared."""
    return np.array([place[entry.name] for entry in entries if entry.name in place], np.int64)


def truth_of(prepared: Prepared, store: Store) -> Truth:
    """Return the encoded truth of every row of the store."""
    by_name = {entry.name: entry for entry in prepared.everything()}
    targets = [by_name[name].target for name in store.rows]
    recipe = prepared.recipe
    return TASKS[recipe.task.kind].encode_all(targets, recipe.task.labels)


def training_cost(
    compute: Compute, workers: int, progress: Progress = SILENT
) -> Callable[[Recipe], float]:
    """Return a function that expects the seconds per image, or window, of a recipe.

    What takes little time is timed as it is. Of a larger one a small image is timed, and the rest
    follows from the number of multiply-adds. The recipe that is chosen is timed again before its
    steps are counted.
    """
    known: dict[tuple[str, tuple[int, ...], int], float] = {}

    def timed(recipe: Recipe, size: tuple[int, ...], batch: int) -> float:
        network = recipe.network
        about = (network.name, size, (network.stem_stride or 0))
        if about not in known:
            progress.begin("timing this machine", 1)
            small = recipe.changed({"network.size": size, "training.batch": batch})
            known[about] = time_training(small, compute, workers)
            progress.end()
        return known[about]

    def cost(recipe: Recipe) -> float:
        answer = TASKS[recipe.task.kind].answer
        batch, size = TIMED_TOGETHER[answer], recipe.network.size
        operations = _operations(recipe, size)
        if batch * operations <= TIMED_WHOLE[answer]:
            return timed(recipe, size, batch)
        small = _timing_size(recipe)
        return timed(recipe, small, batch) * operations / _operations(recipe, small)

    return cost


def _operations(recipe: Recipe, size: tuple[int, ...]) -> float:
    network = sketch_network(recipe.changed({"network.size": size}))
    return float(count_operations(network, recipe.network.channels, size))


def side_by_side(compute: Compute, machine: Machine) -> int:
    """Return how many networks to train at once: one per core on a processor, else one."""
    return min(machine.cores, MOST_WORKERS) if compute.is_cpu else 1


def _timing_size(recipe: Recipe) -> tuple[int, ...]:
    largest = 96 if recipe.network.rank == 2 else 40
    scale = min(1.0, largest / max(recipe.network.size))
    return tuple(max(16, round(edge * scale / 8) * 8) for edge in recipe.network.size)


def _with_workers(recipe: Recipe, workers: int) -> Recipe:
    workers = min(workers, recipe.training.members)
    if workers == 1:
        return recipe
    reason = f"{workers} cores train {workers} networks at once faster than they share one"
    return recipe.changed({"training.workers": workers, "training.threads": 1}, reason)


def _choose_split(
    index: Index, given: Recipe | None, options: RunOptions, workers: int
) -> tuple[Any, str]:
    asked = {
        name.removeprefix("split."): value
        for name, value in options.settings.items()
        if name.startswith("split.")
    }
    if given is not None:
        split, reason = given.split, given.reasons.get("split.folds", "")
    else:
        split, reason = _split_by_rule(index, options, workers)
    if "folds" in asked:
        reason = ASKED
    return type(split).parse({**split.model_dump(), **asked}, "split"), reason


def _split_by_rule(index: Index, options: RunOptions, workers: int) -> tuple[SplitOptions, str]:
    counts = {"train": 0, "validation": 0, "test": 0, "": 0}
    for entry in index.entries:
        if entry.target is not None:
            counts[entry.split] += 1
    learnable = counts["train"] + counts[""]
    if not counts["test"]:
        learnable = round(learnable * 0.8)
    return choose_split(learnable, counts["validation"], workers=workers, seed=options.seed)


def _settings(recipe: Recipe, options: RunOptions) -> dict[str, Any]:
    """Return the settings asked for; a size for the network is also that of the last resize."""
    settings = {
        name: value for name, value in options.settings.items() if not name.startswith("split.")
    }
    name = settings.get("network.name", recipe.network.name)
    if name != recipe.network.name:
        # What suits one network is no setting of another.
        fields = type(recipe.network).model_fields
        own = {f"network.{knob}": fields[knob].default for knob in KNOBS}
        settings = {**own, **settings}
    size = settings.get("network.size")
    steps = [dict(step) for step in recipe.preprocessing]
    if size is not None and "preprocessing" not in settings and steps[-1]["kind"] == "resize":
        steps[-1]["size"] = list(size)
        settings["preprocessing"] = tuple(steps)
    return settings


def _development(index: Index, plan: SplitPlan) -> Development:
    fold: SplitFold = plan.folds[0]
    train, validation = fold.train, fold.validation
    counts: dict[str, int] = {}
    for entry in (*train, *validation):
        for label in _labels_of(entry):
            counts[label] = counts.get(label, 0) + 1
    task = index.task
    finds = TASKS[task.kind].answer == "box"
    return Development(train, validation, task.kind, task.labels, counts, task.scheme, finds)


def _labels_of(entry: Entry) -> tuple[str, ...]:
    target = entry.target
    label = getattr(target, "label", None)
    if label is not None:
        return (str(label),)
    grade = getattr(target, "grade", None)
    if grade is not None:
        return (f"grade {grade}",)
    if isinstance(target, BoxesTarget):
        return tuple(sorted({box.label for box in target.boxes}))
    return tuple(sorted(getattr(target, "labels", ())))


def _check_labels(recipe: Recipe, index: Index) -> None:
    if recipe.task.kind != index.task.kind or set(recipe.task.labels) != set(index.task.labels):
        raise RecipeError(
            "The recipe was written for other labels than the data set has.",
            got=f"{index.task.kind}: {', '.join(index.task.labels)}",
            legal=f"{recipe.task.kind}: {', '.join(recipe.task.labels)}",
            next="train without --recipe, or correct [task] in it",
        )


def _data_key(index: Index, plan: SplitPlan) -> str:
    """Hash which files serve for what, with their sizes and times of change."""
    plain = json.dumps(plan.to_plain(), sort_keys=True)
    boxes = [entry.target.boxes for entry in index.entries if isinstance(entry.target, BoxesTarget)]
    written = f"{boxes}" if boxes else ""  # they stand in a table, beside the images' files
    return hashlib.sha256(f"{plain}{files_key(index.entries)}{written}".encode()).hexdigest()


def files_key(entries: Sequence[Entry]) -> str:
    """Hash the names, sizes and times of change of files."""
    digest = hashlib.sha256()
    seen: set[Path] = set()
    for entry in entries:
        for path in entry.files:
            if path not in seen:
                seen.add(path)
                about = path.stat()
                digest.update(f"{path.name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
