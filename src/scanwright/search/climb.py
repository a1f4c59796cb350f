"""One trial from its first rung to its last, or to where it is stopped."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import optuna

from scanwright.base import ResourceError, ScanwrightError
from scanwright.search.bench import Bench
from scanwright.search.heartbeat import alive
from scanwright.search.plan import SearchPlan
from scanwright.search.space import Space
from scanwright.search.study import SharedStudy

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Climb:
    """How trials are run.

    Parameters
    ----------
    folds
        Inner folds that score trials; the others confirm.
    """

    study: SharedStudy
    space: Space
    plan: SearchPlan
    bench: Bench
    folds: Sequence[int]

    def run(self, trial: optuna.Trial) -> None:
        """Train a trial's recipe on longer and longer schedules, until it falls behind.

        Raises
        ------
        ResourceError
            The disk is full or a process was killed: the trial is queued again.
        """
        started = time.monotonic()
        with alive(self.study.storage, trial._trial_id):
            try:
                score = self._climb(trial)
            except (KeyboardInterrupt, ResourceError):
                self.study.give_back(trial)
                raise
            except ScanwrightError as error:
                # Settings that do not go together, or with which training diverges.
                logger.info("trial %d cannot be trained: %s", trial.number, error.what)
                self.study.stop(trial, time.monotonic() - started, error.what)
                return
            seconds = time.monotonic() - started
            if score is None:
                self.study.stop(trial, seconds)
            else:
                self.study.finish(trial, score, seconds)

    def _climb(self, trial: optuna.Trial) -> float | None:
        recipe = self.space.recipe_of(self.space.draw(trial))
        place = self.study.place_of(trial.number)
        ladder = self.plan.ladder
        score = 0.0
        for share, resource in zip(ladder.shares, ladder.resources, strict=True):
            values = self.bench.scores(recipe, share, self.folds, seed=self.plan.seed)
            score = float(np.mean(values))
            with self.study.reachable():
                trial.report(score, resource)
                # The default is what all others are measured by, so it climbs to the end.
                falls_behind = place > 0 and trial.should_prune()
            if falls_behind and resource != ladder.resources[-1]:
                return None
        return score
