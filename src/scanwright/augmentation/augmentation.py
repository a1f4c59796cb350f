"""Augmentation of whole batches of tensors, 2-D and 3-D: draw, then apply."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from scanwright.augmentation.artefacts import ARTEFACTS, spoil
from scanwright.augmentation.boxes import move_boxes
from scanwright.augmentation.chance import Chance
from scanwright.augmentation.draw import draw_batch
from scanwright.augmentation.drawn import Drawn, Floats, Ints
from scanwright.augmentation.mix import mix
from scanwright.augmentation.options import AugmentationOptions
from scanwright.augmentation.spatial import move, move_masks
from scanwright.augmentation.values import CHANGES, punch
from scanwright.base import LabelError, RecipeError, ShapeError


class Augmentation:
    """Random changes of training images, with their masks and boxes.

    On the processor, float32 images are changed by compiled kernels; elsewhere by torch, to the
    same result within rounding.

    Parameters
    ----------
    options
        What may happen.
    rank
        Number of spatial axes, 2 or 3.
    spacing
        Distance of elements along each axis, in any unit, so that rotations stay rigid; equal when
        not given.

    Raises
    ------
    RecipeError
        The rank is not 2 or 3, or a flip or the spacing does not fit it.
    """

    def __init__(
        self,
        options: AugmentationOptions,
        rank: int,
        spacing: tuple[float, ...] | None = None,
    ) -> None:
        if rank not in (2, 3):
            raise RecipeError("Only images of two or three axes are augmented.", got=rank)
        if any(axis >= rank for axis in options.flips):
            raise RecipeError(
                "There is no such axis to mirror along.",
                got=list(options.flips),
                legal=f"0 to {rank - 1}",
                where="augmentation.flips",
            )
        if spacing is not None and (len(spacing) != rank or min(spacing) <= 0):
            raise RecipeError("There must be one spacing > 0 per axis.", got=spacing, legal=rank)
        self.options = options
        self.rank = rank
        self.spacing = spacing or (1.0,) * rank

    def draw(
        self,
        shape: tuple[int, ...],
        cases: Ints,
        seed: tuple[int, ...],
        window: tuple[int, ...] | None = None,
    ) -> Drawn:
        """Draw all that chance decides about a batch.

        Parameters
        ----------
        shape
            Of each image: (C, *space).
        cases
            Shape (B,): a number >= 0 per image that no other image of this seed has, for example
            epoch * cases + case. What is drawn for an image depends on the seed and this number
            alone, so that neither the order nor the number of workers matters; only mixing looks
            at the batch.
        seed
            Fixes everything.
        window
            Elements that are kept along each axis; all when not given. Kept in the middle, unless
            options say otherwise; what lies around is seen where an image is turned.

        Raises
        ------
        ShapeError
            The shape has another rank, or the window is larger than the images.
        """
        window = shape[1:] if window is None else window
        if len(shape) != self.rank + 1 or len(window) != self.rank:
            raise ShapeError(
                "The images or their window have another rank.",
                got=(shape, window),
                legal=f"a channel and {self.rank} lengths",
            )
        if any(part > whole for part, whole in zip(window, shape[1:], strict=True)):
            raise ShapeError("The window is larger than the images.", got=window, legal=shape[1:])
        return draw_batch(self.options, shape, window, self.spacing, Chance(seed, cases))

    @torch.no_grad()
    def apply(self, images: Tensor, drawn: Drawn, out: Tensor | None = None) -> Tensor:
        """Change a batch as drawn.

        Parameters
        ----------
        images
            Shape (B, C, *space), floats: standardised or roughly in 0..1. Left as they are.
        drawn
            As many rows as images.
        out
            Memory for the result, of its shape and type: fresh memory of a batch can take the
            system longer than the work takes us. Mixed batches are new all the same.

        Returns
        -------
        The same type and device, shape (B, C, *window). The result is the same for an image alone
        and in a batch, but for mixing; mix the targets by `drawn.partner` and `drawn.weight`.

        Raises
        ------
        ShapeError
            The images have another size or number than `drawn`, or no floats.
        """
        self._check(images, drawn)
        if not images.is_floating_point():
            raise ShapeError("Augmentation needs floats.", got=images.dtype)
        if not {1, images.shape[1]} & {drawn.noise.shape[1]}:
            raise ShapeError(
                "What was drawn is for another number of channels.",
                got=images.shape[1],
                legal=drawn.noise.shape[1],
            )
        changed = move(images, _memory(images, drawn, out), drawn, self.options.outside)
        for step in self.options.order:
            if step in ARTEFACTS:
                spoil(changed, drawn, step, self.options)
            else:
                CHANGES[step](changed, drawn, self.options)
        punch(changed, drawn)
        return mix(changed, drawn)

    @torch.no_grad()
    def apply_masks(self, masks: Tensor, drawn: Drawn, out: Tensor | None = None) -> Tensor:
        """Move label maps along the same maps as the images, by the label rule of the options.

        Parameters
        ----------
        masks
            Shape (B, M, *space), integers or truth values. Left as they are.
        drawn, out
            As for the images.

        Returns
        -------
        The same type and device, shape (B, M, *window).

        Raises
        ------
        ShapeError
            The masks have another size or number than `drawn`.
        LabelError
            They hold floats, or images were averaged, which masks cannot be.
        """
        self._check(masks, drawn)
        if masks.is_floating_point():
            raise LabelError("A mask holds integers.", got=masks.dtype)
        if bool(np.any(drawn.weight < 1)):
            raise LabelError(
                "Masks cannot follow images that are mixed.",
                next="set augmentation.mixup_chance and augmentation.cutmix_chance to 0",
            )
        rule = (self.options.outside, self.options.labels)
        return move_masks(masks, _memory(masks, drawn, out), drawn, rule)

    def apply_boxes(
        self, boxes: Sequence[Floats], drawn: Drawn, *, least_share: float = 0.0
    ) -> list[tuple[Floats, Ints]]:
        """Move the boxes of each image along the same map as the image.

        Parameters
        ----------
        boxes
            For each image of the batch, shape (N, D, 2): low and high edge along each axis, in
            index units; the element with index i covers [i - 0.5, i + 0.5].
        drawn
            As for the images.
        least_share
            Boxes of whose volume less than this stays in the window are left out.

        Returns
        -------
        For each image the boxes around what the old ones held, cut to the window, shape (M, D, 2),
        and which of the old ones they are, shape (M,).

        Raises
        ------
        ShapeError
            There are not as many sets of boxes as images, or one has another shape.
        """
        if len(boxes) != len(drawn):
            raise ShapeError("Each image has its boxes.", got=len(boxes), legal=len(drawn))
        for one in boxes:
            if one.ndim != 3 or one.shape[1:] != (self.rank, 2):
                raise ShapeError(
                    "Boxes have a low and a high edge per axis.",
                    got=one.shape,
                    legal=f"(N, {self.rank}, 2)",
                )
        return [
            move_boxes(one, drawn, row, least_share=least_share) for row, one in enumerate(boxes)
        ]

    def _check(self, batch: Tensor, drawn: Drawn) -> None:
        if (
            batch.ndim != self.rank + 2
            or len(batch) != len(drawn)
            or tuple(batch.shape[2:]) != drawn.size
        ):
            raise ShapeError(
                "The batch does not fit what was drawn.",
                got=tuple(batch.shape),
                legal=f"({len(drawn)}, C, {', '.join(map(str, drawn.size))})",
            )


def _memory(batch: Tensor, drawn: Drawn, out: Tensor | None) -> Tensor:
    """Return memory for the result: what was given, if it fits."""
    shape = (*batch.shape[:2], *drawn.window)
    if out is None:
        return batch.new_empty(shape)
    if out.shape != shape or out.dtype != batch.dtype or not out.is_contiguous():
        raise ShapeError(
            "The memory does not fit the result.",
            got=f"{tuple(out.shape)} of {out.dtype}",
            legal=f"{shape} of {batch.dtype}, contiguous",
        )
    return out
