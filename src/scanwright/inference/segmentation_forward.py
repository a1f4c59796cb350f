"""One pass of an ensemble over windows: logits averaged over networks and mirrored views."""

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.inference.compute import Compute
from scanwright.inference.windows import Forward


def ensemble_forward(
    networks: Sequence[nn.Module], compute: Compute, mirrors: Sequence[int] = ()
) -> Forward:
    """Return a function from windows (B, C, *window) to mean logits (B, outputs, *window).

    Parameters
    ----------
    networks
        At least one; put into evaluation mode.
    compute
        Where they are and how they compute.
    mirrors
        Spatial axes along which windows are also seen mirrored, in all combinations, so that n axes
        cost 2^n passes.

    Raises
    ------
    BundleError
        There is no network.
    """
    if not networks:
        raise BundleError("An ensemble needs at least one network.")
    for network in networks:
        network.eval()
    views = mirror_sets(mirrors)

    def forward(windows: torch.Tensor) -> torch.Tensor:
        windows = windows.to(compute.device)
        windows = laid_out(windows) if compute.is_cpu else windows
        total: torch.Tensor | None = None
        kind, dtype = compute.device.type, compute.autocast
        with torch.autocast(kind, dtype=dtype, enabled=dtype is not None):
            for flips in views:
                dims = [axis + 2 for axis in flips]
                seen = windows.flip(dims) if dims else windows
                for network in networks:
                    logits = network(seen).float()
                    logits = logits.flip(dims) if dims else logits
                    total = logits if total is None else total.add_(logits)
        assert total is not None  # there is a view and a network
        return total.div_(len(views) * len(networks)) if len(views) * len(networks) > 1 else total

    return forward


def mirror_sets(axes: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the sets of axes along which windows are mirrored: all combinations, none first."""
    each = sorted(set(axes))
    return [flips for count in range(len(each) + 1) for flips in combinations(each, count)]


def laid_out(windows: torch.Tensor) -> torch.Tensor:
    """Put channels innermost, as `quickened` networks want them."""
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    layout = formats.get(windows.ndim, torch.contiguous_format)
    return windows.contiguous(memory_format=layout)
