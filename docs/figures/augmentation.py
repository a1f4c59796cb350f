"""Draw the figures of docs/explanation/augmentation.md: each change on a simulated image.

Run it from the root of the project: `python docs/figures/augmentation.py`. It takes a few seconds
and gives the same files every time.
"""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from torch import Tensor

mpl.use("Agg")
import matplotlib.pyplot as plt
from PIL import Image

from scanwright.augmentation import Augmentation, AugmentationOptions
from scanwright.image import Modality
from scanwright.phantom import CohortOptions, simulate_case

FIGURES = Path(__file__).parents[1] / "explanation" / "figures"
EDGE = 128
Options = Mapping[str, object]

MOVES: Mapping[str, Options] = {
    "mirrored": {"flips": (1,), "flip_chance": 1.0},
    "rotated": {"rotate_chance": 1.0, "rotate_degrees": 30},
    "scaled": {"scale_chance": 1.0, "scale": (0.7, 0.75)},
    "stretched": {"stretch_chance": 1.0, "stretch": (0.75, 1.33)},
    "sheared": {"shear_chance": 1.0, "shear_degrees": 25},
    "shifted": {"shift_chance": 1.0, "shift": 0.2},
    "bent": {"elastic_chance": 1.0, "elastic": (0.05, 0.06), "elastic_points": 5},
}
VALUES: Mapping[str, Options] = {
    "noise": {"noise_chance": 1.0, "noise": (0.3, 0.3)},
    "blur": {"blur_chance": 1.0, "blur": (1.5, 1.5)},
    "fewer elements": {"coarsen_chance": 1.0, "coarsen": (0.3, 0.3)},
    "multiplied": {"multiply_chance": 1.0, "multiply": (0.5, 0.5)},
    "contrast": {"contrast_chance": 1.0, "contrast": (0.5, 0.5)},
    "brightness": {"brightness_chance": 1.0, "brightness": 0.8},
    "gamma 2": {"gamma_chance": 1.0, "gamma": (2, 2), "gamma_inverted_chance": 0.0},
    "gamma 2, negative": {"negative_chance": 1.0, "gamma": (2, 2)},
    "holes": {"cutout_chance": 1.0, "cutout_count": 3, "cutout": (0.15, 0.25)},
}
MRI: Mapping[str, Options] = {
    "bias field": {"bias_chance": 1.0, "bias": (0.8, 0.8)},
    "motion": {"motion_chance": 1.0, "motion": (0.06, 0.06)},
    "ghosts": {"ghost_chance": 1.0, "ghost": (0.6, 0.6)},
    "spike": {"spike_chance": 1.0, "spike": (0.4, 0.4)},
}
ULTRASOUND: Mapping[str, Options] = {
    "speckle": {"speckle_chance": 1.0, "speckle": (0.4, 0.4)},
    "shadow": {"shadow_chance": 1.0, "shadow": (0.8, 0.8)},
    "gain in depth": {"gain_chance": 1.0, "gain": (0.7, 0.7)},
}
XRAY: Mapping[str, Options] = {
    "scatter": {"haze_chance": 1.0, "haze": (0.6, 0.6)},
    "grid lines": {"grid_chance": 1.0, "grid": (0.12, 0.12)},
}


def phantom(modality: Modality) -> tuple[Tensor, Tensor]:
    """Return an image in 0..1 and the mask of its finding, each (1, 1, Y, X)."""
    options = CohortOptions(modality=modality, size=EDGE)
    truth = next(
        one for one in (simulate_case(options, index) for index in range(40))
        if one.mask.labels.array.any()
    )  # fmt: skip
    values = truth.case.images["image"].array[0].astype(np.float32)
    low, high = np.percentile(values, [0.5, 99.5])
    image = np.clip((values - low) / (high - low), 0, 1)
    mask = (truth.mask.labels.array[0] > 0).astype(np.uint8)
    return torch.from_numpy(image)[None, None], torch.from_numpy(mask)[None, None]


def changed(image: Tensor, mask: Tensor, options: Options, seed: int) -> tuple[Tensor, Tensor]:
    augmentation = Augmentation(AugmentationOptions.model_validate(options), 2)
    drawn = augmentation.draw(tuple(image.shape[1:]), np.arange(1), (seed,))
    return augmentation.apply(image, drawn), augmentation.apply_masks(mask, drawn)


def draw(name: str, modality: Modality, kinds: Mapping[str, Options], seed: int = 0) -> None:
    """One row of pictures, the unchanged one first; the outline is the finding's mask."""
    image, mask = phantom(modality)
    columns = 5 if len(kinds) > 5 else len(kinds) + 1
    rows = -(-(len(kinds) + 1) // columns)
    _, grid = plt.subplots(
        rows, columns, figsize=(1.9 * columns, 2.1 * rows), layout="constrained", squeeze=False
    )
    for axes in grid.flat:
        axes.set_axis_off()
    pictures = {"as it is": (image, mask)} | {
        kind: changed(image, mask, {"outside": "zeros", **options}, seed)
        for kind, options in kinds.items()
    }
    for axes, (kind, (picture, outline)) in zip(grid.flat, pictures.items(), strict=False):
        axes.imshow(picture[0, 0], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.contour(outline[0, 0], levels=[0.5], colors="#ffb000", linewidths=0.9)
        axes.set_title(kind, fontsize=9)
    FIGURES.mkdir(parents=True, exist_ok=True)
    path = FIGURES / f"{name}.png"
    plt.savefig(path, dpi=80, metadata={"Software": None})
    plt.close()
    small = Image.open(path).convert("RGB").quantize(128)  # a third of the size
    small.save(path, optimize=True)


def main() -> None:
    draw("augmentation-moves", Modality.MRI, MOVES, seed=3)
    draw("augmentation-values", Modality.MRI, VALUES, seed=1)
    draw("augmentation-mri", Modality.MRI, MRI, seed=2)
    draw("augmentation-ultrasound", Modality.ULTRASOUND, ULTRASOUND, seed=4)
    draw("augmentation-xray", Modality.XRAY, XRAY, seed=1)


if __name__ == "__main__":
    main()
