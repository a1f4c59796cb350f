"""What an ensemble proposes in cases that it had not learnt from, and what becomes of that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from torch import nn

from scanwright.base import SILENT, Progress, ScanwrightError
from scanwright.bundle import Ensemble, predictor_of
from scanwright.data import Entry, read_case
from scanwright.image import BoxesTarget, Edges, Geometry, edges_of
from scanwright.inference import (
    Compute,
    Decision,
    DetectionPredictor,
    Fused,
    InputLimits,
    Proposals,
)
from scanwright.metrics import CaseBoxes
from scanwright.recipe import Recipe
from scanwright.training import Fit, Trained, held_out
from scanwright.workflows.box_answer import BoxAnswer

MOST_KEPT = 1000
"""Proposals kept of a case, the surest: so many cases fit into the memory."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A case, what is true of it and what networks proposed, on the grid that they saw.

    Parameters
    ----------
    truth
        On the case's own grid.
    edges, classes
        The same on the prepared grid.
    source, size
        The case's own grid.
    grid
        The prepared one.
    """

    entry: Entry
    truth: BoxesTarget
    edges: Edges
    classes: npt.NDArray[np.int64]
    source: Geometry
    size: tuple[int, ...]
    grid: Geometry
    proposals: Proposals

    def beside(self, fused: Fused) -> CaseBoxes:
        """Put findings on the prepared grid beside what is true."""
        return CaseBoxes(self.edges, self.classes, *fused)


@dataclass(slots=True)
class BoxAnswers:
    """Shows cases to networks.

    Parameters
    ----------
    notes
        Why cases could not be looked at.
    """

    recipe: Recipe
    limits: InputLimits
    compute: Compute
    progress: Progress = SILENT
    notes: tuple[str, ...] = ()

    def held_out(
        self, fit: Fit, members: Sequence[Trained], entries: Sequence[Entry]
    ) -> list[Proposed]:
        """Show every validation case to the networks that had not learnt from it.

        Parameters
        ----------
        entries
            In the order of the rows of the folds.
        """
        rows = {row for member in members for row in fit.folds[member.fold].validation.tolist()}
        self.progress.begin("looking at validation cases", len(rows), "cases")
        found: list[Proposed] = []
        predictor: DetectionPredictor | None = None
        networks: object = None
        for held in held_out(fit, members):
            if held.networks is not networks:
                predictor, networks = self.predictor(held.networks), held.networks
            assert predictor is not None
            found += self._proposed(predictor, entries[held.row])
        self.progress.end()
        return found

    def tested(
        self, fit: Fit, members: Sequence[Trained], entries: Sequence[Entry]
    ) -> list[Proposed]:
        """Show test cases to all networks together."""
        if not entries:
            return []
        self.progress.begin("looking at test cases", len(entries), "cases")
        predictor = self.predictor([fit.network(member) for member in members])
        found = [one for entry in entries for one in self._proposed(predictor, entry)]
        self.progress.end()
        return found

    def predictor(
        self, networks: Sequence[nn.Module], decision: Decision | None = None
    ) -> DetectionPredictor:
        """Return what finds with some networks, run as `predict` runs them."""
        decision = decision or Decision()
        predictor = predictor_of(
            Ensemble(self.recipe, networks, decision, self.limits, self.compute)
        )
        assert isinstance(predictor, DetectionPredictor)
        return predictor.quickened()

    def answers(self, proposed: Sequence[Proposed], decision: Decision) -> list[BoxAnswer]:
        """Return what is found in cases, once it is decided how proposals become findings."""
        predictor = self.predictor((), decision)
        return [
            BoxAnswer(
                one.entry,
                one.truth,
                predictor.concluded(
                    one.entry.name, (one.source, one.size), one.grid, one.proposals
                ),
            )
            for one in proposed
        ]

    def _proposed(self, predictor: DetectionPredictor, entry: Entry) -> list[Proposed]:
        """Show a case to networks, or note why it cannot be."""
        found = []
        try:
            case = read_case(entry)
            prepared = predictor.pipeline.apply(case)[0]
            proposals = predictor.proposals(prepared.image)
        except ScanwrightError as error:
            self.notes = (*self.notes, f"{entry.name} could not be looked at: {error.sentence()}")
        else:
            assert isinstance(case.target, BoxesTarget)
            assert isinstance(prepared.target, BoxesTarget)
            labels = self.recipe.task.labels
            boxes = prepared.target.boxes
            classes = np.array([labels.index(box.label) for box in boxes], dtype=np.int64)
            edges = edges_of(boxes, prepared.image.rank)
            found = [
                Proposed(
                    entry,
                    case.target,
                    edges,
                    classes,
                    source=case.image.geometry,
                    size=case.image.size,
                    grid=prepared.image.geometry,
                    proposals=proposals.surest(MOST_KEPT),
                )
            ]
        self.progress.step(1)
        return found


def with_flips(answers: BoxAnswers, axes: tuple[int, ...]) -> BoxAnswers:
    """Return the same that also look at mirrored windows."""
    return replace(answers, recipe=answers.recipe.changed({"inference.flips": axes}))
