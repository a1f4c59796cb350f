"""Trials in their database: claimed once, counted exactly, recovered; alone and shared."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanwright.base import ResourceError
from scanwright.search import Place, SharedStudy
from scanwright.search.storage import quiet
from scanwright.search.study import MOST_RETRIES
from tests.search.builders import space, study

WORKER = """
import sys, time
from scanwright.search import Place, SharedStudy
from scanwright.search.heartbeat import alive
from tests.search.builders import space
url, worker, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
made = SharedStudy(Place(url, "shared", worker, heartbeat=1, grace=3))
made.use(space(), 0)
while True:
    trial = made.claim(10)
    if trial is None:
        if not any(one.state in ("running", "waiting") for one in made.records()):
            break
        time.sleep(0.2)
        continue
    with alive(made.storage, trial._trial_id):
        values = space().draw(trial)
        print("began", trial.number, flush=True)
        time.sleep(seconds)
        made.finish(trial, float(values["optimiser.rate"]), seconds)
"""


def ready(folder: Path, worker: str = "me") -> SharedStudy:
    made = study(folder, worker)
    made.recover()
    made.use(space(), 0)
    return made


def test_no_more_trials_are_given_than_asked_for(tmp_path: Path) -> None:
    made = ready(tmp_path)
    for _ in range(3):
        trial = made.claim(3)
        assert trial is not None
        made.finish(trial, 0.5, 1.0)
    assert made.claim(3) is None
    assert [one.state for one in made.records()] == ["complete"] * 3


def test_a_trial_taken_at_the_same_moment_by_another_is_surplus(tmp_path: Path) -> None:
    mine, other = ready(tmp_path, "me"), ready(tmp_path, "other")
    mine._begun = lambda: 0  # type: ignore[method-assign]  # the answer of a moment ago
    assert other.claim(1) is not None
    assert mine.claim(1) is None
    assert [one.place for one in mine.records()] == [0]


def test_a_worker_repeats_its_own_trials_and_leaves_those_of_others(tmp_path: Path) -> None:
    mine, other = ready(tmp_path, "me"), ready(tmp_path, "other")
    dead, living = mine.claim(None), other.claim(None)
    assert dead is not None
    assert living is not None
    values = space().draw(dead)
    again = ready(tmp_path, "me")
    repeated = again.claim(None)
    assert repeated is not None
    assert space().draw(repeated) == values
    states = {one.place: one.state for one in again.records()}
    assert states == {0: "running", 1: "running"}
    other.finish(living, 0.5, 1.0)


def test_a_trial_that_kills_its_process_is_given_up(tmp_path: Path) -> None:
    for _ in range(MOST_RETRIES + 1):
        assert ready(tmp_path).claim(None) is not None
    made = ready(tmp_path)
    first = made.records()[0]
    assert first.state == "failed"
    assert "died too often" in first.note
    trial = made.claim(None)
    assert trial is not None
    assert made.place_of(trial.number) == 1


def test_a_trial_that_cannot_be_trained_is_not_repeated(tmp_path: Path) -> None:
    made = ready(tmp_path)
    trial = made.claim(None)
    assert trial is not None
    made.stop(trial, 1.0, "Training diverged.")
    again = ready(tmp_path)
    assert [(one.state, one.note) for one in again.records()] == [("failed", "Training diverged.")]


def test_an_interrupted_trial_waits_to_be_repeated(tmp_path: Path) -> None:
    made = ready(tmp_path)
    trial = made.claim(None)
    assert trial is not None
    made.give_back(trial)
    assert [one.state for one in made.records()] == ["waiting"]


def test_who_comes_second_learns_what_the_study_is_about(tmp_path: Path) -> None:
    first = study(tmp_path)
    assert first.is_new
    first.begin({"recipe": "x", "plan": {"trials": 3}})
    second = study(tmp_path, "other")
    assert not second.is_new
    assert second.about() == {"recipe": "x", "plan": {"trials": 3}}


def test_a_study_whose_maker_died_is_waited_for_in_vain(tmp_path: Path) -> None:
    study(tmp_path)
    assert study(tmp_path, "other").about(wait=0.6) == {}


def test_a_study_that_came_to_nothing_is_taken_back_and_no_other(tmp_path: Path) -> None:
    made = study(tmp_path)
    made.abandon()
    second = study(tmp_path)
    assert second.is_new
    second.begin({"plan": {}})
    second.abandon()
    study(tmp_path, "other").abandon()
    assert not study(tmp_path).is_new


@pytest.mark.slow
def test_two_machines_share_a_study_and_one_dies(postgres: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def start(worker: str, seconds: float) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, postgres, worker, str(seconds)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    doomed, survivor = start("doomed", 60.0), start("survivor", 0.3)
    assert doomed.stdout is not None
    assert "began" in doomed.stdout.readline()
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.communicate()
    _, errors = survivor.communicate(timeout=120)
    assert survivor.returncode == 0, errors
    records = SharedStudy(Place(postgres, "shared", "reader")).records()
    assert [one.place for one in records] == list(range(10))
    assert {one.state for one in records} == {"complete"}
    assert sum(one.retries for one in records) == 1
    assert len({str(one.values) for one in records}) == 10


@pytest.mark.slow
def test_many_machines_run_no_trial_twice_and_no_trial_too_many(postgres: str) -> None:
    workers = [SharedStudy(Place(postgres, "crowd", f"worker {index}")) for index in range(3)]
    assert sum(worker.is_new for worker in workers) == 1
    for worker in workers:
        worker.use(space(), 0)
    claimed = []
    while batch := [(worker, worker.claim(7)) for worker in workers]:
        given = [(worker, trial) for worker, trial in batch if trial is not None]
        if not given:
            break
        for worker, trial in given:
            claimed.append(trial.number)
            worker.finish(trial, 0.5, 0.1)
    assert sorted(claimed) == list(range(7))


@pytest.mark.slow
def test_silence_right_after_a_claim_is_noticed_too(postgres: str) -> None:
    dead = SharedStudy(Place(postgres, "silent", "dead", heartbeat=1, grace=1))
    dead.use(space(), 0)
    with quiet():
        dead._study.ask()  # killed before it could say who it is
    living = SharedStudy(Place(postgres, "silent", "living", heartbeat=1, grace=1))
    living.use(space(), 0)
    assert living.claim(1) is None
    time.sleep(1.2)
    trial = living.claim(1)
    assert trial is not None
    assert living.place_of(trial.number) == 0


@pytest.mark.slow
def test_errors_of_the_server_never_show_the_password(postgres: str) -> None:
    from tests.postgres import PASSWORD

    wrong = postgres.replace(PASSWORD, "another-secret").replace("tester", "nobody")
    with pytest.raises(ResourceError) as raised:
        SharedStudy(Place(wrong, "x", "me"))
    words = raised.value.sentence() + repr(raised.value) + repr(Place(wrong, "x", "me"))
    assert "another-secret" not in words
    assert "nobody" in words
    assert raised.value.__cause__ is None
