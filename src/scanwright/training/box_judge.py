"""Validation of networks that find: loss and average precision over windows of unseen cases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from scanwright.data import WindowStore
from scanwright.inference import FusionOptions, proposals_of
from scanwright.metrics import (
    CaseBoxes,
    UndefinedMetric,
    bind_box_average_precision,
    match_boxes,
)
from scanwright.recipe import Recipe
from scanwright.training.material import Means, Verdict
from scanwright.training.sampler import Rows
from scanwright.training.window_looks import Looks
from scanwright.training.window_sampler import Window
from scanwright.training.window_truth import LEAST_SHARE, padded_boxes

HALF = 0.5
"""Overlap at which a box counts as found."""


@dataclass(frozen=True, slots=True)
class BoxJudge:
    """Judges by the average precision over windows, each taken for an image."""

    looks: Looks
    fusion: FusionOptions

    @classmethod
    def of(
        cls, recipe: Recipe, store: WindowStore, rows: Rows, most: int, means: Means
    ) -> "BoxJudge":
        """Judge on windows of the cases in some rows; see `Looks.of`."""
        return cls(Looks.of(recipe, store, rows, most, means), recipe.fusion)

    @property
    def windows(self) -> tuple[Window, ...]:
        """What is looked at."""
        return self.looks.windows

    @torch.inference_mode()
    def verdict(self, network: nn.Module) -> Verdict:
        """Judge a network; `more` has the average precision at an overlap of one half."""
        total = 0.0
        cases: list[CaseBoxes] = []
        for outputs, truth, cost in self.looks.at(network, self._truth):
            total += cost
            cases += self._cases(outputs, truth)
        loss = total / len(self.windows)
        matches = match_boxes(cases, len(self.looks.store.scheme.names))
        try:
            merit = bind_box_average_precision(matches).value()
            half = bind_box_average_precision(matches, (HALF,)).value()
        except UndefinedMetric:
            return Verdict(loss, -loss)
        return Verdict(loss, merit, {"ap50": half})

    def _cases(self, outputs: torch.Tensor, truth: torch.Tensor) -> list[CaseBoxes]:
        """Put what was proposed in each window beside what is true of it."""
        size, names = self.looks.size, self.looks.store.scheme.names
        rank = len(size)
        found = proposals_of(outputs, len(names), size, self.fusion)
        rows = truth.double().cpu().numpy()
        cases = []
        for proposed, own in zip(found, rows, strict=True):
            known = own[own[:, 0] >= 0]
            edges, classes, scores = proposed.fused(self.fusion)
            cases.append(
                CaseBoxes(
                    truth=known[:, 1:].reshape(len(known), 2, rank).transpose(0, 2, 1),
                    truth_classes=known[:, 0].astype(np.int64),
                    guess=edges,
                    guess_classes=classes,
                    scores=scores,
                )
            )
        return cases

    def _truth(self, windows: Sequence[Window]) -> torch.Tensor:
        """Return the boxes of which enough lies in each window, cut to it."""
        edges, classes = [], []
        ends = np.array(self.looks.size, dtype=np.float64)[:, None] - 0.5
        for window in windows:
            whole, labels = self.looks.store.case(window.case).boxes()
            moved = whole - np.array(window.start, dtype=np.float64)[:, None]
            cut = np.clip(moved, -0.5, ends)
            shares = np.prod(cut[..., 1] - cut[..., 0], axis=1) / np.prod(
                moved[..., 1] - moved[..., 0], axis=1
            )
            kept = shares >= LEAST_SHARE
            edges.append(cut[kept])
            classes.append(labels[kept])
        return padded_boxes(edges, classes)
