"""First weights, drawn from a generator that is handed in; the global one is left as it was."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

from scanwright.nets.network import Network

RELU_GAIN = 2.0
LAST_GAIN = 0.01
Seed = int | torch.Generator
"""A whole number, or a CPU generator that is advanced."""


def as_generator(seed: Seed) -> torch.Generator:
    """Return a CPU generator for a seed."""
    if isinstance(seed, torch.Generator):
        return seed
    return torch.Generator().manual_seed(seed)


@contextmanager
def contained_randomness(generator: torch.Generator) -> Iterator[None]:
    """Let code that draws from torch's global CPU generator draw from a seed of ours.

    The global state is put back on leaving.
    """
    seed = int(torch.randint(2**62, (), generator=generator, device="cpu"))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


@torch.no_grad()
def seed_weights(network: Network, generator: torch.Generator) -> None:
    """Draw all weights of a network, in the order of its modules.

    Convolutions and dense layers are normal with variance 2 / fan-in, which keeps the size of
    the signal through a ReLU (He et al. 2015, Delving deep into rectifiers, equation 10). The
    last layer of a head has variance 0.01 / fan-in, so that training starts from nearly equal
    chances for all classes. Biases are 0, or the `first_bias` of their layer; a normalisation
    starts as factor 1 and shift 0. With `zero_last`, the module that each residual block calls
    its `last` starts as 0, so that the block is the identity (Goyal et al. 2017, Accurate, large
    minibatch SGD, section 5.1).
    """
    lasts = _last_layers(network)
    for module in network.modules():
        if isinstance(module, _ConvNd | nn.Linear):
            gain = LAST_GAIN if module in lasts else RELU_GAIN
            _draw_normal(module.weight, gain, generator)
            if module.bias is not None:
                module.bias.fill_(getattr(module, "first_bias", 0.0))
        elif isinstance(module, _NormBase | nn.GroupNorm):
            _reset_norm(module)
    if network.options.zero_last:
        for module in network.modules():
            if isinstance(last := getattr(module, "last", None), nn.Module):
                _zero(last)


def _last_layers(network: Network) -> list[nn.Module]:
    """Return the last layer with weights of every head, or of each of its `answers`."""
    heads = [
        *getattr(network.head, "answers", [network.head]),
        *getattr(network, "coarse_heads", ()),
    ]
    found = [
        [module for module in head.modules() if isinstance(module, _ConvNd | nn.Linear)]
        for head in heads
    ]
    return [layers[-1] for layers in found if layers]


def _draw_normal(weight: Tensor, gain: float, generator: torch.Generator) -> None:
    fan_in = weight[0].numel()
    weight.copy_(torch.randn(weight.shape, generator=generator) * math.sqrt(gain / fan_in))


def _reset_norm(module: _NormBase | nn.GroupNorm) -> None:
    if module.weight is not None:
        module.weight.fill_(1)
        module.bias.zero_()
    if isinstance(module, _NormBase):
        module.reset_running_stats()


def _zero(last: nn.Module) -> None:
    for parameter in last.parameters(recurse=False):
        parameter.zero_()
