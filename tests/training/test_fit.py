import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from scanwright.base import FileError, RecipeError
from scanwright.recipe import TASKS
from scanwright.training import Pace, Trained, outputs_of
from scanwright.training import fit as module
from scanwright.training.checkpoint import Checkpoint
from tests.training.builders import (
    LABELS,
    ROWS,
    Interrupter,
    deliver_interrupt,
    press_ctrl_c,
    same_weights,
    toy_fit,
    toy_folds,
    toy_images,
    toy_recipe,
    toy_truth,
    without_seconds,
)

ADAMW = toy_recipe(
    network__name="compact",
    network__width=0.125,
    network__dropout=0.3,
    optimiser__weight_decay=0.05,
    training__average=0.9,
    training__keep="best",
    augmentation={
        "flips": (1,),
        "rotate_chance": 0.5,
        "noise_chance": 0.5,
        "cutout_chance": 0.5,
        "mixup_chance": 0.5,
    },
)
MOMENTUM = toy_recipe(optimiser__name="momentum", optimiser__rate=0.05, optimiser__clip=1.0)
PLATEAU = toy_recipe(
    optimiser__name="nesterov",
    optimiser__rate=0.5,
    schedule__name="plateau",
    training__resample=0.5,
    training__validations=12,
)
RECIPES = {"adamw": ADAMW, "momentum": MOMENTUM, "plateau": PLATEAU}


@pytest.mark.parametrize("step", [1, 2, 3, 6, 7, 11, 12])
@pytest.mark.parametrize("name", RECIPES)
def test_an_interrupted_run_goes_on_to_the_same_weights_bit_for_bit(
    tmp_path: Path, name: str, step: int
) -> None:
    (whole,) = toy_fit(tmp_path / "whole", RECIPES[name]).run()
    broken = toy_fit(tmp_path / "broken", RECIPES[name], progress=Interrupter(step, press_ctrl_c))
    with pytest.raises(KeyboardInterrupt):
        broken.run()
    assert Checkpoint.read(tmp_path / "broken" / "member-0.safetensors").facts["step"] == step
    (resumed,) = toy_fit(tmp_path / "broken", RECIPES[name]).run()
    assert same_weights(resumed, whole)
    assert without_seconds(resumed) == without_seconds(whole)
    ends = [
        Checkpoint.read(tmp_path / run / "member-0.safetensors").tensors["network"]
        for run in ("whole", "broken")
    ]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_a_run_interrupted_at_every_step_ends_with_the_same_weights(tmp_path: Path) -> None:
    (whole,) = toy_fit(tmp_path / "whole", ADAMW).run()
    for step in range(1, 13):
        broken = toy_fit(tmp_path / "broken", ADAMW, progress=Interrupter(step, press_ctrl_c))
        with pytest.raises(KeyboardInterrupt):
            broken.run()
    (resumed,) = toy_fit(tmp_path / "broken", ADAMW).run()
    assert same_weights(resumed, whole)


@pytest.mark.parametrize("act", [press_ctrl_c, deliver_interrupt])
@pytest.mark.parametrize("call", [2, 3, 5])
def test_an_interrupt_in_the_middle_of_a_step_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int, act: object
) -> None:
    """Statistics of normalisation have changed by then, weights not yet."""
    (whole,) = toy_fit(tmp_path / "whole", ADAMW).run()
    backward, calls = torch.autograd.backward, []

    def interrupted(loss: torch.Tensor) -> None:
        calls.append(1)
        if len(calls) == call:
            assert callable(act)
            act()
        backward(loss)

    monkeypatch.setattr(torch.autograd, "backward", interrupted)
    with pytest.raises(KeyboardInterrupt):
        toy_fit(tmp_path / "broken", ADAMW).run()
    monkeypatch.undo()
    (resumed,) = toy_fit(tmp_path / "broken", ADAMW).run()
    assert same_weights(resumed, whole)
    assert without_seconds(resumed) == without_seconds(whole)


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
from scanwright.training import fit
from tests.training.builders import Interrupter, toy_fit
from tests.training.test_fit import ADAMW

torch.set_num_threads(1)
fit.KEEP_EVERY_SECONDS = 0.0
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
toy_fit(Path(sys.argv[1]), ADAMW, progress=Interrupter(8, die)).run()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_killed_run_goes_on_to_the_same_weights_bit_for_bit(tmp_path: Path) -> None:
    (whole,) = toy_fit(tmp_path / "whole", ADAMW).run()
    root = str(Path(__file__).parents[2])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    state = tmp_path / "killed" / "member-0.safetensors"
    assert Checkpoint.read(state).facts["step"] == 6, "the last validation before the end"
    (resumed,) = toy_fit(tmp_path / "killed", ADAMW).run()
    assert same_weights(resumed, whole)
    assert without_seconds(resumed) == without_seconds(whole)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    (first,) = toy_fit(tmp_path).run()
    again = toy_fit(tmp_path, images=np.zeros_like(toy_images()))
    (second,) = again.run()
    assert same_weights(first, second)
    assert second.is_finished
    assert same_weights(again.kept(0), first)


def test_a_damaged_state_is_one_clear_error(tmp_path: Path) -> None:
    toy_fit(tmp_path).run()
    state = tmp_path / "member-0.safetensors"
    state.write_bytes(state.read_bytes()[:200])
    with pytest.raises(FileError, match="damaged") as caught:
        toy_fit(tmp_path).run()
    assert caught.value.where == state


def test_the_same_recipe_gives_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    (first,) = toy_fit(tmp_path / "a", ADAMW).run()
    (again,) = toy_fit(tmp_path / "b", ADAMW).run()
    (other,) = toy_fit(tmp_path / "c", ADAMW.changed({"training.seed": 1})).run()
    assert same_weights(first, again)
    assert not same_weights(first, other)


def test_training_leaves_the_global_randomness_alone(tmp_path: Path) -> None:
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002
    toy_fit(tmp_path, ADAMW).run()
    assert torch.equal(torch.get_rng_state(), torch_before)
    numpy_after = np.random.get_state()  # noqa: NPY002
    assert np.array_equal(numpy_after[1], numpy_before[1])  # type: ignore[index]  # legacy tuple
    assert numpy_after[2] == numpy_before[2]  # type: ignore[index]  # legacy tuple


@pytest.mark.parametrize(
    ("kind", "loss", "least"),
    [
        ("classes", "cross_entropy", 0.95),
        ("classes", "focal", 0.95),
        ("findings", "binary_cross_entropy", 0.95),
        ("grade", "ordinal", 0.9),
        ("number", "mean_squared_error", 0.7),
    ],
)
def test_every_kind_of_task_learns_what_can_be_learnt(
    tmp_path: Path, kind: str, loss: str, least: float
) -> None:
    recipe = toy_recipe(
        kind,
        loss__name=loss,
        schedule__steps=(60,),
        optimiser__rate=0.01,
        network__width=0.25,
        training__batch=24,
    )
    (trained,) = toy_fit(tmp_path, recipe).run()
    assert trained.history[-1]["merit"] > least
    assert trained.history[-1]["train_loss"] < trained.history[0]["train_loss"]
    assert trained.history[-1]["step"] == 60
    assert len(trained.history) == 4


@pytest.mark.parametrize("kind", ["classes", "findings", "grade"])
def test_balance_changes_what_is_learnt(tmp_path: Path, kind: str) -> None:
    truth = toy_truth(kind)
    truth[: ROWS * 3 // 4] = truth[1] if kind != "findings" else truth[6]
    plain = toy_fit(tmp_path / "a", toy_recipe(kind), truth=truth)
    balanced = toy_fit(tmp_path / "b", toy_recipe(kind, training__balance=1.0), truth=truth)
    assert not same_weights(plain.run()[0], balanced.run()[0])


def test_rare_cases_are_drawn_more_often_where_asked_for(tmp_path: Path) -> None:
    truth = (np.arange(ROWS) % 8 == 7).astype(np.int64)
    fit = toy_fit(tmp_path, toy_recipe(training__resample=1.0), truth=truth)
    sampler = fit._job(0).phases[-1].feed.sampler
    drawn = truth[np.concatenate([sampler.batch_at(step) for step in range(60)])]
    assert drawn.mean() == pytest.approx(0.5, abs=0.1)
    assert truth.mean() == 0.125


RARE = (np.arange(ROWS) % 8 == 7).astype(np.int64)


def test_stratified_batches_all_hold_the_rare_class(tmp_path: Path) -> None:
    for resample, rare in ((0.0, (1,)), (1.0, (4,))):
        recipe = toy_recipe(training__draw="stratified", training__resample=resample)
        sampler = toy_fit(tmp_path, recipe, truth=RARE)._job(0).phases[-1].feed.sampler
        found = {int(RARE[sampler.batch_at(step)].sum()) for step in range(30)}
        assert found <= {*rare, rare[0] + 1}


def test_weights_and_resampling_can_begin_later(tmp_path: Path) -> None:
    """Cao et al. 2019, section 3.3: deferred re-weighting, and the same for drawing."""
    recipe = toy_recipe(
        training__balance=1.0, training__resample=1.0, training__draw="stratified",
        training__deferred=0.5,
    )  # fmt: skip
    job = toy_fit(tmp_path, recipe, truth=RARE)._job(0)
    early, late = job.phase_at(0.49), job.phase_at(0.5)
    assert early.loss.weights is None
    assert late.loss.weights is not None
    shares = [
        np.mean([RARE[phase.feed.sampler.batch_at(step)].mean() for step in range(60)])
        for phase in (early, late)
    ]
    assert shares == pytest.approx([1 / 8, 1 / 2], abs=0.03)


def test_a_deferred_stratified_run_resumes_bit_for_bit(tmp_path: Path) -> None:
    recipe = ADAMW.changed(
        {
            "training.draw": "stratified",
            "training.resample": 1.0,
            "training.deferred": 0.4,
            "training.effective": 0.9,
            "loss.name": "ldam",
        }
    )
    (whole,) = toy_fit(tmp_path / "whole", recipe, truth=RARE).run()
    for step in (3, 8):
        folder = tmp_path / str(step)
        broken = toy_fit(folder, recipe, truth=RARE, progress=Interrupter(step, press_ctrl_c))
        with pytest.raises(KeyboardInterrupt):
            broken.run()
        (resumed,) = toy_fit(folder, recipe, truth=RARE).run()
        assert same_weights(resumed, whole)
    (plain,) = toy_fit(tmp_path / "plain", ADAMW, truth=RARE).run()
    assert not same_weights(plain, whole)


def test_cases_left_out_are_others_for_every_member(tmp_path: Path) -> None:
    fit = toy_fit(tmp_path, toy_recipe(training__undersample=1.0), truth=RARE)
    kept = [fit._job(index).phases[-1].feed.sampler.rows for index in (0, 1)]
    assert [RARE[rows].mean() for rows in kept] == [0.5, 0.5]
    assert kept[0].tolist() != kept[1].tolist()


@pytest.mark.parametrize(
    "change", [{"training__draw": "stratified"}, {"training__undersample": 2.0}], ids=str
)
def test_findings_cannot_be_drawn_by_class(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match="one label each"):
        toy_fit(tmp_path, toy_recipe("findings", **change)).run()


def test_priors_are_those_of_the_training_cases(tmp_path: Path) -> None:
    fit = toy_fit(tmp_path, toy_recipe(loss__name="logit_adjusted"), truth=RARE)
    (phase,) = fit._job(0).phases
    assert phase.loss.options.priors == pytest.approx((0.875, 0.125))
    given = toy_recipe(loss__name="logit_adjusted", loss__priors=(0.5, 0.5))
    (phase,) = toy_fit(tmp_path, given, truth=RARE)._job(0).phases
    assert phase.loss.options.priors == (0.5, 0.5)


@pytest.mark.parametrize("kind", ["findings", "number"])
def test_only_cases_of_one_label_can_be_drawn_by_frequency(tmp_path: Path, kind: str) -> None:
    with pytest.raises(RecipeError, match=r"label|classes"):
        toy_fit(tmp_path, toy_recipe(kind, training__resample=0.5)).run()


def test_images_of_another_shape_than_the_networks_input_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="input shape") as caught:
        toy_fit(tmp_path, toy_recipe(network__size=(24, 24)))
    assert caught.value.got == (1, 16, 16)
    assert caught.value.legal == (1, 24, 24)


def test_members_take_turns_on_the_folds_and_differ(tmp_path: Path) -> None:
    recipe = toy_recipe(training__members=4, schedule__steps=(3, 3, 3, 3))
    kept: list[Trained] = []
    fit = toy_fit(tmp_path, recipe, folds=toy_folds(2), keep_best=kept.append)
    trained = fit.run()
    assert [member.fold for member in trained] == [0, 1, 0, 1]
    assert [member.index for member in trained] == [0, 1, 2, 3]
    assert not same_weights(trained[0], trained[2])
    assert [member.index for member in kept if member.is_finished] == [0, 1, 2, 3]


def test_the_history_judges_the_weights_that_are_kept(tmp_path: Path) -> None:
    fit = toy_fit(tmp_path, toy_recipe(training__average=0.5))
    (member,) = fit.run()
    outputs = outputs_of(fit, [member])
    task = TASKS["classes"]
    loss, merit = task.judge(outputs.truth, task.decode(outputs.values))
    assert member.history[-1]["validation_loss"] == pytest.approx(loss, abs=1e-6)
    assert member.history[-1]["merit"] == pytest.approx(merit, abs=1e-6)


def test_state_is_written_at_most_so_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def steps_kept(seconds: float) -> list[int]:
        monkeypatch.setattr(module, "KEEP_EVERY_SECONDS", seconds)
        kept: list[Trained] = []
        toy_fit(tmp_path / f"{seconds}", keep_best=kept.append).run()
        return [member.steps for member in kept]

    assert steps_kept(0.0) == [3, 6, 9, 12, 12]
    assert steps_kept(1000.0)[-1] == 12
    assert len(steps_kept(1000.0)) < 5


def test_costs_are_measured_without_leaving_a_trace(tmp_path: Path) -> None:
    fit = toy_fit(tmp_path)
    costs = fit.measure()
    assert 0 < costs.step < 5
    assert 0 < costs.validation < 5
    assert list(tmp_path.iterdir()) == []
    assert same_weights(fit.run()[0], toy_fit(tmp_path / "other").run()[0])


def test_a_machine_that_slows_down_makes_the_run_shorter_but_whole(tmp_path: Path) -> None:
    class Clock:
        """Time passes with every look."""

        now = 0.0

        def __call__(self) -> float:
            self.now += 10.0
            return self.now

    pace = Pace(deadline=10.0, clock=Clock(), enough=1000)
    (trained,) = toy_fit(tmp_path, toy_recipe(schedule__steps=(40,)), pace=pace).run()
    assert trained.steps < 40
    assert trained.is_finished
    assert trained.history[-1]["rate"] == pytest.approx(0, abs=1e-9), "the schedule ran to its end"


def test_labels_are_named_for_every_kind_of_task() -> None:
    assert set(LABELS) == {kind for kind, task in TASKS.items() if task.answer == "case"}


def test_an_epoch_is_as_much_as_there_is_to_learn_from(tmp_path: Path) -> None:
    assert toy_fit(tmp_path).steps_per_epoch == 3
    assert toy_fit(tmp_path, toy_recipe(training__batch=24)).steps_per_epoch == 1
