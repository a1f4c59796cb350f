"""Losses for masks: how well chances and truth overlap, plus how sure each element is of it."""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from scanwright.losses.decode import wide
from scanwright.losses.loss import Loss
from scanwright.losses.mask_terms import boundary_loss, cross_entropy, overlap_loss
from scanwright.losses.mask_truth import Elements, Exclusive, Kind, Overlapping, resized_truth
from scanwright.losses.options import BOUNDARY_SHARE, FOCAL_GAMMA, FOCAL_POWER, MISSED

COARSER = 0.5
"""Weight of each answer under deep supervision, in units of that of the next finer one."""


class MaskLoss(Loss):
    """A loss for masks: the mean over cases, unless `batch_dice` pools them.

    Logits have the shape (B, outputs, *space), or are a tuple of such, the finest first, each
    weighted half as much as the one before (deep supervision as in nnU-Net); the truth is made
    coarser by picking, so that no label is made up. A subclass names the terms; its kind says
    how logits and truth are read (see mask_truth).
    """

    kind: ClassVar[Kind]

    def forward(self, logits: Tensor | tuple[Tensor, ...], target: Tensor) -> Tensor:
        """Return the loss.

        Parameters
        ----------
        logits
            Shape (B, outputs, *space), or a tuple of such.
        target
            Shape (B, *space) with 0..K for classes, (B, K, *space) with 0 and 1 for regions;
            -1 where nothing is known.

        Raises
        ------
        ShapeError
            Outputs and truth do not fit each other.
        """
        levels = logits if isinstance(logits, tuple) else (logits,)
        shares = [COARSER**level for level in range(len(levels))]
        # Half precision, if asked for outside, ends here.
        with torch.autocast(levels[0].device.type, enabled=False):
            costs = [
                share * self._cost(level, resized_truth(target, level.shape[2:]))
                for share, level in zip(shares, levels, strict=True)
            ]
        return torch.stack(costs).sum() / sum(shares)

    def decode(self, logits: Tensor) -> Tensor:
        """Turn logits (B, outputs, *space) into probabilities of the same shape."""
        return self.kind.decode(logits)

    def mass(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the number of cases about which something is known."""
        return self.kind.cases(target).sum().double()

    def outputs(self, classes: int) -> int:
        """Return the number of logits for so many classes or regions, background apart."""
        return classes + self.kind.extra

    def _cost(self, logits: Tensor, target: Tensor) -> Tensor:
        logits = wide(logits)
        weights = self.weights_for(logits.shape[1], logits)
        return self.terms(self.kind.read(logits, target, weights))

    @abstractmethod
    def terms(self, elements: Elements) -> Tensor:
        """Return the sum of the terms."""


class DiceCrossEntropy(MaskLoss):
    """Soft Dice plus cross-entropy, nnU-Net's loss: L = (1 - mean Dice) + CE."""

    name = "dice_cross_entropy"
    knobs = ("weights", "batch_dice")
    kind: ClassVar[Kind] = Exclusive()

    def terms(self, elements: Elements) -> Tensor:
        """Return both terms."""
        dice = overlap_loss(elements, is_batch=self.options.batch_dice)
        return dice + cross_entropy(elements)


class DiceBinaryCrossEntropy(DiceCrossEntropy):
    """Soft Dice plus binary cross-entropy, for regions that overlap."""

    name = "dice_binary_cross_entropy"
    kind: ClassVar[Kind] = Overlapping()


class DiceFocal(MaskLoss):
    """Soft Dice plus the focal loss, which passes over elements that are easy."""

    name = "dice_focal"
    knobs = ("weights", "batch_dice", "gamma")
    kind: ClassVar[Kind] = Exclusive()

    def terms(self, elements: Elements) -> Tensor:
        """Return both terms."""
        gamma = FOCAL_GAMMA if self.options.gamma is None else self.options.gamma
        dice = overlap_loss(elements, is_batch=self.options.batch_dice)
        return dice + cross_entropy(elements, gamma)


class DiceBinaryFocal(DiceFocal):
    """Soft Dice plus the binary focal loss, for regions that overlap."""

    name = "dice_binary_focal"
    kind: ClassVar[Kind] = Overlapping()


class TverskyCrossEntropy(MaskLoss):
    """Tversky overlap plus cross-entropy: what is missed weighs more than what is too much."""

    name = "tversky_cross_entropy"
    knobs = ("weights", "batch_dice", "missed")
    kind: ClassVar[Kind] = Exclusive()

    def terms(self, elements: Elements) -> Tensor:
        """Return both terms."""
        return self.overlap(elements, 1.0) + cross_entropy(elements)

    def overlap(self, elements: Elements, power: float) -> Tensor:
        """Return the overlap's term."""
        missed = MISSED if self.options.missed is None else self.options.missed
        is_batch = self.options.batch_dice
        return overlap_loss(elements, missed=missed, power=power, is_batch=is_batch)


class TverskyBinaryCrossEntropy(TverskyCrossEntropy):
    """Tversky overlap plus binary cross-entropy, for regions that overlap."""

    name = "tversky_binary_cross_entropy"
    kind: ClassVar[Kind] = Overlapping()


class FocalTversky(TverskyCrossEntropy):
    """Focal Tversky loss plus cross-entropy: dwells on classes that are badly found."""

    name = "focal_tversky"

    def terms(self, elements: Elements) -> Tensor:
        """Return both terms."""
        return self.overlap(elements, FOCAL_POWER) + cross_entropy(elements)


class BinaryFocalTversky(FocalTversky):
    """Focal Tversky loss plus binary cross-entropy, for regions that overlap."""

    name = "binary_focal_tversky"
    kind: ClassVar[Kind] = Overlapping()


class DiceBoundary(MaskLoss):
    """Soft Dice, cross-entropy and a term on rims, for structures that are thin or tiny."""

    name = "dice_boundary"
    knobs = ("weights", "batch_dice", "boundary")
    kind: ClassVar[Kind] = Exclusive()

    def terms(self, elements: Elements) -> Tensor:
        """Return the three terms."""
        asked = self.options.boundary
        share = BOUNDARY_SHARE if asked is None else asked
        dice = overlap_loss(elements, is_batch=self.options.batch_dice)
        return dice + cross_entropy(elements) + share * boundary_loss(elements)


class DiceBinaryBoundary(DiceBoundary):
    """Soft Dice, binary cross-entropy and a term on rims, for regions that overlap."""

    name = "dice_binary_boundary"
    kind: ClassVar[Kind] = Overlapping()
