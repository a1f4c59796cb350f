"""Search settings by trial on the development cases, then train with what was found."""

import hashlib
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from scanwright.base import (
    SILENT,
    InputError,
    Options,
    Plain,
    Progress,
    ScanwrightError,
    hold_folder,
    option,
    write_atomic,
    write_json,
)
from scanwright.data import index_data
from scanwright.recipe import TASKS
from scanwright.report import Section
from scanwright.search import (
    Asked,
    Bench,
    Place,
    SearchPlan,
    SharedStudy,
    Space,
    Summary,
    check_vary,
    measure_importance,
    records_csv,
    space_for,
    sqlite_url,
    without_password,
)
from scanwright.workflows.development import arena_of, without_test
from scanwright.workflows.grounds import Grounds
from scanwright.workflows.prepare import Prepared, RunOptions, prepare, side_by_side
from scanwright.workflows.train import TrainResult, train
from scanwright.workflows.trials import (
    SEARCH_SHARE,
    Scene,
    candidate_of,
    facts_of,
    plan_trials,
    prove,
    run_trials,
    study_key,
)
from scanwright.workflows.whole_images import check_whole_images

FOLDER = "tune"
"""Holds what the search keeps, beside the run."""
INSTEAD = (
    "train with the rules, or twice with other settings (`scanwright train --set NAME=VALUE`) and "
    "hold the runs against each other: `scanwright compare RUN_A RUN_B`"
)
"""For outlines, which are not searched for."""


class TuneOptions(Options):
    """What a user asks of a search."""

    run: RunOptions = option(RunOptions(), help="The run: data, time, settings that are held.")
    trials: int = option(0, low=0, help="Number of trials; 0 runs as many as fit into the time.")
    share: float = option(
        0.0, low=0.0, high=1.0, help="Longest schedule of a trial, as a share of the final one."
    )
    vary: tuple[str, ...] = option((), help="Settings to vary; all that make sense when empty.")
    storage: str = option("", help="Database of the trials; a file in the output when empty.")
    study: str = option("tune", help="Name of the search in its database.")
    helps: bool = option(False, help="Run trials only; another machine proves and trains.")
    grace_seconds: int = option(
        60, low=2, unit="s", help="Silence after which a machine's trial is run by another."
    )


@dataclass(frozen=True, slots=True)
class TuneResult:
    """What a search left.

    Parameters
    ----------
    folder
        The run folder; its `tune/` holds the search.
    summary
        What was found, for JSON; of a helper only how many trials it ran.
    run
        The final training; None for a helper.
    """

    folder: Path
    summary: dict[str, Plain]
    run: TrainResult | None


def tune(
    data: str | Path,
    output: str | Path,
    options: TuneOptions | None = None,
    progress: Progress = SILENT,
) -> TuneResult:
    """Search better settings, prove them, and train with them as `train` does.

    Called again with the same output it goes on where it was stopped.

    Raises
    ------
    InputError
        The data cannot be used, or the output holds another search.
    OccupiedError
        Another process is using the output.
    ResourceError
        The database cannot be used.
    """
    started = time.monotonic()
    folder = Path(output)
    is_new = not folder.exists()
    try:
        with hold_folder(folder / FOLDER):
            return _Tuning(str(data), folder, options or TuneOptions(), started, progress).go()
    except ScanwrightError:
        if is_new:
            _remove_if_unused(folder)
        raise


def _remove_if_unused(folder: Path) -> None:
    """Leave nothing behind of a search that was refused before it made anything."""
    if not (folder / FOLDER / "search.json").exists():
        shutil.rmtree(folder)


class _Tuning:
    """One search in its folder."""

    def __init__(
        self, data: str, folder: Path, options: TuneOptions, started: float, progress: Progress
    ) -> None:
        self.data = data
        self.output = folder
        self.folder = folder / FOLDER
        self.options = options
        self.started = started
        self.progress = progress
        self.file = self.folder / "search.json"
        self.state: dict[str, Any] = {}  # Any: as JSON holds it
        if self.file.exists():
            self.state = json.loads(self.file.read_text(encoding="utf-8"))
        self._check_request()
        check_vary(options.vary)
        self._spent_before = float(self.state.get("spent", 0.0))

    def go(self) -> TuneResult:
        """Go on from wherever it stands."""
        if "final_seconds" in self.state:
            # The search has ended: only its training is left to be done, or is done.
            return self._train()
        study = self._open()
        try:
            prepared = self._prepared(study)
            scene, grounds = self._scene(study, prepared)
        except BaseException:
            study.abandon()
            raise
        self._write_state()
        try:
            ran = run_trials(
                study,
                scene,
                seconds_left=self._seconds_for_search,
                note=lambda: self._note(study, scene.space),
                progress=self.progress,
            )
        finally:
            self._note(study, scene.space)
        if self.options.helps:
            return TuneResult(self.output, {"ran": ran}, None)
        summary = self._summary(study, scene)
        self._settle(summary)
        grounds.discard()
        return self._train()

    def _open(self) -> SharedStudy:
        self.state.setdefault("request", self._request())
        self.state.setdefault("worker", uuid4().hex)
        grace = self.options.grace_seconds
        place = Place(
            url=self.options.storage or sqlite_url(self.folder / "trials.db"),
            name=self.options.study,
            worker=self.state["worker"],
            heartbeat=max(grace // 4, 1),
            grace=grace,
        )
        study = SharedStudy(place)
        study.recover()
        return study

    def _prepared(self, study: SharedStudy) -> Prepared:
        """Prepare by the rules, or by the recipe that the study has had from its beginning."""
        is_shared = bool(self.options.storage)
        about = study.about() if is_shared and not study.is_new else study.about(0.0)
        options = self.options.run
        if about:
            default = self.folder / "default.toml"
            write_atomic(default, about["recipe"])
            options = options.model_copy(update={"recipe": default})
        kind = index_data(self.data, options.index, self.progress).task.kind
        check_whole_images(kind, "A search of settings", INSTEAD)
        prepared = prepare(self.data, options, self.started, self.progress)
        if about and prepared.recipe.digest() != about["digest"]:
            raise InputError(
                "The study was made with other settings.",
                next="give every machine the same flags, or choose another --study",
                where=f"--study {self.options.study}",
            )
        if self.state.setdefault("data", prepared.data_key) != prepared.data_key:
            raise InputError(
                "The data changed since this search began.",
                next="choose another output with -o to search on the data as they are now",
                where=self.output,
            )
        return prepared

    def _scene(self, study: SharedStudy, prepared: Prepared) -> tuple[Scene, Grounds]:
        """Set up everything that trials need; say what the study is about if it is new."""
        development = without_test(prepared)
        recipe = prepared.recipe
        workers = min(recipe.training.workers, side_by_side(prepared.compute, prepared.machine))
        arena = arena_of(development, recipe.training.workers)
        asked_for = tuple(self.options.run.settings)
        space = space_for(recipe, facts_of(prepared), held=asked_for, vary=self.options.vary)
        grounds = Grounds(development, arena.folds, self.folder / "stores", self.progress)
        key = study_key(arena, space)
        about = study.about(0.0)
        if about and about["key"] != key:
            raise InputError(
                "The study was made for other data.",
                next="give every machine the same data and flags, or choose another --study",
                where=f"--study {self.options.study}",
            )
        if about:
            plan = SearchPlan.from_plain(about["plan"])
        else:
            options = self.options
            asked = Asked(trials=options.trials, share=options.share, seed=options.run.seed)
            plan = plan_trials(prepared, grounds, arena, self._seconds_left(), asked)
            said = {"recipe": recipe.to_toml(), "digest": recipe.digest(), "key": key}
            study.begin({**said, "plan": plan.to_plain()})
        study.use(space, plan.seed)
        bench = Bench(
            ground_for=grounds.ground_for,
            reach=plan.reach,
            folder=self.folder / "work",
            compute=prepared.compute,
            memory_bytes=prepared.machine.memory_bytes,
            workers=workers,
        )
        return Scene(prepared, arena, space, plan, bench), grounds

    def _summary(self, study: SharedStudy, scene: Scene) -> Summary:
        """Put the best trial to the proof, and say what the search came to."""
        records = study.records()
        candidate = candidate_of(records)
        gain = None
        if candidate is not None:
            known = self.state.setdefault("proof", {})
            try:
                gain = prove(candidate, scene, known, self.progress)
            finally:
                self._write_state()
        return Summary(
            space=scene.space,
            plan=scene.plan,
            records=tuple(records),
            best=candidate,
            gain=gain,
            is_fresh=scene.arena.is_fresh,
            merit=TASKS[scene.space.recipe.task.kind].merit,
            importances=measure_importance(records, scene.space),
        )

    def _settle(self, summary: Summary) -> None:
        """Write the recipe to train with, and fix the time that it gets."""
        recipe = summary.space.recipe
        if not summary.keeps_default and summary.best is not None:
            recipe = summary.space.recipe_of(summary.best.values, summary.reason())
        write_atomic(self.folder / "default.toml", summary.space.recipe.to_toml())
        write_atomic(self.folder / "recipe.toml", recipe.to_toml())
        write_json(self.folder / "summary.json", summary.to_plain())
        write_json(self.folder / "section.json", summary.section().to_plain())
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        self.state["final_seconds"] = max(self._seconds_left(), 1.0)
        self._write_state()

    def _train(self) -> TuneResult:
        """Train with the recipe that was settled on, as `train` does and resumes."""
        options = self.options.run.model_copy(
            update={
                "recipe": self.folder / "recipe.toml",
                "settings": {},
                "budget_seconds": self.state["final_seconds"],
            }
        )
        section = Section.from_plain(self._read("section.json"))
        run = train(self.data, self.output, options, self.progress, sections=[section])
        return TuneResult(self.output, self._read("summary.json"), run)

    def _read(self, name: str) -> Any:  # Any: as JSON holds it
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def _note(self, study: SharedStudy, space: Space) -> None:
        """Write how the search stands, and the best recipe so far to train with by hand."""
        records = study.records()
        names = [one.name for one in space.dimensions]
        write_atomic(self.folder / "trials.csv", records_csv(records, names))
        best = candidate_of(records)
        recipe = space.recipe if best is None else space.recipe_of(best.values, "found by search")
        write_atomic(self.folder / "best.toml", recipe.to_toml())
        self._write_state()

    def _seconds_left(self) -> float:
        return self.options.run.budget_seconds - self._spent()

    def _seconds_for_search(self) -> float:
        return SEARCH_SHARE * self.options.run.budget_seconds - self._spent()

    def _spent(self) -> float:
        return self._spent_before + time.monotonic() - self.started

    def _write_state(self) -> None:
        self.state["spent"] = self._spent()
        write_json(self.file, self.state)

    def _request(self) -> str:
        plain = self.options.model_dump(mode="json", exclude={"helps", "grace_seconds"})
        plain["storage"] = without_password(self.options.storage)
        place = self.data if self.data.startswith("medmnist:") else str(Path(self.data).resolve())
        return hashlib.sha256(json.dumps([place, plain], sort_keys=True).encode()).hexdigest()

    def _check_request(self) -> None:
        if self.state and self.state["request"] != self._request():
            raise InputError(
                "The output folder holds a search on other data or with other settings.",
                next="repeat its command to go on with it, or choose another folder with -o",
                where=self.folder,
            )
