"""Augmentation of whole batches of tensors, 2-D and 3-D: draw, then apply."""

import numpy as np
import torch
from torch import Tensor

from scanwright.augmentation.drawn import Drawn, draw_batch
from scanwright.augmentation.mix import mix
from scanwright.augmentation.options import AugmentationOptions
from scanwright.augmentation.spatial import flip, move
from scanwright.augmentation.values import bend, blur, coarsen, punch, vary
from scanwright.base import RecipeError, ShapeError


class Augmentation:
    """Random changes of training images.

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

    def draw(self, batch: int, size: tuple[int, ...], rng: np.random.Generator) -> Drawn:
        """Draw all that chance decides about a batch of images of `size` elements."""
        if len(size) != self.rank:
            raise ShapeError("The size has another rank.", got=size, legal=f"{self.rank} lengths")
        return draw_batch(self.options, batch, size, self.spacing, rng)

    @torch.no_grad()
    def apply(self, images: Tensor, drawn: Drawn) -> Tensor:
        """Change a batch as drawn.

        Parameters
        ----------
        images
            Shape (B, C, *space), floats: standardised or roughly in 0..1. Left as they are.
        drawn
            As many rows as images.

        Returns
        -------
        The same shape, type and device. The result is the same for an image alone and in a batch,
        but for mixing; mix the targets by `drawn.partner` and `drawn.weight`.

        Raises
        ------
        ShapeError
            The images have another rank or number than `drawn`, or no floats.
        """
        if images.ndim != self.rank + 2 or len(images) != len(drawn):
            raise ShapeError(
                "The batch does not fit what was drawn.",
                got=tuple(images.shape),
                legal=f"({len(drawn)}, C, {self.rank} spatial axes)",
            )
        if not images.is_floating_point():
            raise ShapeError("Augmentation needs floats.", got=images.dtype)
        changed = images.clone(memory_format=torch.contiguous_format)
        flip(changed, drawn.flips)
        move(changed, drawn, self.options.outside)
        blur(changed, drawn)
        coarsen(changed, drawn)
        vary(changed, drawn)
        bend(changed, drawn)
        punch(changed, drawn)
        return mix(changed, drawn)
