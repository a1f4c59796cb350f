"""What every network is: a trunk that makes feature maps, and a head that makes outputs."""

from torch import Tensor, nn

from scanwright.nets.options import NetworkOptions


class Network(nn.Module):
    """A trunk and a head; the feature maps between them are open to explanation.

    Parameters
    ----------
    options
        What the network was built from.
    trunk
        (B, C, *space) → feature maps (B, F, *smaller space).
    head
        Feature maps → (B, outputs).
    """

    def __init__(self, options: NetworkOptions, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.options = options
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
        maps: Tensor = self.trunk(images)
        return maps

    def forward(self, images: Tensor) -> Tensor:
        """Return one row of outputs (logits) per case.

        Parameters
        ----------
        images
            Shape (B, C, *space).

        Returns
        -------
        Shape (B, outputs).
        """
        outputs: Tensor = self.head(self.trunk(images))
        return outputs
