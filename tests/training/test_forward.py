import torch
from torch import nn

from scanwright.inference import Compute
from scanwright.training.forward import finest, logits_of

BFLOAT = Compute(torch.device("cpu"), torch.bfloat16, 1)


class Several(nn.Module):
    """Answers at two sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = nn.Conv2d(1, 2, 1)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Take (B, 1, H, W)."""
        return self.answer(images), self.answer(images[..., ::2, ::2])


def test_logits_become_float32_whatever_was_computed_in() -> None:
    images = torch.ones(1, 1, 4, 4)
    assert logits_of(nn.Conv2d(1, 2, 1), images, BFLOAT).dtype == torch.float32
    several = logits_of(Several(), images, BFLOAT)
    assert [tuple(one.shape) for one in several] == [(1, 2, 4, 4), (1, 2, 2, 2)]
    assert all(one.dtype == torch.float32 for one in several)


def test_the_finest_is_the_first_of_several_or_the_only_one() -> None:
    images = torch.ones(1, 1, 4, 4)
    several = logits_of(Several(), images, BFLOAT)
    assert finest(several) is several[0]
    assert finest(several[1]) is several[1]
