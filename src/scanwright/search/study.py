"""The trials of a search in their database: claimed once, recovered when their process died."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.exceptions import DuplicatedStudyError, UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from scanwright.search.halving import Halving
from scanwright.search.record import Record, State
from scanwright.search.sampler import PlacedSampler
from scanwright.search.space import Space, Values
from scanwright.search.storage import open_storage, quiet, reachable

logger = logging.getLogger(__name__)

READY_SECONDS = 60.0
"""Time given to the maker of a study to say what it is about."""
MOST_RETRIES = 3
"""A trial whose process died so often is given up: most likely it takes too much memory."""
REPEATS, WORKER, REASON, SECONDS, SURPLUS = "repeats", "worker", "reason", "seconds", "surplus"
"""Attributes of a trial."""
STATES: Mapping[TrialState, State] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "stopped",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a study is kept, and who works on it.

    Parameters
    ----------
    url
        Address of the database.
    name
        Of the study in it.
    worker
        Name of the output folder at work: what it had begun before is its own to repeat.
    heartbeat, grace
        Seconds; 0 takes the defaults.
    """

    url: str = field(repr=False)  # it may hold a password
    name: str
    worker: str
    heartbeat: int = 0
    grace: int = 0


class SharedStudy:
    """One study as this process sees it; others may work on it at the same time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.storage = open_storage(
            place.url, _repeat, heartbeat=place.heartbeat, grace=place.grace
        )
        self._unnamed: dict[int, float] = {}
        self._known: dict[int, int] = {}
        self._study: optuna.Study
        with self.reachable():
            try:
                self._study = optuna.create_study(
                    storage=self.storage, study_name=place.name, direction="maximize"
                )
                self.is_new = True
            except DuplicatedStudyError:
                self._study = optuna.load_study(storage=self.storage, study_name=place.name)
                self.is_new = False

    def reachable(self) -> Any:  # Any: a context manager
        """Turn errors of the database into ours."""
        return reachable(self._place.url)

    def about(self, wait: float = READY_SECONDS) -> dict[str, Any]:  # Any: as JSON holds it
        """Return what the study is about, waiting for its maker to say so.

        Empty if it does not: it died, and who asks may take its place.
        """
        deadline = time.monotonic() + wait
        while True:
            with self.reachable():
                about: dict[str, Any] = self._study.user_attrs.get("about", {})
            if about or time.monotonic() > deadline:
                return about
            time.sleep(0.5)

    def begin(self, about: Mapping[str, Any]) -> None:
        """Say what the study is about."""
        with self.reachable():
            self._study.set_user_attr("about", dict(about))

    def abandon(self) -> None:
        """Take back a study that this process made and then could not say anything about."""
        if self.is_new and not self.about(0.0):
            with self.reachable():
                optuna.delete_study(study_name=self._place.name, storage=self.storage)

    def use(self, space: Space, seed: int) -> None:
        """Say how trials are drawn and stopped."""
        self._study.sampler = PlacedSampler(space.default, seed, self.place_of)
        self._study.pruner = Halving()

    def recover(self) -> int:
        """Queue again the trials that died: this worker's own, and those without a sign of life.

        Returns
        -------
        How many of its own were queued.
        """
        with self.reachable():
            own = [
                trial
                for trial in self._trials(TrialState.RUNNING)
                if trial.user_attrs.get(WORKER) == self._place.worker
            ]
            for trial in own:
                self._bury(trial)
            self.recover_others()
        return len(own)

    def recover_others(self) -> None:
        """Queue again the trials of other workers that gave no sign of life."""
        if self.storage.get_heartbeat_interval() is None:
            return
        with self.reachable(), quiet():
            optuna.storages.fail_stale_trials(self._study)
        # One killed between claiming a trial and its first sign of life left none to miss.
        for trial in self._trials(TrialState.RUNNING):
            if WORKER not in trial.user_attrs:
                since = self._unnamed.setdefault(trial.number, time.monotonic())
                if time.monotonic() - since > float(self.storage.grace_period or 0):
                    self._bury(trial)

    def claim(self, limit: int | None) -> optuna.Trial | None:
        """Take a trial that waits, or a new one; none when `limit` trials have been begun.

        Two processes never get the same one: the database decides.
        """
        with self.reachable():
            self.recover_others()
            waits = bool(self._trials(TrialState.WAITING))
            if not waits and limit is not None and self._begun() >= limit:
                return None
            with quiet():
                trial = self._study.ask()
            if limit is not None and self.place_of(trial.number) >= limit:
                # Another process took the last one between the question and the answer.
                trial.set_user_attr(SURPLUS, True)
                self._study.tell(trial, state=TrialState.FAIL)
                return None
            trial.set_user_attr(WORKER, self._place.worker)
            return trial

    def finish(self, trial: optuna.Trial, score: float, seconds: float) -> None:
        """Note that a trial climbed all rungs."""
        with self.reachable():
            trial.set_user_attr(SECONDS, seconds)
            self._study.tell(trial, score)

    def stop(self, trial: optuna.Trial, seconds: float, reason: str = "") -> None:
        """Note that a trial ended below the last rung; with a reason, that it cannot be trained."""
        with self.reachable():
            trial.set_user_attr(SECONDS, seconds)
            if reason:
                trial.set_user_attr(REASON, reason)
            # Without a score, the sampler takes it for the worst of all.
            self._study.tell(trial, state=TrialState.PRUNED)

    def give_back(self, trial: optuna.Trial) -> None:
        """Queue a trial again that was interrupted."""
        with self.reachable():
            self._bury(self._study.trials[trial.number])

    def place_of(self, number: int) -> int:
        """Return the place in the sequence of a trial by its number."""
        if number not in self._known:
            self._known = _places(self._all())  # a place never changes
        return self._known[number]

    def records(self) -> list[Record]:
        """Return every trial once, in the order of places, as its last attempt left it."""
        with self.reachable():
            trials = self._all()
        latest: dict[int, FrozenTrial] = {}
        attempts: dict[int, int] = {}
        places = _places(trials)
        for trial in trials:
            if SURPLUS in trial.user_attrs:
                continue
            place = places[trial.number]
            latest[place] = trial
            attempts[place] = attempts.get(place, 0) + 1
        return [_record(place, latest[place], attempts[place] - 1) for place in sorted(latest)]

    def _begun(self) -> int:
        return sum(
            REPEATS not in one.user_attrs and SURPLUS not in one.user_attrs for one in self._all()
        )

    def _bury(self, trial: FrozenTrial) -> None:
        """Mark a trial as failed and queue it again, unless another process did so just before."""
        try:
            if self.storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL):
                _repeat(self._study, trial)
        except UpdateFinishedTrialError:
            return

    def _all(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def _trials(self, state: TrialState) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False, states=(state,))


def _repeat(study: optuna.Study, trial: FrozenTrial) -> None:
    """Queue a trial with the same values and the same place."""
    history = [trial.number, *trial.user_attrs.get("history", [])]
    if len(history) > MOST_RETRIES:
        logger.warning("trial %d was given up: its process died too often", trial.number)
        return
    study.enqueue_trial(trial.params, user_attrs={REPEATS: trial.number, "history": history})


def _places(trials: Sequence[FrozenTrial]) -> dict[int, int]:
    places: dict[int, int] = {}
    new = 0
    for trial in trials:
        if REPEATS in trial.user_attrs:
            places[trial.number] = places[int(trial.user_attrs[REPEATS])]
        else:
            places[trial.number] = new
            new += 1
    return places


def _record(place: int, trial: FrozenTrial, retries: int) -> Record:
    values: Values = dict(trial.params)
    rungs = tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values))
    reason = str(trial.user_attrs.get(REASON, ""))
    state = STATES[trial.state]
    if state == "failed" and not reason:
        reason = "its process died too often, most likely for lack of memory"
    return Record(
        place=place,
        state="failed" if reason else state,
        values=values,
        rungs=rungs,
        seconds=float(trial.user_attrs.get(SECONDS, 0.0)),
        note=reason,
        retries=retries,
    )
