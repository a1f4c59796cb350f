"""Processor time of augmentation per image on one thread, beside MONAI and TorchIO where installed.

Run: python benchmarks/augmentation.py [--json FILE]. The peers get the nearest of their transforms
with the same probabilities, one image at a time, as they are used in their own tutorials.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from scanwright.augmentation import STRENGTHS, Augmentation, AugmentationOptions, medium

SHAPES = [(128, 1, 28, 28), (16, 1, 128, 128), (8, 3, 224, 224), (4, 1, 96, 96, 96)]


def best_of(run: Callable[[], object], rounds: int = 5, calls: int = 6) -> float:
    """Return the least mean processor time of a call in ms, over some rounds after a warm-up."""
    run()
    means = []
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(calls):
            run()
        means.append((time.process_time() - begun) / calls * 1e3)
    return min(means)


def ours(strength: str) -> Callable[[torch.Tensor], Callable[[], object]]:
    def prepare(images: torch.Tensor) -> Callable[[], object]:
        rank, rng = images.ndim - 2, np.random.default_rng(0)
        augmentation = Augmentation(STRENGTHS[strength]((rank - 1,)), rank)
        size = tuple(images.shape[2:])
        return lambda: augmentation.apply(images, augmentation.draw(len(images), size, rng))

    return prepare


def monai(images: torch.Tensor) -> Callable[[], object]:
    from monai import transforms as t

    o, rank = medium(), images.ndim - 2
    turn = np.deg2rad(o.rotate_degrees)
    edge = tuple(o.shift * n for n in images.shape[2:])
    # One affine; its probability is that of any move of ours.
    moves = 1 - np.prod([1 - p for p in (o.rotate_chance, o.scale_chance, o.shift_chance)])
    steps = t.Compose(
        [
            t.RandFlip(prob=0.5, spatial_axis=rank - 1),
            t.RandAffine(
                prob=float(moves), rotate_range=(turn,) * (1 if rank == 2 else 3),
                scale_range=(0.15,) * rank, translate_range=edge, padding_mode="border",
            ),
            t.RandGaussianSmooth(prob=o.blur_chance, **dict.fromkeys(
                [f"sigma_{axis}" for axis in "xyz"], o.blur)),
            *([t.RandSimulateLowResolution(prob=o.coarsen_chance, zoom_range=o.coarsen)]
              if rank == 3 else []),  # theirs takes volumes only
            t.RandGaussianNoise(prob=o.noise_chance, std=0.15),
            t.RandScaleIntensity(prob=o.brightness_chance, factors=0.25),
            t.RandAdjustContrast(prob=o.gamma_chance, gamma=o.gamma),
        ]
    )  # fmt: skip
    return lambda: [steps(image) for image in images]


def torchio(images: torch.Tensor) -> Callable[[], object]:
    import torchio as tio

    o = medium()
    steps = tio.Compose(
        [
            tio.RandomFlip(axes=(2,), flip_probability=0.5),
            tio.RandomAffine(p=0.8, scales=0.15, degrees=o.rotate_degrees),
            tio.RandomBlur(p=o.blur_chance, std=o.blur),
            tio.RandomNoise(p=o.noise_chance, std=(0, 0.15)),
            tio.RandomGamma(p=o.gamma_chance),
        ]
    )
    volumes = images if images.ndim == 5 else images[..., None]
    return lambda: [steps(volume) for volume in volumes]


def alone(options: AugmentationOptions, images: torch.Tensor) -> float:
    """Return ms per image when one change happens to every image."""
    rank, rng = images.ndim - 2, np.random.default_rng(0)
    augmentation = Augmentation(options, rank)
    drawn = augmentation.draw(len(images), tuple(images.shape[2:]), rng)
    return best_of(lambda: augmentation.apply(images, drawn), 3, 3) / len(images)


def single_changes(images: torch.Tensor) -> dict[str, float]:
    rank = images.ndim - 2
    names = [name for name in AugmentationOptions.model_fields if name.endswith("_chance")]
    names = [name for name in names if name not in ("flip_chance", "gamma_inverted_chance")]
    times = {
        name.removesuffix("_chance"): alone(AugmentationOptions(**{name: 1.0}), images)
        for name in names
        if rank == 3 or name != "tilt_chance"
    }
    flips = AugmentationOptions(flips=(rank - 1,), flip_chance=1)
    return {"flip": alone(flips, images), **times}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    runs = {**{f"scanwright {name}": ours(name) for name in STRENGTHS}}
    runs |= {"MONAI, as medium": monai, "TorchIO, as medium": torchio}
    results: dict[str, dict[str, float]] = {}
    for shape in SHAPES:
        images = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        name = " × ".join(map(str, shape))
        results[name] = {}
        print(name)
        for label, prepare in runs.items():
            try:
                milliseconds = best_of(prepare(images)) / len(images)
            except ImportError:
                continue
            results[name][label] = milliseconds
            print(f"  {label:22} {milliseconds:9.3f} ms per image")
        for change, milliseconds in single_changes(images).items():
            results[name][change] = milliseconds
            print(f"    {change:20} {milliseconds:9.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
