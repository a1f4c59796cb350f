"""Views of an image: which there are, and that each is what it says."""

import pytest
import torch

from scanwright.base import RecipeError
from scanwright.inference import AS_IT_IS, Views


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_there_are_as_many_views_as_are_counted(rank: int) -> None:
    images = torch.rand(2, 1, *(6, 7, 8)[:rank]) if rank > 1 else torch.rand(2, 1, 6)
    for views in (AS_IT_IS, Views(flips=(0,)), Views(flips=(0,), shift=0.1)):
        found = list(views.of(images))
        assert len(found) == views.count(rank)
        assert torch.equal(found[0], images)
        assert {view.shape for view in found} == {images.shape}


@pytest.mark.parametrize("rank", [2, 3])
def test_a_scaled_view_is_counted_and_keeps_the_centre(rank: int) -> None:
    images = torch.zeros(1, 1, *(9,) * rank)
    images[(0, 0, *(4,) * rank)] = 1.0
    views = Views(scales=(0.9, 1.1))
    found = list(views.of(images))
    assert len(found) == views.count(rank) == 3
    for view in found:
        assert view.argmax() == images.argmax()


def test_a_scale_above_one_shows_things_larger() -> None:
    images = torch.zeros(1, 1, 32, 32)
    images[..., 12:20, 12:20] = 1.0
    smaller, larger = (view.sum() for view in list(Views(scales=(0.8, 1.25)).of(images))[1:])
    assert smaller == pytest.approx(64 * 0.8**2, rel=0.05)
    assert larger == pytest.approx(64 * 1.25**2, rel=0.05)


def test_shifts_go_both_ways_along_each_axis_and_zeros_enter() -> None:
    images = torch.arange(1.0, 21.0).reshape(1, 1, 4, 5)
    _, down, up, right, left = Views(shift=0.2).of(images)
    assert torch.equal(down[..., 1:, :], images[..., :-1, :])
    assert torch.equal(up[..., :-1, :], images[..., 1:, :])
    assert torch.equal(right[..., 1:], images[..., :-1])
    assert torch.equal(left[..., :-1], images[..., 1:])
    for view, edge in ((down, down[..., 0, :]), (right, right[..., 0])):
        assert not edge.any(), view


def test_a_shift_is_never_less_than_an_element() -> None:
    images = torch.rand(1, 1, 4, 4)
    assert not any(torch.equal(view, images) for view in list(Views(shift=0.01).of(images))[1:])


def test_a_wild_scale_is_refused() -> None:
    with pytest.raises(RecipeError):
        Views.parse({"scales": (9.0,)}, "test")
