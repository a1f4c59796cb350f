"""What every network is: a trunk that makes feature maps, and a head that makes outputs."""

import torch
from torch import Tensor, nn

from scanwright.nets.options import NetworkOptions

FAINT = 0.05
"""Deviation, in units of the 0..1 range, below which an image counts as empty, not as contrast."""


class Standardise(nn.Module):
    """Shift and scale each image to mean 0 and deviation 1, all channels together.

    It stands in the network, not in the preprocessing, because augmentation comes between them:
    exposure and contrast are varied on the 0..1 scale and then largely taken out again.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Standardise (B, C, *space)."""
        axes = list(range(1, images.ndim))
        spread, mean = torch.std_mean(images, dim=axes, keepdim=True, correction=0)
        return (images - mean) / (spread + FAINT)


class Network(nn.Module):
    """A trunk and a head; the feature maps between them are open to explanation.

    Parameters
    ----------
    options
        What the network was built from; with `standardise`, each image is standardised first.
    trunk
        (B, C, *space) → feature maps (B, F, *smaller space).
    head
        Feature maps → (B, outputs), or (B, outputs, *space) where each element has an answer.
    """

    def __init__(self, options: NetworkOptions, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.options = options
        self.entry = Standardise() if options.standardise else nn.Identity()
        self.trunk = trunk
        self.head = head

    def features(self, images: Tensor) -> Tensor:
        """Return the last feature maps before pooling.

        Parameters
        ----------
        images
            Shape (B, C, *space).

        Returns
        -------
        Shape (B, F, *smaller space). `head` turns them into the outputs, so that a gradient
        of an output by the feature maps can be had.
        """
        maps: Tensor = self.trunk(self.entry(images))
        return maps

    def forward(self, images: Tensor) -> Tensor:
        """Return one row of outputs (logits) per case, or per element.

        Parameters
        ----------
        images
            Shape (B, C, *space).

        Returns
        -------
        Shape (B, outputs) or (B, outputs, *space).
        """
        outputs: Tensor = self.head(self.features(images))
        return outputs
