"""Losses for boxes: which cells answer for which box, how sure they are, and how well they fit."""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from scanwright.base import ShapeError
from scanwright.losses.assign import Assigned, Scene, adaptive, task_aligned
from scanwright.losses.box_terms import edge_error, generalised_overlap, quality_focal
from scanwright.losses.decode import decode_sigmoid, wide
from scanwright.losses.loss import Loss
from scanwright.losses.options import BOX_SHARE, EDGE_SHARE, FOCAL_GAMMA, LossOptions

ALIGNED_CANDIDATES = 13
ADAPTIVE_CANDIDATES = 9


class BoxLoss(Loss):
    """A loss for boxes: the mean over images, each with its own sum over cells.

    A rule says which cells answer for an image's true boxes, and how sure (q, from 0 to 1) they
    should be; all others should be sure of nothing. With Q = max(1, Σ q) the loss of the image is
    the sum of the quality-focal costs of all cells and classes, divided by Q, plus Σ q · e / Q
    over the cells that answer, with e = 2 · (1 - GIoU) + ½ · edge error. Q is that of the image,
    not of the batch: so one small finding counts as much as a hundred in another image, and the
    parts of a batch add up to the whole.

    The weights are one factor for each class, on what is asked of the cells that answer for it.
    A subclass names the rule.
    """

    knobs: ClassVar[tuple[str, ...]] = ("weights", "gamma", "candidates", "boxes", "edges")

    def __init__(self, options: LossOptions) -> None:
        super().__init__(options)
        self.gamma = FOCAL_GAMMA if options.gamma is None else options.gamma
        self.box_share = BOX_SHARE if options.boxes is None else options.boxes
        self.edge_share = EDGE_SHARE if options.edges is None else options.edges

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the loss.

        Parameters
        ----------
        logits
            What every cell answers, shape (B, K + 3 · D + 1, N): logits of the classes, low edges,
            high edges, centre, stride, in index units (see `scanwright.nets.split_cells`).
        target
            Shape (B, M, 1 + 2 · D): class, low edges, high edges; class -1 in rows that hold none.

        Raises
        ------
        ShapeError
            The two do not fit each other.
        """
        classes, rank = _shape(logits, target)
        # Half precision, if asked for outside, ends here: it has too few digits for places.
        with torch.autocast(logits.device.type, enabled=False):
            truth = target.to(wide(logits))
            costs = [
                self._cost(*_read(image, boxes, classes, rank))
                # One slope for all images, where indexing would make one for each.
                for image, boxes in zip(wide(logits).unbind(), truth.unbind(), strict=True)
            ]
            return torch.stack(costs).mean()

    def decode(self, logits: Tensor) -> Tensor:
        """Turn the logits (B, K, N) of the classes into chances; each class by itself."""
        return decode_sigmoid(logits)

    @abstractmethod
    def assign(self, scene: Scene) -> Assigned:
        """Say which cells of an image answer for which box, and how sure they should be."""

    def _cost(self, scores: Tensor, scene: Scene) -> Tensor:
        """Return the cost of one image."""
        assigned = self.assign(scene)
        cell, truth, quality = assigned.cell, assigned.truth, assigned.quality
        label = scene.label[truth]
        target = torch.zeros_like(scores)
        target[label, cell] = quality
        costs = quality_focal(scores, target, self.gamma)  # (K, N)
        total = quality.sum().clamp(min=1)
        factors = self.weights_for(len(scores), scores)
        if factors is not None:
            at_target = torch.ones_like(scores)
            at_target[label, cell] = factors[label]
            costs = costs * at_target
            quality = quality * factors[label]
        return (costs.sum() + self._misfit(scene, truth, cell, quality)) / total

    def _misfit(self, scene: Scene, truth: Tensor, cell: Tensor, quality: Tensor) -> Tensor:
        """Return how badly the proposals of the cells that answer fit."""
        proposed = scene.low[:, cell], scene.high[:, cell]
        true = scene.true_low[:, truth], scene.true_high[:, truth]
        misfit = self.box_share * (1 - generalised_overlap(*proposed, *true))
        if self.edge_share:
            error = edge_error(*proposed, *true, scene.stride[cell])
            misfit = misfit + self.edge_share * error
        return (quality * misfit).sum()


class TaskAligned(BoxLoss):
    """Cells answer that are sure of the class and fit well, both at once (TOOD)."""

    name = "task_aligned"

    def assign(self, scene: Scene) -> Assigned:
        """Choose by chance and overlap."""
        return task_aligned(scene, candidates=self.options.candidates or ALIGNED_CANDIDATES)


class Atss(BoxLoss):
    """Cells answer whose surroundings overlap the box most, by the box's own statistics (ATSS)."""

    name = "atss"

    def assign(self, scene: Scene) -> Assigned:
        """Choose by place and size."""
        return adaptive(scene, candidates=self.options.candidates or ADAPTIVE_CANDIDATES)


def _shape(outputs: Tensor, truth: Tensor) -> tuple[int, int]:
    """Return the number of classes and the rank."""
    rank = (truth.shape[-1] - 1) // 2
    classes = outputs.shape[1] - 3 * rank - 1
    fits = outputs.ndim == truth.ndim == 3 and len(outputs) == len(truth)
    if not fits or rank < 1 or truth.shape[-1] != 1 + 2 * rank or classes < 1:
        raise ShapeError(
            "Outputs and boxes do not fit each other.",
            got=f"outputs {tuple(outputs.shape)}, boxes {tuple(truth.shape)}",
            legal="outputs (cases, classes + 3 · axes + 1, cells), boxes (cases, M, 1 + 2 · axes)",
        )
    return classes, rank


def _read(outputs: Tensor, truth: Tensor, classes: int, rank: int) -> tuple[Tensor, Scene]:
    """Return the logits of one image's cells, and the cells with its boxes."""
    parts = [classes, rank, rank, rank, 1]
    scores, low, high, centre, stride = torch.split(outputs, parts)
    label, true_low, true_high = torch.split(truth[truth[:, 0] >= 0].T, [1, rank, rank])
    scene = Scene(
        functional.logsigmoid(scores.detach()),
        low,
        high,
        centre.detach(),
        stride[0].detach(),
        label[0].long(),
        true_low,
        true_high,
    )
    return scores, scene
