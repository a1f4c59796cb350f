import numpy as np
import pytest
import torch
from torch import nn

from scanwright.image import LabelScheme
from scanwright.training import Means
from scanwright.training.window_judge import WindowJudge, pooled_counts
from tests.training.builders import CPU
from tests.training.window_builders import REGIONS, TWO, toy_store, window_recipe

MEANS = Means(CPU, 1 << 30)
ROWS = np.arange(4)


class Reads(nn.Module):
    """Tells the labels of the toy cases by their brightness."""

    def __init__(self, scheme: LabelScheme) -> None:
        super().__init__()
        self.scheme = scheme

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Take (B, 1, *size), give logits."""
        levels = torch.stack([-(images[:, 0] - level).abs() for level in (0.0, 2.0, 1.0)], dim=1)
        if self.scheme.is_exclusive:
            return 10 * levels
        whole, core = images[:, 0] - 0.5, images[:, 0] - 1.5
        return 10 * torch.stack([whole, core], dim=1)


def judge(rank: int = 2, scheme: LabelScheme = TWO, most: int = 100) -> WindowJudge:
    return WindowJudge.of(window_recipe(rank, scheme), toy_store(rank, scheme), ROWS, most, MEANS)


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("scheme", [TWO, REGIONS], ids=["classes", "regions"])
def test_who_reads_the_labels_is_judged_well_and_who_does_not_is_not(
    rank: int, scheme: LabelScheme
) -> None:
    one = judge(rank, scheme)
    good = one.verdict(Reads(scheme))
    assert good.merit > 0.9
    assert good.merit == pytest.approx(np.mean(list(good.more.values())))
    assert set(good.more) == {f"dice of {name}" for name in scheme.names}
    blind = (
        one.verdict(nn.Conv2d(1, 3, 1) if rank == 2 else nn.Conv3d(1, 3, 1))
        if (scheme.is_exclusive)
        else None
    )
    assert blind is None or (blind.merit < good.merit and blind.loss > good.loss)


def test_what_is_not_known_does_not_count() -> None:
    logits = torch.zeros(1, 3, 2, 2)
    logits[0, 1] = 1.0  # all is label 1
    truth = torch.tensor([[[1, 2], [-1, 0]]])
    both, outline, inside = pooled_counts(logits, truth)
    assert (both.tolist(), outline.tolist(), inside.tolist()) == ([1, 0], [3, 0], [1, 1])
    regions = torch.tensor([[[[1.0, -1.0]], [[0.0, 1.0]]]])
    both, outline, inside = pooled_counts(torch.ones(1, 2, 1, 2), regions)
    assert (both.tolist(), outline.tolist(), inside.tolist()) == ([1, 1], [1, 2], [1, 1])


def test_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4, 3, 5, 5, generator=generator)
    truth = torch.randint(-1, 3, (4, 5, 5), generator=generator)
    parts = sum(pooled_counts(logits[i : i + 1], truth[i : i + 1]) for i in range(4))
    np.testing.assert_array_equal(parts, pooled_counts(logits, truth))


def test_a_label_that_is_nowhere_does_not_count() -> None:
    class Nothing(nn.Module):
        def __init__(self, names: int) -> None:
            super().__init__()
            self.logits = (1.0, *(0.0,) * names)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            """Call all background."""
            return torch.stack([images[:, 0] * 0 + one for one in self.logits], dim=1)

    verdict = judge().verdict(Nothing(2))
    assert verdict.merit == 0.0
    store = toy_store(scheme=LabelScheme.of_classes(("core", "shell", "third")))
    recipe = window_recipe(scheme=store.scheme)
    more = WindowJudge.of(recipe, store, ROWS, 100, MEANS).verdict(Nothing(3)).more
    assert set(more) == {"dice of core", "dice of shell"}
