"""Train networks on a data set: the whole path, resumable, inside its budget."""

import hashlib
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scanwright import __version__
from scanwright.base import (
    SILENT,
    InputError,
    Plain,
    Progress,
    ScanwrightError,
    hold_folder,
    write_atomic,
    write_json,
)
from scanwright.bundle import Bundle, bundle_digest, write_bundle
from scanwright.inference import Decision
from scanwright.recipe import Recipe
from scanwright.report import Section
from scanwright.training import Fit, Pace, Trained
from scanwright.workflows.course import Conclusion, Course, fit_of
from scanwright.workflows.courses import open_course
from scanwright.workflows.prepare import Prepared, RunOptions, prepare

logger = logging.getLogger(__name__)

INTERIM_SHARE = 0.04
"""Writing the best bundle so far may take this share of the time."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What a run left.

    Parameters
    ----------
    folder
        Holds bundle/, report.html, scores.json, recipe.toml, log.jsonl.
    scores
        {split: {metric: {value, low, high}}}.
    digest
        Hash of the bundle.
    seconds
        Wall time of this call.
    notes
        What a reader should know, warnings first.
    was_finished
        Whether the run had been finished before, so that nothing was done.
    """

    folder: Path
    scores: dict[str, Any]
    digest: str
    seconds: float
    notes: tuple[str, ...]
    was_finished: bool = False


def train(
    data: str | Path,
    output: str | Path,
    options: RunOptions | None = None,
    progress: Progress = SILENT,
    *,
    sections: Sequence[Section] = (),
) -> TrainResult:
    """Train, evaluate, seal and report.

    Called again with the same output it goes on where it was stopped, with the same result.

    Parameters
    ----------
    sections
        What the report shall say besides.

    Raises
    ------
    InputError
        The data cannot be used, or the output holds another run.
    OccupiedError
        Another process is using the output.
    """
    started = time.monotonic()
    options = options or RunOptions()
    folder = Path(output)
    is_new = not folder.exists()
    try:
        with hold_folder(folder):
            run = _Run(str(data), folder, options, started, progress)
            run.sections = tuple(sections)
            return run.finished() or run.go()
    except ScanwrightError:
        if is_new:
            _remove_if_unused(folder)
        raise


def _remove_if_unused(folder: Path) -> None:
    """Leave nothing behind of a run that was refused before it made anything."""
    if [path.name for path in folder.iterdir()] == [".lock"]:
        (folder / ".lock").unlink()
        folder.rmdir()


class _Run:
    """One run in its folder."""

    def __init__(
        self, data: str, folder: Path, options: RunOptions, started: float, progress: Progress
    ) -> None:
        self.data = data
        self.folder = folder
        self.options = options
        self.started = started
        self.progress = progress
        self.state_file = folder / "state" / "run.json"
        self.state: dict[str, Any] = {}
        if self.state_file.exists():
            self.state = json.loads(self.state_file.read_text(encoding="utf-8"))
        self._check_request()
        self.sections: tuple[Section, ...] = ()
        self._best: dict[int, Trained] = {}
        self._interim_seconds = 0.0
        self._interim_at = time.monotonic()

    def finished(self) -> TrainResult | None:
        """Return the result when the run was finished before."""
        if not self.state.get("finished"):
            return None
        scores = json.loads((self.folder / "scores.json").read_text(encoding="utf-8"))
        return TrainResult(
            folder=self.folder,
            scores=scores,
            digest=bundle_digest(self.folder / "bundle"),
            seconds=time.monotonic() - self.started,
            notes=("this run was finished before; nothing was done",),
            was_finished=True,
        )

    def go(self) -> TrainResult:
        """Run from wherever it stands."""
        prepared = self._prepared()
        course = open_course(prepared, self.folder / "state" / "store", self.progress)
        fit = fit_of(course, prepared, self.folder / "state", progress=self.progress)
        fit.keep_best = lambda trained: self._keep_best(prepared, course, fit, trained)
        prepared = self._with_steps(prepared, course, fit)
        self._save_state(prepared)
        members = course.train(fit)
        notes = self._notes(fit, members)
        found = course.conclude(fit, members, notes, self._rival_seconds(prepared.recipe))
        sections = (*self.sections, *found.evaluation.report.sections)
        report = replace(found.evaluation.report, sections=sections)
        found = replace(found, evaluation=replace(found.evaluation, report=report))
        return self._finish(replace(prepared, recipe=found.recipe), members, found)

    def _prepared(self) -> Prepared:
        options = self.options
        recipe_file = self.folder / "recipe.toml"
        if self.state and recipe_file.exists():
            # The decisions of the first start hold; timing the machine again could change them.
            options = options.model_copy(update={"recipe": recipe_file, "settings": {}})
        prepared = prepare(self.data, options, self.started, self.progress)
        if self.state and self.state["data"] != prepared.data_key:
            raise InputError(
                "The data changed since this run began.",
                next="choose another output with -o to train on the data as they are now",
                where=self.folder,
            )
        return prepared

    def _with_steps(self, prepared: Prepared, course: Course, fit: Fit) -> Prepared:
        recipe = prepared.recipe
        if not recipe.schedule.steps:
            costs = fit.measure()
            recipe = course.plan(fit, costs, self._seconds_left(recipe))
            prepared = replace(prepared, recipe=recipe)
            fit.recipe = recipe
            left = self._seconds_left(recipe)
            seconds = left - course.after_seconds(fit, costs.validation)
            fit.pace = Pace(time.monotonic() + seconds, time.monotonic, course.most_steps(fit))
        return prepared

    def _seconds_left(self, recipe: Recipe) -> float:
        spent = time.monotonic() - self.started + float(self.state.get("spent", 0.0))
        return self.options.budget_seconds - self._rival_seconds(recipe) - spent

    def _rival_seconds(self, recipe: Recipe) -> float:
        return recipe.comparison.classical * self.options.budget_seconds

    def _save_state(self, prepared: Prepared) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self.folder / "recipe.toml", prepared.recipe.to_toml())
        write_json(self.folder / "state" / "split.json", prepared.plan.to_plain())
        self.state = {
            "request": self._request(),
            "data": prepared.data_key,
            "spent": float(self.state.get("spent", 0.0)) + time.monotonic() - self.started,
            "finished": False,
        }
        write_json(self.state_file, self.state)

    def _keep_best(self, prepared: Prepared, course: Course, fit: Fit, trained: Trained) -> None:
        """Write the bundle of what there is, unless that would take too much of the time."""
        self._best[trained.index] = trained
        now = time.monotonic()
        is_first = not (self.folder / "bundle").exists()
        if not is_first and self._interim_seconds > INTERIM_SHARE * (now - self._interim_at):
            return
        members = [self._best[index] for index in sorted(self._best)]
        decision = course.decision(fit, members)
        total = fit.recipe.training.members
        about = _about(prepared, {"unfinished": f"{len(members)} of {total} networks so far"})
        # What looks first saves time, and is left out until validation has seen it.
        recipe = fit.recipe.changed({"finder.share": 0.0})
        bundle = _bundle(replace(prepared, recipe=recipe), members, decision, {}, about)
        write_bundle(bundle, self.folder / "bundle", prepared.compute)
        self._write_log(members)
        self._interim_seconds = time.monotonic() - now
        self._interim_at = time.monotonic()

    def _finish(
        self, prepared: Prepared, members: Sequence[Trained], found: Conclusion
    ) -> TrainResult:
        evaluation = found.evaluation
        about = _about(prepared, {})
        bundle = _bundle(prepared, members, found.decision, evaluation.scores, about)
        bundle = replace(bundle, finders=tuple(finder.weights for finder in found.finders))
        write_bundle(bundle, self.folder / "bundle", prepared.compute)
        digest = bundle_digest(self.folder / "bundle")
        self._write_log(members)
        write_atomic(self.folder / "recipe.toml", prepared.recipe.to_toml())
        seconds = time.monotonic() - self.started
        for name, content in evaluation.files(digest, seconds).items():
            write_atomic(self.folder / name, content)
        self.state["finished"] = True
        write_json(self.state_file, self.state)
        return TrainResult(
            folder=self.folder,
            scores=evaluation.scores,
            digest=digest,
            seconds=time.monotonic() - self.started,
            notes=evaluation.notes,
        )

    def _notes(self, fit: Fit, members: Sequence[Trained]) -> tuple[str, ...]:
        notes = [f"network {m.index + 1} stopped: {m.stopped}" for m in members if m.stopped]
        planned = sum(fit.recipe.schedule.steps)
        taken = sum(member.steps for member in members)
        if taken < planned and not notes:
            notes.append(
                f"the machine was slower than when it was timed: {taken} steps in place of "
                f"{planned} kept the budget"
            )
        return tuple(notes)

    def _write_log(self, members: Sequence[Trained]) -> None:
        lines = [
            json.dumps({"member": member.index, **row})
            for member in members
            for row in member.history
        ]
        write_atomic(self.folder / "log.jsonl", "\n".join(lines) + "\n")

    def _request(self) -> str:
        plain = self.options.model_dump(mode="json")
        place = self.data if self.data.startswith("medmnist:") else str(Path(self.data).resolve())
        return hashlib.sha256(json.dumps([place, plain], sort_keys=True).encode()).hexdigest()

    def _check_request(self) -> None:
        if self.state and self.state["request"] != self._request():
            raise InputError(
                "The output folder holds a run with other data or other settings.",
                next="repeat its command to go on with it, or choose another folder with -o",
                where=self.folder,
            )


def _bundle(
    prepared: Prepared,
    members: Sequence[Trained],
    decision: Decision,
    scores: dict[str, Any],
    about: dict[str, Plain],
) -> Bundle:
    return Bundle(
        recipe=prepared.recipe,
        weights=tuple(member.weights for member in members),
        decision=decision,
        limits=prepared.fingerprint.limits(),
        scores=scores,
        about=about,
    )


def _about(prepared: Prepared, more: dict[str, Plain]) -> dict[str, Plain]:
    fingerprint = prepared.fingerprint
    fold = prepared.plan.folds[0]
    data: dict[str, Plain] = {
        "training cases": len(fold.train),
        "validation cases": len(fold.validation),
        "test cases": len(fold.test),
        "patients": fingerprint.patients or "not named",
        "split": prepared.plan.how,
    }
    return {
        "scanwright": __version__,
        "modality": fingerprint.modality,
        "data": data,
        "device": prepared.compute.device.type,
        "threads": prepared.compute.threads,
        **more,
    }
