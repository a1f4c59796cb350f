"""The networks by name, and the one function that builds them."""

from collections.abc import Callable

from scanwright.base import Catalog
from scanwright.nets.compact import compact
from scanwright.nets.densenet import densenet121
from scanwright.nets.monai_networks import MONAI_PREFIX, monai_network
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions
from scanwright.nets.resnet import resnet18, resnet50
from scanwright.nets.seed import Seed, as_generator, contained_randomness, seed_weights
from scanwright.nets.tutorial import tutorial

Builder = Callable[[NetworkOptions], Network]
"""Makes a network of the shape asked for; its weights are drawn afterwards."""

NETWORKS: Catalog[Builder] = Catalog(
    "network",
    {
        "compact": compact,
        "densenet121": densenet121,
        "resnet18": resnet18,
        "resnet50": resnet50,
        "tutorial": tutorial,
    },
    group="scanwright.networks",
)


def build_network(name: str, options: NetworkOptions, *, seed: Seed = 0) -> Network:
    """Build a network with weights that depend on the seed alone.

    Parameters
    ----------
    name
        A name in NETWORKS, or `monai:NAME` for one in MONAI_NETWORKS.
    options
        Shape of the input, number of outputs, knobs.
    seed
        A whole number, or a CPU generator that is advanced. torch's global generator is left
        as it was.

    Raises
    ------
    RecipeError
        The name is unknown, the input is too small, or a setting does not belong to it.
    ResourceError
        `monai:NAME` is asked for and MONAI is not installed.

    Examples
    --------
    >>> network = build_network("tutorial", NetworkOptions(size=(28, 28), outputs=10), seed=1)
    >>> sum(weight.numel() for weight in network.parameters())
    121930
    """
    generator = as_generator(seed)
    with contained_randomness(generator):
        if name.startswith(MONAI_PREFIX):
            # MONAI's networks keep the first weights that MONAI gives them.
            return monai_network(name.removeprefix(MONAI_PREFIX), options)
        network = NETWORKS[name](options)
    seed_weights(network, generator)
    return network
