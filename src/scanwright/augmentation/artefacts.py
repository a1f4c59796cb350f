"""Artefacts of the modalities by name, and their use on a batch."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from torch import Tensor

from scanwright.augmentation.drawn import Drawn, Floats
from scanwright.augmentation.mri import bias, ghost, motion, spike
from scanwright.augmentation.options import AugmentationOptions
from scanwright.augmentation.ultrasound import gain, shadow, speckle
from scanwright.augmentation.xray import grid, haze

Artefact = Callable[[Tensor, float, Floats], Tensor]
"""(image (C, *space), strength, numbers in [0, 1) that decide the form) → the spoilt image."""

ARTEFACTS: Mapping[str, Artefact] = MappingProxyType(
    {
        "bias": bias,
        "motion": motion,
        "ghost": ghost,
        "spike": spike,
        "speckle": speckle,
        "shadow": shadow,
        "gain": gain,
        "haze": haze,
        "grid": grid,
    }
)
"""By their names in `order`."""


def spoil(images: Tensor, drawn: Drawn, name: str, options: AugmentationOptions) -> None:
    """Put an artefact into those images of a batch for which it was drawn, in place."""
    if name not in drawn.artefacts:
        return
    numbers = drawn.artefacts[name]
    for row in np.flatnonzero(numbers[:, 0] > 0).tolist():
        strength, form = float(numbers[row, 0]), numbers[row, 1:]
        if name == "ghost":  # the number of ghosts is an option's
            form = np.append(form, options.ghost_count)
        images[row] = ARTEFACTS[name](images[row], strength, form)
