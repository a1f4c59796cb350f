"""Coarse to fine, from training to what outlines: small balls in volumes many windows large."""

import json
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from tests.data.mask_builders import put

from scanwright.bundle import bundle_digest, predictor_of, read_bundle
from scanwright.data import SplitOptions, read_case
from scanwright.image import Geometry, LabelScheme
from scanwright.inference import SegmentationPredictor
from scanwright.recipe import (
    FinderChoice,
    InferenceChoice,
    LossChoice,
    NetworkChoice,
    OptimiserChoice,
    Recipe,
    ScheduleChoice,
    TaskChoice,
    TrainingChoice,
)
from scanwright.training import Costs, Fit, Pace
from scanwright.workflows.course import fit_of
from scanwright.workflows.finder import (
    Finders,
    FinderTrial,
    finder_fit,
    mean_dice,
    settle_finders,
    train_finders,
    windows_left,
)
from scanwright.workflows.mask_answers import MaskAnswer, MaskAnswers, keep_maps
from scanwright.workflows.mask_course import MaskCourse
from scanwright.workflows.prepare import Prepared, RunOptions, prepare
from scanwright.workflows.train import train

SIZE = (24, 64, 64)
GRID = Geometry.axial((1.0, 1.0, 1.0))
RECIPE = Recipe(
    task=TaskChoice(kind="segmentation", labels=("label 1",), values=((1,),)),
    split=SplitOptions(folds=2),
    preprocessing=({"kind": "zscore"}, {"kind": "resample", "spacing_mm": [1.0, 1.0, 1.0]}),
    network=NetworkChoice(
        name="unet_light", rank=3, outputs=2, size=(16, 16, 16), width=0.5, deep_supervision=True
    ),
    loss=LossChoice(name="dice_cross_entropy"),
    optimiser=OptimiserChoice(rate=4e-3, clip=12.0),
    schedule=ScheduleChoice(steps=(80, 80)),
    training=TrainingChoice(batch=2, members=2, validations=1, foreground=0.7, threads=1),
    inference=InferenceChoice(tried="none", batch=8, overlap=0.25),
    finder=FinderChoice(share=0.3, factor=2.0, margin_mm=4.0),
)


def options_in(folder: Path) -> RunOptions:
    """Return what is asked of a run: to follow the recipe, which is written into a folder."""
    path = folder / "recipe.toml"
    path.write_text(RECIPE.to_toml(), encoding="utf-8")
    return RunOptions(recipe=path, device="cpu", budget_seconds=600, audit=False)


def make_balls(folder: Path, count: int = 7) -> Path:
    """Write volumes of noise with a bright ball of 8 elements across, and its mask."""
    rng = np.random.default_rng(4)
    axes = np.ogrid[tuple(slice(edge) for edge in SIZE)]
    for number in range(count):
        middle = [rng.uniform(0.3, 0.7) * edge for edge in SIZE]
        away = sum((axis - place) ** 2 for axis, place in zip(axes, middle, strict=True))
        mask = (away < 4**2).astype(np.uint8)
        image = (rng.normal(0, 0.15, SIZE) + 2 * mask).astype(np.float32)
        put(folder / "images" / f"c{number}.nii.gz", image, GRID)
        put(folder / "masks" / f"c{number}.nii.gz", mask, GRID)
    return folder


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run whose networks look where a coarse one found something."""

    data: Path
    options: RunOptions
    folder: Path
    prepared: Prepared
    course: MaskCourse
    fit: Fit


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("cascade")
    data, options, folder = make_balls(place / "set"), options_in(place), place / "run"
    train(data, folder, options)
    prepared = prepare(str(data), options, time.monotonic())
    course = MaskCourse.open(prepared, folder / "state" / "store")
    fit = fit_of(course, prepared, folder / "state")
    return Run(data, options, folder, prepared, course, fit)


def test_a_finder_saves_windows_and_keeps_the_dice(run: Run) -> None:
    bundle = read_bundle(run.folder / "bundle")
    assert bundle.recipe.finder.is_used
    assert len(bundle.finders) == len(bundle.weights) == 2
    assert "is kept" in bundle.recipe.reasons["finder.share"]
    scores = json.loads((run.folder / "scores.json").read_text())
    assert scores["test"]["dice"]["value"] > 0.7
    assert "looks first is kept" in (run.folder / "report.html").read_text(encoding="utf-8")


def test_what_is_sealed_looks_first_and_then_at_few_windows(run: Run) -> None:
    predictor = predictor_of(read_bundle(run.folder / "bundle").ensemble(run.fit.compute))
    assert isinstance(predictor, SegmentationPredictor)
    finder = predictor.finder
    assert finder is not None
    assert len(finder.networks) == 2
    assert predictor.margin_mm == 4.0
    case = read_case(run.prepared.test[0])
    assert finder.pipeline.apply(case)[0].image.size == (12, 32, 32)
    left, windows = windows_left(predictor, case)
    assert 0 < left < windows / 2
    both = [replace(predictor, finder=one).predict_one(case).labels.array for one in (finder, None)]
    assert both[0].any()
    assert np.count_nonzero(both[0] != both[1]) <= 0.01 * np.count_nonzero(both[1])


def test_each_finder_learnt_from_the_cases_of_the_network_after_it(run: Run) -> None:
    assert run.course.finder is not None
    own = finder_fit(run.course.finder, run.fit)
    names, coarse = run.course.store.names, run.course.finder.store.names
    for fine, first in zip(run.fit.folds, own.folds, strict=True):
        learnt = {names[row] for row in fine.train}
        assert learnt == {coarse[row] for row in first.train}
        assert not learnt & {coarse[row] for row in first.validation}
    members = [own.kept(index) for index in (0, 1)]
    finders = Finders(own, members)
    fine_members = [run.fit.kept(index) for index in (0, 1)]
    assert finders.before(fine_members[1:]) == members[1:]


def test_a_run_that_was_stopped_ends_as_one_that_was_not(run: Run, tmp_path: Path) -> None:
    again = tmp_path / "run"
    shutil.copytree(run.folder, again)
    (again / "state" / "finder" / "member-1.safetensors").unlink()
    kept = {
        path: path.stat().st_mtime_ns
        for path in (again / "state").rglob("*")
        if path.suffix in {".b2nd", ".npz"}
    }
    assert kept
    state = again / "state" / "run.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"finished": False}))
    train(run.data, again, run.options)
    assert (again / "state" / "finder" / "member-1.safetensors").exists()
    hashes = [
        {
            name: value
            for name, value in json.loads((folder / "bundle" / "manifest.json").read_text())[
                "sha256"
            ].items()
            if name.endswith(".safetensors")
        }
        for folder in (run.folder, again)
    ]
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 5
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items())
    assert bundle_digest(again / "bundle")


def test_the_time_is_shared_between_both(run: Run) -> None:
    recipe = run.fit.recipe.changed({"schedule.steps": (), "finder.steps": ()})
    fit = replace(run.fit, recipe=recipe)
    planned = run.course.plan(fit, Costs(step=1.0, validation=0.1), 2000.0)
    alone = replace(run.course, finder=None).plan(fit, Costs(step=1.0, validation=0.1), 2000.0)
    assert len(planned.finder.steps) == 2
    assert planned.schedule.steps[0] < 0.75 * alone.schedule.steps[0]
    assert "finder.steps" in planned.reasons
    fit.recipe = planned
    more = run.course.after_seconds(fit, 100.0)
    assert more > replace(run.course, finder=None).after_seconds(fit, 100.0)


def test_finders_end_in_their_part_of_the_time(run: Run, tmp_path: Path) -> None:
    assert run.course.finder is not None
    # No time is left at all: every finder stops after its least steps, and can be used.
    recipe = run.fit.recipe.changed({"finder.steps": (60, 60), "training.validations": 10})
    pace = Pace(time.monotonic(), time.monotonic, 60)
    finders = train_finders(
        run.course.finder, replace(run.fit, recipe=recipe, folder=tmp_path, pace=pace)
    )
    assert all(member.steps < 60 for member in finders.members)
    assert (tmp_path / "finder" / "member-1.safetensors").exists()


@pytest.mark.parametrize(
    ("found", "left", "is_kept"),
    [(0.90, 40, True), (0.8985, 40, True), (0.8975, 40, False), (0.95, 95, False)],
)
def test_a_finder_is_kept_that_saves_windows_and_loses_no_dice(
    found: float, left: int, is_kept: bool
) -> None:
    trial = FinderTrial(cases=5, without=0.9, found=found, left=left, windows=100)
    assert trial.is_kept == is_kept
    assert ("kept" if is_kept else "left out") in trial.sentence()


def test_a_finder_that_misses_is_left_out_and_nothing_of_it_is_sealed(
    run: Run, tmp_path: Path
) -> None:
    assert run.course.finder is not None
    states = tmp_path / "state"
    shutil.copytree(run.folder / "state", states, ignore=shutil.ignore_patterns("store"))
    fit = replace(run.fit, folder=states)
    # Trained for one step, it finds nothing or everything.
    shutil.rmtree(states / "finder")
    fit.recipe = fit.recipe.changed({"finder.steps": (1, 1)})
    train_finders(run.course.finder, fit)
    answers = MaskAnswers(
        recipe=fit.recipe,
        limits=run.prepared.fingerprint.limits(),
        compute=fit.compute,
        folder=tmp_path / "answers",
    )
    members = [fit.kept(index) for index in (0, 1)]
    by_name = {entry.name: entry for entry in run.prepared.everything()}
    entries = [by_name[name] for name in run.course.store.names]
    after, finders, note = settle_finders(run.course.finder, answers, fit, members, entries)
    assert "left out" in note
    assert finders == ()
    assert after.finders is None
    assert not after.recipe.finder.is_used
    after.recipe.check()


def answer(folder: Path, truth: list[list[int]], outlined: list[list[list[int]]]) -> MaskAnswer:
    file = folder / f"{len(list(folder.iterdir()))}.npz"
    keep_maps(file, np.array([truth], np.uint8), np.array(outlined, np.uint8))
    return MaskAnswer(None, file, Geometry.pixels(2))  # type: ignore[arg-type]  # not asked for


def test_mean_dice_is_over_names_and_the_cases_that_have_them(tmp_path: Path) -> None:
    scheme = LabelScheme.of_classes(("a", "b"))
    exact = answer(tmp_path, [[0, 1, 1, 0]], [[[0, 1, 1, 0]]])
    half = answer(tmp_path, [[1, 1, 2, 2]], [[[0, 1, 2, 2]]])
    nothing = answer(tmp_path, [[0, 0, 0, 0]], [[[0, 0, 0, 0]]])
    # a: (1 + 2/3) / 2 over the two cases that have it; b: 1 in the only one.
    assert mean_dice([exact, half, nothing], scheme) == pytest.approx((5 / 6 + 1) / 2)
    assert mean_dice([nothing], scheme) == 0.0
    assert mean_dice([], scheme) == 0.0


def test_mean_dice_of_regions_leaves_out_what_is_unknown(tmp_path: Path) -> None:
    scheme = LabelScheme(("whole", "core"), ((1, 2), (2,)), ignore=7)
    one = answer(tmp_path, [[1, 2, 7, 0]], [[[1, 0, 1, 0]], [[0, 1, 1, 0]]])
    assert mean_dice([one], scheme) == pytest.approx((2 / 3 + 1) / 2)


def test_only_the_cases_asked_for_are_outlined(run: Run, tmp_path: Path) -> None:
    answers = MaskAnswers(
        recipe=run.fit.recipe,
        limits=run.prepared.fingerprint.limits(),
        compute=run.fit.compute,
        folder=tmp_path,
    )
    by_name = {entry.name: entry for entry in run.prepared.everything()}
    names = run.course.store.names
    members = [run.fit.kept(index) for index in (0, 1)]
    found = answers.held_out(run.fit, members, [by_name[name] for name in names], [1, 3])
    assert sorted(one.entry.name for one in found) == sorted([names[1], names[3]])
