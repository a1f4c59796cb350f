"""A network that finds by formula: a box of known edges around each peak of the image."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from scanwright.image import Geometry, Image
from scanwright.nets import Cells

BELOW, ABOVE = 2.5, 3.5
"""How far a box reaches from its peak."""

POOLS = {2: functional.max_pool2d, 3: functional.max_pool3d}


class Spots(nn.Module):
    """Proposes a box of class 0 around peaks from 0.4, of class 1 around those from 0.7.

    The log-odds are `steep` times the peak's height; elsewhere they are -20.
    """

    def __init__(self, steep: float = 4.0, shift: float = 0.0) -> None:
        super().__init__()
        self.steep, self.shift = steep, shift

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        rank, size = images.ndim - 2, images.shape[2:]
        is_peak = (POOLS[rank](images, 3, 1, 1) == images) & (images > 0.4)
        score = torch.where(is_peak, self.steep * images, torch.full_like(images, -20.0))
        nothing = torch.full_like(images, -20.0)
        low = torch.where(images < 0.7, score, nothing)
        high = torch.where(images < 0.7, nothing, score)
        logits = torch.cat([low, high], dim=1).flatten(2)
        grid = torch.meshgrid(*(torch.arange(n, dtype=torch.float32) for n in size), indexing="ij")
        centre = torch.stack(grid).flatten(1).expand(len(images), -1, -1) + self.shift
        stride = torch.ones_like(centre[:, :1])
        return Cells(logits, centre - BELOW, centre + ABOVE, centre, stride).joined()


def image_of(
    spots: dict[tuple[int, ...], float], size: tuple[int, ...], spacing_mm: float = 1.0
) -> Image:
    """Return an image that is 0 but for single elements."""
    array = np.zeros((1, *size), dtype=np.float32)
    for place, value in spots.items():
        array[(0, *place)] = value
    rank = len(size)
    return Image(array, Geometry.axial((spacing_mm,) * rank, (4.0, -3.0, 8.0)))


def edges_around(spots: dict[tuple[int, ...], float], size: tuple[int, ...]) -> np.ndarray:
    """Return the boxes around spots, cut to the image, shape (N, D, 2)."""
    places = np.array(list(spots), dtype=np.float64)
    edges = np.stack([places - BELOW, places + ABOVE], axis=2)
    return np.clip(edges, -0.5, np.array(size)[:, None] - 0.5)
