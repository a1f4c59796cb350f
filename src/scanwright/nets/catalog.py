"""The networks by name, and the one function that builds them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scanwright.base import Catalog
from scanwright.nets.compact import compact
from scanwright.nets.densenet import densenet121
from scanwright.nets.detector import detector
from scanwright.nets.monai_networks import MONAI_PREFIX, monai_answers, monai_network
from scanwright.nets.network import Network
from scanwright.nets.options import OTHERS_KNOBS, NetworkOptions, refuse_knobs
from scanwright.nets.resnet import resnet18, resnet50
from scanwright.nets.seed import Seed, as_generator, contained_randomness, seed_weights
from scanwright.nets.tutorial import tutorial
from scanwright.nets.unet import unet, unet_light, unet_residual

Builder = Callable[[NetworkOptions], Network]
"""Makes a network of the shape asked for; its weights are drawn afterwards."""

Answer = Literal["case", "element", "box"]
"""What a network gives its outputs for: each case, each element of the image, or boxes in it."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Marks a builder whose networks do not answer for a whole case.

    Parameters
    ----------
    answer
        "element": they outline. "box": they find.
    build
        The builder itself.
    """

    answer: Answer
    build: Builder

    def __call__(self, options: NetworkOptions) -> Network:
        """Build the network."""
        return self.build(options)


NETWORKS: Catalog[Builder] = Catalog(
    "network",
    {
        "compact": compact,
        "densenet121": densenet121,
        "detector": Answering("box", detector),
        "resnet18": resnet18,
        "resnet50": resnet50,
        "tutorial": tutorial,
        "unet": Answering("element", unet),
        "unet_light": Answering("element", unet_light),
        "unet_residual": Answering("element", unet_residual),
    },
    group="scanwright.networks",
)


def answer_of(name: str) -> Answer:
    """Say what the networks of a name answer for.

    Parameters
    ----------
    name
        A name in NETWORKS, or `monai:NAME`; nothing is built and MONAI is not imported.

    Raises
    ------
    RecipeError
        The name is unknown.

    Examples
    --------
    >>> answer_of("resnet18"), answer_of("unet"), answer_of("monai:SegResNet")
    ('case', 'element', 'element')
    """
    if name.startswith(MONAI_PREFIX):
        return monai_answers(name.removeprefix(MONAI_PREFIX))
    builder = NETWORKS[name]
    return builder.answer if isinstance(builder, Answering) else "case"


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
    refuse_knobs(name, options, OTHERS_KNOBS[answer_of(name)])
    generator = as_generator(seed)
    with contained_randomness(generator):
        if name.startswith(MONAI_PREFIX):
            # MONAI's networks keep the first weights that MONAI gives them.
            return monai_network(name.removeprefix(MONAI_PREFIX), options)
        network = NETWORKS[name](options)
    seed_weights(network, generator)
    return network
