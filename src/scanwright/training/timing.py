"""How long training takes on this machine, from a few steps on made-up images."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from scanwright.inference import Compute
from scanwright.recipe import Recipe
from scanwright.training.forward import finest, logits_of
from scanwright.training.member import Member

COUNTED = 4


def side_by_side(count: int, work: Callable[[], float]) -> float:
    """Do the same work `count` times at once and return the mean of what it returns.

    Cores share caches, memory and often their arithmetic units, so what a step costs alone says
    little of what it costs among others. Threads suffice to see that: torch computes without
    holding Python's lock.
    """
    with ThreadPoolExecutor(count) as pool:
        return float(np.mean([done.result() for done in [pool.submit(work) for _ in range(count)]]))


def time_training(recipe: Recipe, compute: Compute, workers: int = 1) -> float:
    """Return the seconds that one image costs in forward and backward passes.

    With several workers, each trains a network of its own, and the cost is shared among them.
    """
    return side_by_side(workers, lambda: _time_alone(recipe, compute)) / workers


def _time_alone(recipe: Recipe, compute: Compute) -> float:
    member = Member.start(recipe, 0, 1, compute.device)
    generator = torch.Generator().manual_seed(0)
    shape = (recipe.training.batch, recipe.network.channels, *recipe.network.size)
    images = torch.rand(shape, generator=generator).to(compute.device)
    member.network.train()
    times = []
    for index in range(1 + COUNTED):
        started = time.perf_counter()
        logits = finest(logits_of(member.network, images, compute))
        torch.autograd.backward(logits.square().mean())
        member.optimiser.step()
        member.optimiser.zero_grad(set_to_none=True)
        compute.wait()
        if index:
            times.append(time.perf_counter() - started)
    return float(np.median(times)) / recipe.training.batch
