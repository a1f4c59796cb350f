"""Mixing of the images of a batch: weighted means, and windows taken from a partner."""

import numpy as np
import torch
from torch import Tensor

from scanwright.augmentation.drawn import Drawn, Ints


def mix(images: Tensor, drawn: Drawn) -> Tensor:
    """Return the images mixed with their partners as drawn; the rows without a partner as given."""
    rows = np.flatnonzero(drawn.weight < 1)
    if rows.size == 0:
        return images
    mixed = images.clone()
    is_patched = np.all(drawn.patch[..., 1] > drawn.patch[..., 0], axis=1)
    for row in rows[is_patched[rows]].tolist():
        window = (slice(None), *_slices(drawn.patch[row]))
        mixed[row][window] = images[int(drawn.partner[row])][window]
    averaged = rows[~is_patched[rows]]
    if averaged.size:
        index = torch.from_numpy(averaged).to(images.device)
        partner = torch.from_numpy(drawn.partner[averaged]).to(images.device)
        weight = torch.from_numpy(drawn.weight[averaged]).to(images)
        weight = weight.reshape(-1, *(1,) * (images.ndim - 1))
        mixed[index] = images[partner] + (images[index] - images[partner]) * weight
    return mixed


def _slices(box: Ints) -> tuple[slice, ...]:
    return tuple(slice(first, end) for first, end in box.tolist())
