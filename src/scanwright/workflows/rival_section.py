"""The classical model's row in the report of every training run, for a small part of its time."""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scanwright.base import SILENT, Progress, ScanwrightError
from scanwright.classical import (
    FeatureOptions,
    RivalOptions,
    Sampling,
    Table,
    cross_fit,
    extract_features,
    feature_table,
)
from scanwright.data import Store
from scanwright.image import Array, Image
from scanwright.recipe import TASKS
from scanwright.report import (
    Contender,
    MeasureOptions,
    Outcomes,
    Section,
    SplitReport,
    decide_between,
    difference_grid,
    score_grid,
)
from scanwright.workflows.contest import fit_rival_decision
from scanwright.workflows.prepare import Prepared, folds_of, truth_of

QUICK = RivalOptions(families=("svm", "logistic"), folds=3, blend=False)
"""The families that cost least; `scanwright compare` tries them all."""
TIMED_CASES = 4
FEATURE_SHARE = 0.5
"""Of the time; if measuring features would take more, the comparison is left out."""
MOST_CASES = 3000
"""Cases that a rival learns from in a fold; more would take minutes and change little."""


def rival_sections(
    prepared: Prepared,
    store: Store,
    splits: Sequence[SplitReport],
    seconds: float,
    progress: Progress = SILENT,
) -> tuple[Section, ...]:
    """Compare the network with a quick classical model on the images as the network sees them.

    Parameters
    ----------
    splits
        What the network answered.
    seconds
        Time for all of it; with 0 there is no section.

    Returns
    -------
    One section: the comparison, or why there is none. None at all where nobody asked for it.
    """
    if seconds <= 0:
        return ()
    try:
        return (_section(prepared, store, splits, seconds, progress),)
    except ScanwrightError as error:
        # A comparison that cannot be made must not cost the run its report.
        return (_words(f"No classical model was fitted: {error.what}"),)


def _section(
    prepared: Prepared,
    store: Store,
    splits: Sequence[SplitReport],
    seconds: float,
    progress: Progress,
) -> Section:
    started = time.monotonic()
    sampling = Sampling.choose([store.images.shape[2:]], [None], FeatureOptions())
    expected = _seconds_per_case(store, sampling) * len(store.rows)
    if expected > FEATURE_SHARE * seconds:
        return _words(
            f"Left out: measuring classical features would take {expected:.0f} s, which is more "
            f"than {FEATURE_SHARE * seconds:.0f} s, its part of the budget. "
            "`scanwright compare` does it whenever there is time."
        )

    def read(row: int) -> tuple[Image, Array | None]:
        return Image.from_array(np.asarray(store.images[row])), None

    features = feature_table(list(store.rows.items()), read, sampling, progress=progress)
    table = _table(prepared, store, features.values, features.names, features.cases)
    place = {case: at for at, case in enumerate(features.cases)}
    at_row = {row: place[case] for case, row in store.rows.items() if case in place}
    rng = np.random.default_rng([prepared.recipe.training.seed, 31])
    folds = []
    for fold in folds_of(prepared.plan.folds, store.rows)[: prepared.recipe.training.members]:
        train, held = (
            np.array([at_row[row] for row in rows.tolist() if row in at_row], dtype=np.int64)
            for rows in (fold.train, fold.validation)
        )
        if len(train) > MOST_CASES:
            train = np.sort(rng.choice(train, MOST_CASES, replace=False))
        folds.append((train, held))
    left = max(seconds - (time.monotonic() - started), 0.01)
    options = QUICK.model_copy(update={"seconds": left, "seed": prepared.recipe.training.seed})
    fitted = cross_fit(table, folds, options, progress)
    scores = dict(
        zip([features.cases[row] for row in fitted.rows.tolist()], fitted.scores, strict=True)
    )
    tested = [entry.name for entry in prepared.test if entry.name in place]
    if tested:
        rows = [place[name] for name in tested]
        scores.update(zip(tested, fitted.predict(features.values[rows]), strict=True))
    decision = fit_rival_decision(
        prepared.recipe, np.asarray(table.truth)[fitted.rows], fitted.scores
    )
    main = next((split for split in splits if split.name == "test"), splits[0])
    network = main.outcomes.subset(np.array([case in scores for case in main.outcomes.cases]))
    own = np.array([scores[case] for case in network.cases])
    pair = (
        Contender("network", network),
        Contender(
            "classical model",
            _answered(prepared, network, own, decision.thresholds),
            is_simpler=True,
        ),
    )
    spent = time.monotonic() - started
    return _found(pair, main.name, fitted.words, spent)


def _found(pair: tuple[Contender, Contender], split: str, chosen: str, spent: float) -> Section:
    options = MeasureOptions()
    verdict, differences = decide_between(*pair, options, np.random.default_rng(17))
    return Section(
        "classical",
        "Is the network worth it?",
        (
            verdict.sentence,
            f"The classical model is a {chosen} on texture, gradients and intensities of the "
            f"images as the network sees them, fitted on the same folds in {spent:.0f} s. "
            "`scanwright compare` looks closer: more models, full resolution, learning curve.",
        ),
        (),
        (
            score_grid(pair, split, options),
            difference_grid(differences, pair[0].name, pair[1].name),
        ),
    )


def _words(sentence: str) -> Section:
    return Section("classical", "Is the network worth it?", (sentence,))


def _seconds_per_case(store: Store, sampling: Sampling) -> float:
    """Time a few cases, one core, after one that loads what is needed."""
    rows = list(store.rows.values())
    chosen = [rows[0], *rows[:: max(1, len(rows) // TIMED_CASES)][:TIMED_CASES]]
    spent = []
    for row in chosen:
        started = time.perf_counter()
        image, _ = sampling.apply(Image.from_array(np.asarray(store.images[row])))
        extract_features(image)
        spent.append(time.perf_counter() - started)
    return float(np.mean(spent[1:]))


def _table(
    prepared: Prepared,
    store: Store,
    values: Array,
    names: tuple[str, ...],
    cases: Sequence[str],
) -> Table:
    by_name = {entry.name: entry for entry in prepared.everything()}
    truth = truth_of(prepared, store)
    recipe = prepared.recipe
    return Table(
        values=values,
        truth=truth[[store.rows[case] for case in cases]],
        patients=tuple(by_name[case].patient or case for case in cases),
        names=names,
        kind=recipe.task.kind,
        labels=len(recipe.task.labels),
    )


def _answered(
    prepared: Prepared, network: Outcomes, scores: Array, thresholds: tuple[float, ...]
) -> Outcomes:
    """Return the network's outcomes with other scores, decided by the same rule."""
    kind = prepared.recipe.task.kind
    if kind == "findings":
        return replace(network, scores=scores, thresholds=thresholds, decisions=None)
    if kind == "number":
        return replace(network, scores=scores)
    chosen = TASKS[kind].decide(scores, np.array(thresholds))
    decisions = np.asarray(chosen).argmax(axis=1)
    return replace(network, scores=scores, thresholds=(), decisions=decisions)
