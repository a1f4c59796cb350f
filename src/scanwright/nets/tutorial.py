"""The small convolutional network of the textbooks: two convolutions, two poolings, two dense."""

from torch import nn

from scanwright.nets.blocks import CONV, scaled
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, check_size, refuse_knobs
from scanwright.nets.pooling import RectifiedMaxPool

KERNEL = 3
POOL = 2
SMALLEST = 10
WIDTHS = (32, 64, 64)
MISSING = ("spacing_mm", "depth", "stem_stride", "norm", "drop_path", "zero_last")


def tutorial(options: NetworkOptions) -> Network:
    """Build Conv 32 – ReLU – max pool – Conv 64 – ReLU – max pool – dense 64 – ReLU – dense K.

    Convolutions are 3 wide and "valid" (no padding), poolings 2 wide. It takes the size it was
    built for and no other. For 28 × 28 × 1 and 10 outputs it has 121,930 parameters:
    320 + 18,496 + 102,464 + 650. The softmax is in the loss and in the decoder.

    Raises
    ------
    RecipeError
        The input is smaller than 10 along an axis, or a setting is given that it lacks.
    """
    refuse_knobs("tutorial", options, MISSING)
    check_size("tutorial", options, SMALLEST)
    rank = options.rank
    first, second, dense = (scaled(wide, options.width) for wide in WIDTHS)
    trunk = nn.Sequential(
        CONV[rank](options.channels, first, KERNEL),
        RectifiedMaxPool(rank),
        CONV[rank](first, second, KERNEL),
    )
    elements = second
    for edge in options.size:
        elements *= _shrunk(_shrunk(edge))
    head = nn.Sequential(
        RectifiedMaxPool(rank),
        nn.Flatten(),
        nn.Linear(elements, dense),
        nn.ReLU(),
        nn.Dropout(options.dropout),
        nn.Linear(dense, options.outputs),
    )
    return Network(options, trunk, head)


def _shrunk(edge: int) -> int:
    """Return the edge after one valid convolution and one pooling."""
    return (edge - KERNEL + 1) // POOL
