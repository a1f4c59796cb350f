"""What an ensemble outlines in cases that it had not learnt from, kept on disk one by one."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from torch import nn

from scanwright.base import SILENT, Options, Progress, ScanwrightError, replacing
from scanwright.bundle import Ensemble, predictor_of
from scanwright.data import IGNORED, Entry, encode_labels, read_case, to_codes
from scanwright.image import Array, Case, Geometry, LabelScheme, MaskPrediction, MaskTarget
from scanwright.inference import (
    Compute,
    Decision,
    FillHoles,
    InputLimits,
    KeepLargest,
    Outlined,
    Outlines,
    Refinement,
    SegmentationPredictor,
    candidate_refinements,
    choose_refinements,
    element_mm,
)
from scanwright.recipe import Recipe
from scanwright.training import Fit, Trained, held_out

PIECE = 1 << 22
"""Elements that are encoded at once."""
MOST_REFINED = 60
"""Cases on which refinements are tried."""
MOST_LOOKED_AT = 2**32
"""Elements that all trials of refinements together look at, at most: about a minute."""
FEWEST_REFINED = 5
"""With fewer cases in that, refinements are tried on all names together only."""


class LooksFirst(Protocol):
    """Networks that look first; fold by fold they learnt from the same cases as the others."""

    def before(self, members: Sequence[Trained]) -> list[Trained]:
        """Return what looks before some members."""

    def networks(self, members: Sequence[Trained]) -> tuple[nn.Module, ...]:
        """Return the networks of those."""


@dataclass(frozen=True, slots=True)
class MaskAnswer:
    """One case as it is and as it was outlined.

    Parameters
    ----------
    file
        Holds both maps, cut to the box around all that is outlined in either.
    """

    entry: Entry
    file: Path
    geometry: Geometry

    def maps(self) -> tuple[Array, Array]:
        """Return true and outlined label maps, shape (1 or K, *space) each."""
        with np.load(self.file, allow_pickle=False) as kept:
            size, inside = kept["size"].tolist(), (slice(None), *_slices(kept["box"]))
            pair = []
            for cut in (kept["truth"], kept["outlined"]):
                whole = np.zeros((len(cut), *size), dtype=cut.dtype)
                whole[inside] = cut
                pair.append(whole)
        return pair[0], pair[1]

    def boxed(self) -> tuple[Array, Array]:
        """Return both maps, cut to the box."""
        with np.load(self.file, allow_pickle=False) as kept:
            return kept["truth"], kept["outlined"]

    def box_elements(self) -> int:
        """Return how many elements the box has."""
        with np.load(self.file, allow_pickle=False) as kept:
            return int(np.prod(np.diff(kept["box"])))


@dataclass(slots=True)
class MaskAnswers:
    """Outlines cases and keeps what it outlined, so that a run that died goes on.

    Parameters
    ----------
    folder
        For the maps.
    skipped
        (case, reason) of cases that could not be prepared.
    notes
        Why cases could not be outlined.
    finders
        Networks that look first, where there are any.
    """

    recipe: Recipe
    limits: InputLimits
    compute: Compute
    folder: Path
    progress: Progress = SILENT
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    finders: LooksFirst | None = None

    def held_out(
        self,
        fit: Fit,
        members: Sequence[Trained],
        entries: Sequence[Entry],
        only: Sequence[int] | None = None,
    ) -> list[MaskAnswer]:
        """Outline every validation case with the networks that had not learnt from it.

        Parameters
        ----------
        entries
            In the order of the rows of the folds.
        only
            The rows of those that are outlined; all if not given.
        """
        self._clear()
        rows = {row for member in members for row in fit.folds[member.fold].validation.tolist()}
        rows &= rows if only is None else set(only)
        self.progress.begin("outlining validation cases", len(rows), "cases")
        found: list[MaskAnswer] = []
        predictor: SegmentationPredictor | None = None
        networks: object = None
        key = ""
        for held in held_out(fit, members):
            if held.row not in rows:
                continue
            if held.networks is not networks:
                which = [m for m in members if held.row in fit.folds[m.fold].validation]
                predictor, networks = self.predictor(held.networks, which), held.networks
                key = self._key(which)
            assert predictor is not None
            found += self._answer(predictor, entries[held.row], key)
        self.progress.end()
        return found

    def tested(
        self, fit: Fit, members: Sequence[Trained], entries: Sequence[Entry]
    ) -> list[MaskAnswer]:
        """Outline test cases with all networks together."""
        if not entries:
            return []
        self.progress.begin("outlining test cases", len(entries), "cases")
        predictor = self.predictor([fit.network(member) for member in members], members)
        key = self._key(members)
        found = [one for entry in entries for one in self._answer(predictor, entry, key)]
        self.progress.end()
        return found

    def choose_refinements(self, validated: Sequence[MaskAnswer]) -> Recipe:
        """Keep what raises the Dice of outlines in validation; also used for what follows."""
        if not validated or self.recipe.postprocessing:
            return self.recipe
        scheme = self.recipe.task.scheme
        candidates, chosen = _affordable(validated, scheme)

        def cases() -> Iterable[Outlined]:
            for answer in chosen:
                yield _outlined(answer, scheme)

        passes = len(candidates) + 1
        self.progress.begin("trying refinements", passes * len(chosen), "cases")
        trials = choose_refinements(lambda: self._counted(cases()), scheme, candidates)
        self.progress.end()
        kept = [trial for trial in trials if trial.is_kept]
        reason = "; ".join(
            f"{trial.refinement.kind} brings Dice in validation from {trial.before:.4f} to "
            f"{trial.after:.4f}"
            for trial in kept
        )
        steps = tuple(_step(trial.refinement) for trial in kept)
        reason = reason or f"none of {len(trials)} that were tried raises Dice in validation"
        self.recipe = self.recipe.changed({"postprocessing": steps}, reason)
        return self.recipe

    def predictor(
        self, networks: Sequence[nn.Module], members: Sequence[Trained]
    ) -> SegmentationPredictor:
        """Return what outlines cases with the networks of some members, without refinements."""
        finders = self.finders.networks(members) if self.finders else ()
        ensemble = Ensemble(self.recipe, networks, Decision(), self.limits, self.compute, finders)
        predictor = predictor_of(ensemble)
        assert isinstance(predictor, SegmentationPredictor)
        # Refinements are chosen on what the networks alone outline.
        return replace(predictor, refinements=()).quickened()

    def refined(self, answer: MaskAnswer) -> tuple[Array, Array]:
        """Return true and outlined maps, the latter after all refinements."""
        truth, outlined = answer.maps()
        outlines = Outlines(outlined, self.recipe.task.scheme, _element(answer))
        for refinement in self.recipe.refinements():
            refinement.apply(outlines)
        return truth, outlined

    def _answer(
        self, predictor: SegmentationPredictor, entry: Entry, key: str
    ) -> Iterator[MaskAnswer]:
        """Give the answer about a case, or note why there is none."""
        stem = hashlib.sha256(f"{entry.name} {key}".encode()).hexdigest()[:24]
        file = self.folder / f"{stem}.npz"
        prediction = None
        try:
            case = read_case(entry)
            if not file.exists():
                prediction = predictor.predict_one(replace(case, target=None))
        except ScanwrightError as error:
            self.notes = (*self.notes, f"{entry.name} could not be outlined: {error.sentence()}")
        else:
            if prediction is not None:
                # Outside of what is caught: a full disk ends the run, and it goes on later.
                _keep(file, case, prediction)
            yield MaskAnswer(entry, file, case.image.geometry)
        self.progress.step(1)

    def _clear(self) -> None:
        """Delete what a run that was killed had begun to write."""
        for path in self.folder.glob(".writing-*"):
            path.unlink(missing_ok=True)

    def _counted(self, cases: Iterable[Outlined]) -> Iterator[Outlined]:
        for case in cases:
            yield case
            self.progress.step(1)

    def _key(self, members: Sequence[Trained]) -> str:
        """Hash the networks and how they are shown a case."""
        digest = hashlib.sha256(self.recipe.inference.model_dump_json().encode())
        finders = self.finders.before(members) if self.finders else []
        if finders:
            digest.update(repr((self.recipe.finder.factor, self.recipe.finder.margin_mm)).encode())
        for member in (*members, *finders):
            for name, tensor in sorted(member.weights.items()):
                digest.update(name.encode())
                digest.update(tensor.float().numpy().tobytes())
        return digest.hexdigest()


def encoded_truth(labels: Array, scheme: LabelScheme) -> Array:
    """Return a true map (1, *space) as metrics take it: (*space), or (K, *space) of regions."""
    space = labels.shape[1:]
    found = np.empty(space if scheme.is_exclusive else (len(scheme.names), *space), np.int16)
    depth = max(1, PIECE // max(1, prod(space[1:])))
    # Slab by slab: encoding takes eight bytes an element on its way.
    for first in range(0, space[0], depth):
        here = slice(first, first + depth)
        place = here if scheme.is_exclusive else (slice(None), here)
        found[place] = encode_labels(to_codes(labels[0, here], scheme), scheme)
    return found


def encoded_outlines(labels: Array, scheme: LabelScheme) -> Array:
    """Return an outlined map, (1, *space) or (K, *space), as metrics take it."""
    if not scheme.is_exclusive:
        return labels
    found = encoded_truth(labels, scheme)
    return np.maximum(found, 0, out=found)


def _keep(file: Path, case: Case, prediction: MaskPrediction) -> None:
    assert isinstance(case.target, MaskTarget)
    file.parent.mkdir(parents=True, exist_ok=True)
    keep_maps(file, case.target.labels.array, prediction.labels.array)


def keep_maps(file: Path, truth: Array, outlined: Array) -> None:
    """Write two label maps of a case, shape (1 or K, *space) each, whole or not at all."""
    box = _box_around(truth, outlined)
    inside = (slice(None), *_slices(box))
    with replacing(file) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(
            stream, truth=truth[inside], outlined=outlined[inside], box=box, size=truth.shape[1:]
        )


def _step(refinement: Refinement) -> dict[str, Any]:  # Any: plain values
    assert isinstance(refinement, Options)
    return {"kind": refinement.kind, **refinement.model_dump(mode="json", exclude_none=True)}


def _element(answer: MaskAnswer) -> float:
    return element_mm(answer.geometry)


def _box_around(truth: Array, outlined: Array) -> npt.NDArray[np.int64]:
    """Return first and last + 1 along each axis of all that is not background, shape (rank, 2)."""
    ends = np.zeros((truth.ndim - 1, 2), dtype=np.int64)
    for axis in range(truth.ndim - 1):
        others = tuple(other for other in range(truth.ndim) if other != axis + 1)
        places = np.flatnonzero(truth.any(axis=others) | outlined.any(axis=others))
        if len(places):
            ends[axis] = places[0], places[-1] + 1
    return ends


def _slices(box: npt.NDArray[np.int64]) -> tuple[slice, ...]:
    return tuple(slice(*ends) for ends in box.tolist())


def _affordable(
    validated: Sequence[MaskAnswer], scheme: LabelScheme
) -> tuple[tuple[Refinement, ...], Sequence[MaskAnswer]]:
    """Return the refinements to try and the cases to try them on, so that it takes no hours."""
    step = max(1, len(validated) // MOST_REFINED)
    spread = validated[::step][:MOST_REFINED]
    elements = [answer.box_elements() for answer in spread]
    together: tuple[Refinement, ...] = (KeepLargest(), FillHoles())
    for candidates in (candidate_refinements(scheme), together):
        # Every trial, and one look before them, goes over each name of each case.
        passes = (len(candidates) + 1) * len(scheme.names)
        count = int((np.cumsum(elements) * passes <= MOST_LOOKED_AT).sum())
        if count >= min(FEWEST_REFINED, len(spread)):
            return candidates, spread[:count]
    return together, spread[: max(count, 1)]


def _outlined(answer: MaskAnswer, scheme: LabelScheme) -> Outlined:
    """Return a case for trials, cut to its box; of what is unknown nothing is outlined in either.

    No piece and no hole reaches out of the box, so that trials end as on the whole case.
    """
    truth, outlined = answer.boxed()
    if not scheme.is_exclusive:
        regions = encoded_truth(truth, scheme)
        known = (regions != IGNORED).all(axis=0)
        return Outlined(outlined * known, (regions > 0).astype(np.uint8), _element(answer))
    known = truth != scheme.ignore
    return Outlined(outlined * known, truth * known, _element(answer))
