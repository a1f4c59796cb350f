"""Batches from several pools of cases at once, each with its share."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from scanwright.training.material import Batch, Feed


@dataclass(frozen=True, slots=True)
class PooledFeed:
    """Feeds whose batches are learnt from as one: labelled cases, and cases that were guessed.

    Each pool's part of a batch is a pass of its own, so truths may differ in form (classes and
    shares of them), and counts by its mass in the loss. How many images each pool adds is the size
    of its feed's own batches.

    Parameters
    ----------
    feeds
        The first says what an epoch is.
    """

    feeds: Sequence[Feed]

    @property
    def steps_per_epoch(self) -> float:
        """Steps in which the first pool is seen once."""
        return self.feeds[0].steps_per_epoch

    def batch_at(self, step: int) -> Batch:
        """Return batch `step`, counted from 0."""
        batches = [feed.batch_at(step) for feed in self.feeds]
        images = sum(batch.images for batch in batches)
        return Batch(images, chain.from_iterable(batch.parts for batch in batches))
