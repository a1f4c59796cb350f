from pathlib import Path

import pytest
import torch
from torch import nn

from scanwright.training import choose_mirrors, mirroring
from scanwright.training.mirroring import Mirrored
from tests.training.builders import CPU
from tests.training.window_builders import window_fit, window_recipe


def test_mirrored_views_are_turned_back_before_they_are_averaged() -> None:
    ramp = torch.arange(12.0).reshape(1, 1, 3, 4)
    assert torch.equal(Mirrored(nn.Identity(), CPU, (0, 1))(ramp), ramp)

    class Edge(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            """Keep the first column."""
            return images * (torch.arange(images.shape[-1]) == 0)

    found = Mirrored(Edge(), CPU, (1,))(ramp)
    assert torch.equal(found[..., 0], ramp[..., 0] / 2)
    assert torch.equal(found[..., -1], ramp[..., -1] / 2)


@pytest.mark.parametrize(
    ("merits", "kept"), [((0.80, 0.81), (0, 1)), ((0.80, 0.801), ()), ((0.80, 0.7), ())]
)
def test_mirroring_is_kept_only_for_a_real_gain(
    merits: tuple[float, float], kept: tuple[int, ...], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fit = window_fit(tmp_path, window_recipe(schedule__steps=(1,)))
    members = fit.run()
    by_axes = {(): merits[0], (0, 1): merits[1]}
    monkeypatch.setattr(mirroring, "_merit", lambda fit, members, axes: by_axes[axes])
    axes, reason = choose_mirrors(fit, members)
    assert axes == kept
    assert f"{merits[1]:.4f}" in reason


def test_a_fit_says_what_mirroring_brings(tmp_path: Path) -> None:
    fit = window_fit(tmp_path)
    members = fit.run()
    plain = mirroring._merit(fit, members, ())
    assert plain == pytest.approx(members[0].history[-1]["merit"], abs=1e-4)
    assert choose_mirrors(fit, members)[0] in ((), (0, 1))


def test_nothing_is_mirrored_where_training_mirrors_nothing(tmp_path: Path) -> None:
    fit = window_fit(tmp_path, window_recipe(schedule__steps=(1,), augmentation={}))
    assert choose_mirrors(fit, [])[0] == ()
