"""The views of an image over which a network's outputs are averaged."""

from collections.abc import Iterator
from typing import Annotated

import torch
from pydantic import Field
from torch.nn import functional

from scanwright.base import Options, option

Scale = Annotated[float, Field(ge=0.5, le=2.0)]


class Views(Options):
    """What is shown to the network besides the image itself.

    What leaves the image is cut, and what enters it is 0, as in training.
    """

    flips: tuple[int, ...] = option((), help="Spatial axes along which predictions are averaged.")
    shift: float = option(
        0.0, low=0.0, high=0.3, help="Shift along each axis, both ways, as a share; 0 for none."
    )
    scales: tuple[Scale, ...] = option((), help="Factors by which the image is also seen larger.")

    def count(self, rank: int) -> int:
        """Return how many views there are of an image with so many spatial axes."""
        moved = 1 + len(self.scales) + (2 * rank if self.shift else 0)
        return moved * (1 + len(self.flips))

    def of(self, images: torch.Tensor) -> Iterator[torch.Tensor]:
        """Give every view of (B, C, *size), the images themselves first."""
        for moved in self._moved(images):
            yield moved
            for axis in self.flips:
                yield moved.flip(axis + 2)

    def _moved(self, images: torch.Tensor) -> Iterator[torch.Tensor]:
        yield images
        if self.shift:
            for axis, edge in enumerate(images.shape[2:]):
                elements = max(1, round(self.shift * edge))
                yield _shifted(images, axis, elements)
                yield _shifted(images, axis, -elements)
        for factor in self.scales:
            yield _scaled(images, factor)


AS_IT_IS = Views()
"""The image alone."""


def _shifted(images: torch.Tensor, axis: int, elements: int) -> torch.Tensor:
    """Shift by whole elements, towards higher indices where positive."""
    after = images.ndim - 3 - axis  # `pad` names the last axis first
    return functional.pad(images, (0, 0) * after + (elements, -elements))


def _scaled(images: torch.Tensor, factor: float) -> torch.Tensor:
    """Scale about the centre, linear between elements."""
    rank = images.ndim - 2
    matrix = torch.zeros(rank, rank + 1, device=images.device)
    matrix[:, :rank] = torch.eye(rank, device=images.device) / factor
    places = functional.affine_grid(
        matrix.expand(len(images), -1, -1), list(images.shape), align_corners=False
    )
    return functional.grid_sample(
        images.float(), places, mode="bilinear", padding_mode="zeros", align_corners=False
    )
