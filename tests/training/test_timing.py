import torch

from scanwright.training import time_training
from tests.training.builders import CPU, toy_recipe


def test_an_image_costs_some_time_and_larger_ones_cost_more() -> None:
    small = toy_recipe(network__name="compact", network__width=0.25)
    large = small.changed({"network.size": (64, 64)})
    small_seconds, large_seconds = (time_training(recipe, CPU) for recipe in (small, large))
    assert 0 < small_seconds < 1
    assert large_seconds > small_seconds


def test_timing_leaves_the_global_randomness_alone() -> None:
    before = torch.get_rng_state()
    time_training(toy_recipe(network__dropout=0.0), CPU)
    assert torch.equal(torch.get_rng_state(), before)
