"""Batches of windows are a pure function of seed and step."""

import pytest
import torch

from scanwright.training import window_feed as module
from tests.training.test_stored_windows import batch, feed
from tests.training.window_builders import window_recipe


@pytest.mark.parametrize("threads", [1, 4])
def test_the_same_step_is_fed_the_same_whatever_the_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = window_recipe(3)
    expected = {step: batch(feed(recipe), step) for step in (5, 0, 1)}
    monkeypatch.setattr(module, "READERS", {"cpu": threads})
    fed = feed(recipe)
    for step in (0, 1, 2, 3, 4, 5, 0):
        images, truth = batch(fed, step)
        if step in expected:
            assert torch.equal(images, expected[step][0])
            assert torch.equal(truth, expected[step][1])
    assert not torch.equal(batch(feed(recipe, index=1), 0)[0], expected[0][0])
