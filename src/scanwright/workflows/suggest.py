"""A bundle and images without labels in, a list out: what to label next, and why."""

import csv
import io as text
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from scanwright.auditing import NearDuplicates, Picture, find_near_duplicates, reduce_image
from scanwright.base import SILENT, InputError, Options, Plain, Progress, ScanwrightError, option
from scanwright.data import Entry, Index, IndexOptions, index_data, read_case
from scanwright.image import Floats
from scanwright.inference import Predictor
from scanwright.recipe import Recipe
from scanwright.selection import (
    STRATEGIES,
    Choice,
    ChooseOptions,
    Pool,
    ScoreKind,
    choose,
    common_scale,
    reason_of,
)
from scanwright.workflows.inputs import Refused
from scanwright.workflows.precheck import LARGEST_GROUP, SMALLEST_LARGE
from scanwright.workflows.predict import Model, load
from scanwright.workflows.unlabelled import unlabelled_entries
from scanwright.workflows.whole_images import check_whole_images

KINDS: dict[str, ScoreKind] = {
    "classes": "exclusive",
    "grade": "exclusive",
    "findings": "independent",
    "number": "number",
}
"""Kind of task → how its scores are read."""
INSTEAD = (
    "outline what has no mask yet with `scanwright predict BUNDLE IMAGES`, and correct by hand "
    "first what comes with warnings"
)
"""For outlines, of which no ranking is made."""
MOST_COMPARED = 20_000
"""With more images near duplicates are not looked for."""
BATCH = 64


class SuggestOptions(Options):
    """What a user asks of a list of suggestions."""

    index: IndexOptions = option(IndexOptions(), help="How the data set is recognised.")
    unlabelled: Path | None = option(None, help="Another folder of images without labels.")
    choose: ChooseOptions = option(ChooseOptions(), help="How images are chosen.")
    device: str = option("auto", help="Where to compute: auto, cpu, cuda or mps.")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One image to label.

    Parameters
    ----------
    case, source, patient
        As in the index.
    reason
        Why, in words.
    choice
        Why, in numbers.
    """

    case: str
    source: str
    patient: str
    reason: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to label next.

    Parameters
    ----------
    strategy
        By which the images were chosen.
    rows
        The most useful first.
    candidates, labelled
        How many images were ranked, and how many with a label they were compared with.
    refused
        Images without a label that cannot be read or do not fit the bundle.
    notes
        What a reader should know.
    """

    strategy: str
    rows: tuple[Suggestion, ...]
    candidates: int
    labelled: int
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Plain]:
        """Return everything for JSON."""
        return {
            "strategy": self.strategy,
            "meaning": STRATEGIES[self.strategy].meaning,
            "candidates": self.candidates,
            "labelled": self.labelled,
            "suggestions": [_plain(rank, row) for rank, row in enumerate(self.rows, 1)],
            "refused": [{"source": r.source, "reason": r.reason} for r in self.refused],
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_plain(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Return a table with one row per suggestion and an empty column for its label."""
        stream = text.StringIO()
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(
            ["rank", "case", "path", "patient", "label", "reason",
             "doubt", "disagreement", "distance", "copy"]
        )  # fmt: skip
        for rank, row in enumerate(self.rows, 1):
            one = row.choice
            numbers = [_cell(value) for value in (one.doubt, one.disagreement, one.distance)]
            copy = "yes" if one.is_copy else ""
            table.writerow(
                [rank, row.case, row.source, row.patient, "", row.reason, *numbers, copy]
            )
        return stream.getvalue()


def suggest(
    data: str | Path,
    bundle: str | Path,
    options: SuggestOptions | None = None,
    progress: Progress = SILENT,
) -> Suggestions:
    """Rank images without labels by what their labels would be worth.

    Parameters
    ----------
    data
        The data set that the bundle was trained on: its labelled images say what is known, those
        without a label are candidates.

    Raises
    ------
    InputError
        There is no image without a label, or none that the bundle can see, or it outlines.
    BundleError
        The bundle is damaged.
    RecipeError
        The strategy is unknown, or asks what the bundle cannot say.
    """
    options = options or SuggestOptions()
    STRATEGIES[options.choose.strategy]  # a wrong name must not cost the reading of all images
    model = load(bundle, options.device)
    check_whole_images(model.bundle.recipe.task.kind, "A ranking of what to label next", INSTEAD)
    index = index_data(data, options.index, progress)
    check_whole_images(index.task.kind, "A ranking of what to label next", INSTEAD)
    waiting = _waiting(index, options, progress)
    labelled = [entry for entry in index.entries if entry.target is not None]
    seen = _see([*waiting, *labelled], model, progress)
    if not any(entry.name in seen.rows for entry in waiting):
        raise InputError(
            "No image without a label can be used.",
            got="; ".join(f"{one.source}: {one.reason}" for one in seen.refused[:3]),
            where=data,
        )
    pool, twins = _pool(waiting, labelled, seen, model.bundle.recipe, progress)
    chosen = choose(pool, options.choose)
    by_name = {entry.name: entry for entry in waiting}
    strategy = options.choose.strategy
    labels = model.bundle.recipe.task.labels
    rows = []
    for one in chosen:
        entry = by_name[pool.names[one.place]]
        twin = twins.get(entry.name, "")
        words = reason_of(one, pool, labels, strategy=strategy, twin=twin)
        rows.append(Suggestion(entry.name, entry.source, entry.patient, words, one))
    names = {entry.source for entry in waiting}
    return Suggestions(
        strategy,
        tuple(rows),
        candidates=len(pool),
        labelled=sum(entry.name in seen.rows for entry in labelled),
        refused=tuple(one for one in seen.refused if one.source in names),
        notes=tuple(_notes(index, waiting, model.bundle.recipe, options)),
    )


def _waiting(index: Index, options: SuggestOptions, progress: Progress) -> list[Entry]:
    """Return the images without a label: of the data set, and of the second folder."""
    found = unlabelled_entries(index, options.unlabelled, options.index.modality, progress)
    if not found:
        raise InputError(
            "There is no image without a label.",
            legal="rows of the table without a label, a folder called unlabelled beside the "
            "classes, or another folder",
            next="name the folder with --unlabelled FOLDER",
            where=index.root,
        )
    return found


@dataclass(slots=True)
class _Seen:
    """Images as the networks see them: row of each case in the arrays, and its small picture."""

    rows: dict[str, int] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    scores: list[Floats] = field(default_factory=list)
    features: list[Floats] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def _see(entries: Sequence[Entry], model: Model, progress: Progress) -> _Seen:
    """Read every image once."""
    seen = _Seen()
    predictor = model.scorer
    does_compare = len(entries) <= MOST_COMPARED
    progress.begin("looking at images", len(entries), "images")
    images = _prepared(entries, predictor, seen, does_compare=does_compare, progress=progress)
    while group := list(islice(images, BATCH)):
        batch = np.stack(group)
        seen.scores.append(predictor.answer.scores(predictor.run(batch)))
        seen.features.append(predictor.features(batch))
    progress.end()
    return seen


def _prepared(
    entries: Iterable[Entry],
    predictor: Predictor,
    seen: _Seen,
    *,
    does_compare: bool,
    progress: Progress,
) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Yield the networks' input for every image that fits; note the others."""
    for entry in entries:
        progress.step(1)
        try:
            case = read_case(entry)
            predictor.limits.check(case)
            prepared = predictor.prepare(case)
        except ScanwrightError as error:
            seen.refused.append(Refused(entry.source, error.sentence()))
            continue
        seen.rows[entry.name] = len(seen.rows)
        if does_compare:
            seen.pictures.append(reduce_image(case.image))
        yield prepared


def _pool(
    waiting: Sequence[Entry],
    labelled: Sequence[Entry],
    seen: _Seen,
    recipe: Recipe,
    progress: Progress,
) -> tuple[Pool, dict[str, str]]:
    """Return the candidates, and the labelled image that each of them nearly shows."""
    candidates = [entry for entry in waiting if entry.name in seen.rows]
    # What lies in the test part must not steer what is learnt; it only tells copies.
    guides = [entry for entry in labelled if entry.split != "test" and entry.name in seen.rows]
    features, known = _rows(seen, candidates), _rows(seen, guides)
    features, known = common_scale(features, known)
    scores = np.concatenate(seen.scores, axis=1)
    names = list(seen.rows)
    groups = _groups(find_near_duplicates(seen.pictures, progress=progress), len(names))
    marked = {entry.name for entry in labelled}
    twin_of = {groups[n]: name for n, name in reversed(list(enumerate(names))) if name in marked}
    alike = tuple(groups[seen.rows[entry.name]] for entry in candidates)
    pool = Pool(
        names=tuple(entry.name for entry in candidates),
        scores=scores[:, [seen.rows[entry.name] for entry in candidates]],
        features=features,
        known=known,
        kind=KINDS[recipe.task.kind],
        patients=tuple(entry.patient for entry in candidates),
        alike=alike,
        settled=frozenset(twin_of) - {-1},
    )
    twins = {
        entry.name: f"the labelled image {twin_of[group]}"
        for entry, group in zip(candidates, alike, strict=True)
        if group >= 0 and group in twin_of
    }
    return pool, twins


def _rows(seen: _Seen, entries: Sequence[Entry]) -> Floats:
    features = np.concatenate(seen.features)
    return np.asarray(features[[seen.rows[entry.name] for entry in entries]])


def _groups(found: NearDuplicates, count: int) -> list[int]:
    """Return the number of the group of each image, -1 for an image that has no near duplicate.

    As in a split, a group with a large share of all images is a look and no copies.
    """
    most = max(SMALLEST_LARGE, LARGEST_GROUP * count)
    numbers = [-1] * count
    for number, group in enumerate(found.groups):
        for place in group if len(group) <= most else ():
            numbers[place] = number
    return numbers


def _notes(
    index: Index, waiting: Sequence[Entry], recipe: Recipe, options: SuggestOptions
) -> Iterator[str]:
    if index.task.labels and set(index.task.labels) != set(recipe.task.labels):
        yield (
            f"the data set's labels ({', '.join(index.task.labels)}) are not those of the bundle "
            f"({', '.join(recipe.task.labels)})"
        )
    hidden = sum(entry.split == "test" for entry in index.unlabelled)
    if hidden:
        yield f"{hidden} images without a label lie in the test part and are not suggested"
    if not any(entry.patient for entry in waiting):
        yield "nothing says which images are of one patient, so each counts as its own"
    if index.skipped:
        yield f"{len(index.skipped)} inputs cannot be used; scanwright index says why"
    if len(index.entries) + len(waiting) > MOST_COMPARED:
        yield f"near duplicates were not looked for among more than {MOST_COMPARED:,} images"
    if len(waiting) < options.choose.count:
        yield f"there are only {len(waiting)} images without a label"


def _plain(rank: int, row: Suggestion) -> dict[str, Plain]:
    one = row.choice
    return {
        "rank": rank,
        "case": row.case,
        "path": row.source,
        "patient": row.patient,
        "reason": row.reason,
        "doubt": one.doubt,
        "disagreement": one.disagreement,
        "distance": one.distance,
        "copy": one.is_copy,
    }


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
