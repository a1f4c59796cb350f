from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from scanwright.losses import build_loss
from scanwright.training import ImageRows, Means, Phase, PooledFeed
from scanwright.training.loop import _backward
from scanwright.training.member import Member
from tests.training.builders import CPU, toy_fit, toy_folds, toy_images, toy_recipe, toy_truth

MEANS = Means(CPU, 1 << 30)


def pools() -> tuple[Phase, Phase]:
    """Return labelled cases, and as many guessed ones with shares of the classes as truth."""
    shares = np.stack([np.full(32, 0.3), np.full(32, 0.7)], axis=1)
    known = ImageRows(toy_images(), toy_truth("classes"))
    guessed = ImageRows(toy_images(1), shares)
    fold = toy_folds()[0]
    return (
        known.phases(toy_recipe(training__batch=6), fold, 0, MEANS)[0],
        guessed.phases(toy_recipe(training__batch=2), fold, 0, MEANS)[0],
    )


def test_each_pool_gives_its_share_of_a_batch() -> None:
    known, guessed = pools()
    feed = PooledFeed((known.feed, guessed.feed))
    batch = feed.batch_at(3)
    parts = list(batch.parts)
    assert (batch.images, [len(images) for images, _ in parts]) == (8, [6, 2])
    assert [truth.dtype for _, truth in parts] == [torch.int64, torch.float32]
    assert torch.equal(parts[0][0], next(known.feed.batch_at(3).parts)[0])
    assert feed.steps_per_epoch == known.feed.steps_per_epoch == 4


def test_a_pooled_batch_is_learnt_as_one(tmp_path: Path) -> None:
    """Its slope is that of the mean over all cases, whatever pool they come from."""
    known, guessed = pools()
    recipe = toy_recipe(network__dropout=0.0)
    job = toy_fit(tmp_path, recipe)._job(0)
    loss = build_loss("cross_entropy")
    feed = PooledFeed((known.feed, guessed.feed))
    member = Member.start(recipe, 0, 5, CPU.device)
    total = _backward(member, job, feed.batch_at(0), loss)
    slopes = [p.grad.clone() for p in member.network.parameters() if p.grad is not None]
    (first, classes), (second, shares) = list(feed.batch_at(0).parts)
    member.network.zero_grad()
    truth = torch.cat([torch.nn.functional.one_hot(classes, 2).float(), shares])
    whole = loss(member.network(torch.cat([first, second])), truth)
    whole.backward()
    assert abs(total - whole.item()) < 1e-5
    assert replace(known, start=0.5).start == 0.5
    for one, parameter in zip(slopes, member.network.parameters(), strict=True):
        torch.testing.assert_close(one, parameter.grad, atol=1e-5, rtol=1e-3)
