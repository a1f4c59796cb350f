"""Members trained side by side, one process per core; small networks do not use two cores well."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Any, TypeAlias

from scanwright.base import Progress, ResourceError, ScanwrightError
from scanwright.inference import choose_compute
from scanwright.recipe import Recipe
from scanwright.training.budget import Pace
from scanwright.training.fit import Fit, Trained
from scanwright.training.material import Fold, Material

REPORT_SECONDS = 0.5
"""A process says how far it is at most this often."""
GRACE_SECONDS = 30.0
"""Time that processes get to keep their state after an interrupt."""

Messages: TypeAlias = "Queue[tuple[str, int, Any]]"  # Any: as the kind says
"""(kind, member, content) from a process: "step", "kept", "done" or "failed"."""


@dataclass(frozen=True, slots=True)
class Duty:
    """All that a process needs to train one member; goes through a pipe."""

    index: int
    recipe: Recipe
    material: Material
    folds: tuple[Fold, ...]
    folder: Path
    device: str
    memory_bytes: int
    pace: Pace | None


def train_members(fit: Fit) -> list[Trained]:
    """Train the members of a fit, side by side where its recipe says so."""
    return train_side_by_side(fit) if fit.recipe.training.workers > 1 else fit.run()


def train_side_by_side(fit: Fit) -> list[Trained]:
    """Train the members of a fit in as many processes as its recipe says.

    Each member computes what it would alone, so the result does not depend on their number.

    Raises
    ------
    ScanwrightError
        A member failed; the others keep their state.
    """
    crew = _Crew(fit)
    fit.progress.begin("training", sum(fit.recipe.schedule.steps), "steps")
    try:
        trained = crew.run()
    finally:
        crew.stop()
    fit.progress.end()
    return trained


class _Crew:
    """The processes at work, and what they said."""

    def __init__(self, fit: Fit) -> None:
        self._fit = fit
        context = get_context("spawn")
        self._messages: Messages = context.Queue()
        self._start: Callable[..., BaseProcess] = context.Process
        self._running: dict[int, BaseProcess] = {}

    def run(self) -> list[Trained]:
        members = self._fit.recipe.training.members
        waiting = list(range(members))
        done: dict[int, Trained] = {}
        while len(done) < members:
            while waiting and len(self._running) < self._fit.recipe.training.workers:
                self._begin(waiting.pop(0))
            kind, index, content = self._hear()
            if kind == "step":
                self._fit.progress.step(content[0], note=content[1])
            elif kind == "failed":
                raise content
            elif kind == "kept":
                self._fit.keep_best(self._fit.kept(index))
            else:
                self._running.pop(index).join()
                done[index] = self._fit.kept(index)
                self._fit.keep_best(done[index])
        return [done[index] for index in range(members)]

    def stop(self) -> None:
        """Interrupt what still runs and wait until its state is kept."""
        for process in self._running.values():
            if process.is_alive() and process.pid is not None:
                os.kill(process.pid, signal.SIGINT)
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self._running.values():
            process.join(max(deadline - time.monotonic(), 0.1))
            if process.is_alive():
                process.kill()
        self._messages.close()
        self._messages.cancel_join_thread()

    def _begin(self, index: int) -> None:
        fit = self._fit
        duty = Duty(
            index=index,
            recipe=fit.recipe,
            material=fit.material,
            folds=tuple(fit.folds),
            folder=fit.folder,
            device=fit.compute.device.type,
            memory_bytes=fit.memory_bytes // fit.recipe.training.workers,
            pace=fit.pace,
        )
        process = self._start(target=train_one, args=(duty, self._messages), daemon=True)
        process.start()
        self._running[index] = process

    def _hear(self) -> tuple[str, int, Any]:
        while True:
            try:
                return self._messages.get(timeout=1.0)
            except Empty:
                self._check_alive()

    def _check_alive(self) -> None:
        for index, process in self._running.items():
            if not process.is_alive() and self._messages.empty():
                raise ResourceError(
                    "A training process was ended from outside, most likely for lack of memory.",
                    got=f"network {index + 1}, exit code {process.exitcode}",
                    next="run the same command again to go on; --set training.workers=1 needs less",
                )


def train_one(duty: Duty, messages: Messages) -> None:
    """Train one member in this process, saying how it goes."""
    try:
        fit = _fit_of(duty, messages)
        fit.train(duty.index)
        messages.put(("done", duty.index, None))
    except KeyboardInterrupt:
        return  # the state is kept, and whoever interrupted says so
    except ScanwrightError as error:
        messages.put(("failed", duty.index, error))
    except MemoryError:
        full = ResourceError("Memory is full.", next="lower training.workers or training.batch")
        messages.put(("failed", duty.index, full))


def _fit_of(duty: Duty, messages: Messages) -> Fit:
    training = duty.recipe.training
    compute = choose_compute(duty.device, training.precision, training.threads)
    return Fit(
        recipe=duty.recipe,
        material=duty.material,
        folds=duty.folds,
        folder=duty.folder,
        compute=compute,
        memory_bytes=duty.memory_bytes,
        keep_best=lambda trained: _tell_kept(trained, messages),
        pace=None if duty.pace is None else replace(duty.pace, clock=time.monotonic),
        progress=_Teller(duty.index, messages),
    )


def _tell_kept(trained: Trained, messages: Messages) -> None:
    if not trained.is_finished:
        messages.put(("kept", trained.index, None))


class _Teller(Progress):
    """Progress that goes to the parent process, and ends with it."""

    def __init__(self, index: int, messages: Messages) -> None:
        self._index = index
        self._messages = messages
        self._amount = 0.0
        self._told = time.monotonic()

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        """Say nothing: the parent opened the stage."""

    def step(self, amount: float = 1, note: str = "") -> None:
        """Add up, and tell now and then."""
        self._amount += amount
        if time.monotonic() - self._told < REPORT_SECONDS:
            return
        parent = parent_process()
        if parent is not None and not parent.is_alive():
            # A run started anew may already be at work on this member: write nothing more.
            os._exit(1)
        self._messages.put(("step", self._index, (self._amount, note)))
        self._amount, self._told = 0.0, time.monotonic()

    def end(self) -> None:
        """Tell what was not told."""
        self._messages.put(("step", self._index, (self._amount, "")))
