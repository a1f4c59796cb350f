"""The trials of a search: what they run on, how long they are, and the proof of the best one."""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from scanwright.base import Progress
from scanwright.recipe import Recipe
from scanwright.search import (
    Asked,
    Bench,
    Climb,
    Facts,
    Gain,
    Prices,
    Reach,
    Record,
    SearchPlan,
    SharedStudy,
    Space,
    best_of,
    default_of,
    measure_gain,
    operations_of,
    plan_search,
)
from scanwright.training import Costs, Fit, ImageRows
from scanwright.workflows.allowance import after_seconds
from scanwright.workflows.development import Arena, names_of
from scanwright.workflows.grounds import Grounds
from scanwright.workflows.prepare import Prepared

SEARCH_SHARE = 0.55
"""Part of the time that trials and their proof may take; the rest trains."""
PROOFS, PROOFS_ALONE = 2, 4
"""Seeds of the proof: with folds that scored no trial, and without."""
PROOF_SEED = 7919
"""Far from the seed of the trials, so that no weights are drawn twice."""
START_SECONDS = 3.0
"""What processes cost before their first step."""
WAIT_SECONDS = 1.0
"""Between looks at what other machines do."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that trials run on."""

    prepared: Prepared
    arena: Arena
    space: Space
    plan: SearchPlan
    bench: Bench

    @property
    def proof_cost(self) -> float:
        """What the proof costs, in schedules of a trial's top rung."""
        return proof_cost(self.arena, self.bench.workers)


def facts_of(prepared: Prepared) -> Facts:
    """Return what the limits of the space depend on."""
    fingerprint = prepared.fingerprint
    return Facts(fingerprint.train, fingerprint.imbalance, max(fingerprint.median_size))


def study_key(arena: Arena, space: Space) -> str:
    """Hash what must be the same on all machines: cases, folds, recipe and space; no paths."""
    plain = [
        names_of(arena.folds),
        [arena.trying, arena.proving],
        space.recipe.digest(),
        [one.to_plain() for one in space.dimensions],
    ]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def proof_cost(arena: Arena, workers: int) -> float:
    """Return the cost of training two recipes on the proving folds, in rounds of a trial."""
    rounds = math.ceil(len(arena.proving) / workers) / math.ceil(len(arena.trying) / workers)
    return 2 * (PROOFS if arena.is_fresh else PROOFS_ALONE) * rounds


def plan_trials(
    prepared: Prepared, grounds: Grounds, arena: Arena, seconds: float, asked: Asked
) -> SearchPlan:
    """Time the default recipe on this machine, and divide the time.

    Parameters
    ----------
    seconds
        Left for everything.
    """
    recipe = prepared.recipe
    ground = grounds.ground_for(recipe)
    fit = Fit(
        recipe=recipe,
        material=ImageRows(ground.images, ground.truth),
        folds=ground.folds,
        folder=ground.file.parent,
        compute=prepared.compute,
        memory_bytes=prepared.machine.memory_bytes,
        keep_best=lambda _: None,
    )
    costs = fit.measure()
    after = after_seconds(recipe, fit, costs.validation, 0)
    reach = _reach(recipe, fit, costs, (1 - SEARCH_SHARE) * seconds - after)
    final_steps = reach.final_steps(recipe)
    workers = recipe.training.workers
    rounds = math.ceil(len(arena.trying) / workers)
    prices = Prices(
        final=final_steps * costs.step * rounds,
        fixed=costs.validation * rounds + (START_SECONDS if workers > 1 else 0.0),
        confirmation=proof_cost(arena, workers),
    )
    return plan_search(SEARCH_SHARE * seconds, prices, reach, final_steps, asked=asked)


def _reach(recipe: Recipe, fit: Fit, costs: Costs, seconds: float) -> Reach:
    """Expect what the final training can do in the seconds left for it."""
    cases = min(len(fold.train) for fold in fit.folds)
    rounds = math.ceil(recipe.training.members / recipe.training.workers)
    steps = max(seconds, 1.0) / costs.step / rounds
    operations = steps * min(recipe.training.batch, cases) * operations_of(recipe)
    return Reach(operations, cases, max(recipe.schedule.steps, default=0))


def run_trials(
    study: SharedStudy,
    scene: Scene,
    seconds_left: Callable[[], float],
    note: Callable[[], None],
    progress: Progress,
) -> int:
    """Run trials until there are enough or the time is over; return how many.

    Parameters
    ----------
    seconds_left
        Time left for trials and their proof.
    note
        Called after each trial.
    """
    plan = scene.plan
    climb = Climb(study, scene.space, plan, scene.bench, scene.arena.trying)
    done = sum(one.is_finished for one in study.records())
    progress.begin("searching", max(plan.trials, done), "trials")
    progress.step(done)
    ran = 0
    while _has_time(study.records(), scene, seconds_left()):
        trial = study.claim(plan.trials if plan.is_exact else None)
        if trial is None:
            if not any(one.state in ("running", "waiting") for one in study.records()):
                break
            time.sleep(WAIT_SECONDS)  # others are at work, and may need to be replaced
            continue
        climb.run(trial)
        ran += 1
        note()
        progress.step(1, note=best_words(study.records()))
    progress.end()
    return ran


def _has_time(records: list[Record], scene: Scene, seconds: float) -> bool:
    """Whether one more trial fits before the proof; the default recipe's always does."""
    tried = [one for one in records if one.is_finished]
    if not tried:
        return True
    default = default_of(records) or max(tried, key=lambda one: one.seconds)
    top = default.seconds / scene.plan.ladder.whole_cost
    return seconds > (scene.proof_cost + scene.plan.ladder.cost) * top


def best_words(records: list[Record]) -> str:
    """Say how the search stands, in a few words."""
    best, default = best_of(records), default_of(records)
    if default is None or default.score is None:
        return ""
    words = f"default {default.score:.4f}"
    if best is None or best.score is None or best.score <= default.score:
        return words
    return f"{words}, best {best.score:.4f} in trial {best.place}"


def candidate_of(records: list[Record]) -> Record | None:
    """Return the trial to be put to the proof: one that scored higher than the default."""
    best, default = best_of(records), default_of(records)
    if best is None or best.score is None:
        return None
    if default is None or default.score is None:
        # A default that cannot be trained is beaten by all that can.
        return best
    return best if best.score > default.score else None


def prove(
    candidate: Record, scene: Scene, known: dict[str, list[float]], progress: Progress
) -> Gain:
    """Train the best recipe and the default again where neither had a part in the choice.

    Parameters
    ----------
    known
        Scores that an earlier call reached, by what they are of; added to.
    """
    arena, plan = scene.arena, scene.plan
    seeds = range(PROOFS if arena.is_fresh else PROOFS_ALONE)
    recipes = {"found": scene.space.recipe_of(candidate.values), "default": scene.space.recipe}
    scores: dict[str, list[float]] = {"found": [], "default": []}
    progress.begin("proving the best trial", 2 * len(seeds), "trainings")
    for seed in seeds:
        for name, recipe in recipes.items():
            key = f"{candidate.place if name == 'found' else 0}, seed {seed}"
            if key not in known:
                share = plan.ladder.shares[-1]
                found = scene.bench.scores(
                    recipe, share, arena.proving, seed=PROOF_SEED + plan.seed + seed
                )
                known[key] = list(found)
            scores[name] += known[key]
            progress.step(1)
    progress.end()
    # Without folds of its own the proof repeats the same division: only seeds vary.
    return measure_gain(scores["found"], scores["default"], arena.ratio)
