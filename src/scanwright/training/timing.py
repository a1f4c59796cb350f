"""How long training takes on this machine, from a few steps on made-up images."""

import time

import numpy as np
import torch

from scanwright.inference import Compute, forward
from scanwright.recipe import Recipe
from scanwright.training.member import Member

COUNTED = 4


def time_training(recipe: Recipe, compute: Compute) -> float:
    """Return the seconds that one image costs in forward and backward passes, the least of four."""
    member = Member.start(recipe, 0, 1, compute.device)
    generator = torch.Generator().manual_seed(0)
    shape = (recipe.training.batch, recipe.network.channels, *recipe.network.size)
    images = torch.rand(shape, generator=generator).to(compute.device)
    member.network.train()
    times = []
    for index in range(1 + COUNTED):
        started = time.perf_counter()
        torch.autograd.backward(forward(member.network, images, compute).square().mean())
        member.optimiser.step()
        member.optimiser.zero_grad(set_to_none=True)
        compute.wait()
        if index:
            times.append(time.perf_counter() - started)
    return float(np.min(times)) / recipe.training.batch
