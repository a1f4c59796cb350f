"""Validation of networks that find: loss and average precision over windows of unseen cases."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from scanwright.data import WindowStore
from scanwright.inference import Compute, FusionOptions, proposals_of
from scanwright.losses import Loss
from scanwright.metrics import (
    CaseBoxes,
    UndefinedMetric,
    bind_box_average_precision,
    match_boxes,
)
from scanwright.recipe import Recipe, assemble_loss
from scanwright.training.forward import finest, logits_of
from scanwright.training.material import Means, Verdict
from scanwright.training.sampler import Rows
from scanwright.training.window_judge import validation_windows
from scanwright.training.window_sampler import Window
from scanwright.training.window_truth import LEAST_SHARE, padded_boxes

HALF = 0.5
"""Overlap at which a box counts as found."""


@dataclass(frozen=True, slots=True)
class BoxJudge:
    """Judges by the average precision over windows, each taken for an image.

    Parameters
    ----------
    windows
        What is looked at.
    size
        Edges of a window.
    batch
        Windows in one pass.
    """

    store: WindowStore
    windows: tuple[Window, ...]
    size: tuple[int, ...]
    batch: int
    compute: Compute
    loss: Loss
    fusion: FusionOptions

    @classmethod
    def of(
        cls, recipe: Recipe, store: WindowStore, rows: Rows, most: int, means: Means
    ) -> "BoxJudge":
        """Look at all of the cases side by side, or at windows drawn from them if those are many.

        Parameters
        ----------
        rows
            Places in `store.names` of the validation cases.
        most
            Windows that are looked at, at most.
        """
        return cls(
            store=store,
            windows=validation_windows(recipe, store, rows, most),
            size=recipe.network.size,
            batch=max(1, min(recipe.training.batch, recipe.inference.batch)),
            compute=means.compute,
            loss=assemble_loss(recipe, None).to(means.compute.device),
            fusion=recipe.fusion,
        )

    @torch.inference_mode()
    def verdict(self, network: nn.Module) -> Verdict:
        """Judge a network; `more` has the average precision at an overlap of one half."""
        was_training = network.training
        network.eval()
        total = 0.0
        cases: list[CaseBoxes] = []
        for first in range(0, len(self.windows), self.batch):
            windows = self.windows[first : first + self.batch]
            images, truth = self._read(windows)
            outputs = finest(logits_of(network, images, self.compute))
            total += float(self.loss(outputs, truth)) * len(windows)
            cases += self._cases(outputs, truth)
        network.train(was_training)
        loss = total / len(self.windows)
        matches = match_boxes(cases, len(self.store.scheme.names))
        try:
            merit = bind_box_average_precision(matches).value()
            half = bind_box_average_precision(matches, (HALF,)).value()
        except UndefinedMetric:
            return Verdict(loss, -loss)
        return Verdict(loss, merit, {"ap50": half})

    def _cases(self, outputs: torch.Tensor, truth: torch.Tensor) -> list[CaseBoxes]:
        """Put what was proposed in each window beside what is true of it."""
        rank = len(self.size)
        found = proposals_of(outputs, len(self.store.scheme.names), self.size, self.fusion)
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

    def _read(self, windows: tuple[Window, ...]) -> tuple[torch.Tensor, torch.Tensor]:
        cases = [self.store.case(window.case) for window in windows]
        pairs = list(zip(cases, windows, strict=True))
        images = np.stack([case.read(window.start, self.size) for case, window in pairs])
        edges, classes = [], []
        ends = np.array(self.size, dtype=np.float64)[:, None] - 0.5
        for case, window in pairs:
            whole, labels = case.boxes()
            moved = whole - np.array(window.start, dtype=np.float64)[:, None]
            cut = np.clip(moved, -0.5, ends)
            shares = np.prod(cut[..., 1] - cut[..., 0], axis=1) / np.prod(
                moved[..., 1] - moved[..., 0], axis=1
            )
            kept = shares >= LEAST_SHARE
            edges.append(cut[kept])
            classes.append(labels[kept])
        device = self.compute.device
        return torch.from_numpy(images).to(device), padded_boxes(edges, classes).to(device)
