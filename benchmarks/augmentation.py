"""nnU-Net's augmentation of image and mask: time and distribution beside three peers.

All run in one process on one thread, in turn, round by round; what counts is processor time. Each
peer does the same list with the same probabilities as far as it knows the changes, one image at a
time, as it is made to; ours takes the batches that nnU-Net trains on, into memory kept from batch
to batch, into fresh memory, and one by one. The distribution of 500 results of one input is
compared with batchgeneratorsv2's by two-sample Kolmogorov–Smirnov tests.

Needs an environment with the peers: `python -m venv .venv-peers-aug`, then in it
`pip install torch==2.13.0`, `pip install -e .` and
`pip install batchgeneratorsv2==0.3.6 torchio==1.2.1 monai==1.6.1`.

Run: OMP_NUM_THREADS=1 .venv-peers-aug/bin/python benchmarks/augmentation.py [--json FILE]
"""

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage, stats

from scanwright.augmentation import Augmentation, AugmentationOptions, medium, nnunet

SIZES = {(96, 96, 96): 2, (128, 128): 12}
"""Windows, and how many make a batch."""
BATCHES = {(128, 1, 28, 28): 60, (16, 1, 128, 128): 60, (8, 3, 224, 224): 10}
"""Batches of classification, and how many are timed."""
DRAWS = 500
DRAWN_SIZES = [(40, 40, 40), (96, 96)]

Run = Callable[[], object]


def phantom(size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return a standardised image with texture, (1, *size), and the mask of an organ in it."""
    rng = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in size), indexing="ij"))
    stretch = np.array([1.0, 1.3, 0.9])[: len(size)].reshape(-1, *(1,) * len(size))
    radius = np.sqrt(((grid * stretch) ** 2).sum(0))
    mask = (radius < 0.55).astype(np.int16)
    image = mask + 0.6 * (radius < 0.85) + 0.5 * ndimage.gaussian_filter(rng.normal(size=size), 2)
    image = image + 0.1 * rng.normal(size=size)
    image = (image - image.mean()) / image.std()
    return image[None].astype(np.float32), mask[None]


def ours(size: tuple[int, ...], batch: int, *, keeps_memory: bool = False) -> Run:
    image, mask = (torch.from_numpy(one) for one in phantom(size))
    images = image[None].repeat(batch, *(1,) * image.ndim)
    masks = mask[None].to(torch.uint8).repeat(batch, *(1,) * image.ndim)
    augmentation = Augmentation(nnunet(size), len(size))
    memory = (torch.empty_like(images), torch.empty_like(masks)) if keeps_memory else (None, None)
    step = 0

    def run() -> object:
        nonlocal step
        drawn = augmentation.draw((1, *size), np.arange(batch), (0, step))
        step += 1
        moved = augmentation.apply(images, drawn, memory[0])
        return moved, augmentation.apply_masks(masks, drawn, memory[1])

    return run


def batchgenerators(size: tuple[int, ...]) -> Run:
    """nnU-Net's default list, by its own library."""
    from batchgeneratorsv2.transforms.intensity.brightness import MultiplicativeBrightnessTransform
    from batchgeneratorsv2.transforms.intensity.contrast import BGContrast, ContrastTransform
    from batchgeneratorsv2.transforms.intensity.gamma import GammaTransform
    from batchgeneratorsv2.transforms.intensity.gaussian_noise import GaussianNoiseTransform
    from batchgeneratorsv2.transforms.noise.gaussian_blur import GaussianBlurTransform
    from batchgeneratorsv2.transforms.spatial.low_resolution import SimulateLowResolutionTransform
    from batchgeneratorsv2.transforms.spatial.mirroring import MirrorTransform
    from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform
    from batchgeneratorsv2.transforms.utils.compose import ComposeTransforms
    from batchgeneratorsv2.transforms.utils.random import RandomTransform as Maybe

    turn = np.deg2rad(180 if len(size) == 2 else 30)
    quarter, gammas = BGContrast((0.75, 1.25)), BGContrast((0.7, 1.5))
    steps = ComposeTransforms(
        [
            SpatialTransform(
                size, 0, False, p_rotation=0.2, rotation=(-turn, turn), p_scaling=0.2,
                scaling=(0.7, 1.4), p_synchronize_scaling_across_axes=1,
            ),
            Maybe(GaussianNoiseTransform((0, 0.1), 1, True), 0.1),
            Maybe(GaussianBlurTransform((0.5, 1.0), False, False, 0.5, benchmark=True), 0.2),
            Maybe(MultiplicativeBrightnessTransform(quarter, False, 1), 0.15),
            Maybe(ContrastTransform(quarter, True, False, 1), 0.15),
            Maybe(SimulateLowResolutionTransform((0.5, 1), False, True, None, None, 0.5), 0.25),
            Maybe(GammaTransform(gammas, 1, False, 1, 1), 0.1),
            Maybe(GammaTransform(gammas, 0, False, 1, 1), 0.3),
            MirrorTransform(tuple(range(len(size)))),
        ]
    )  # fmt: skip
    image, mask = (torch.from_numpy(one) for one in phantom(size))
    return lambda: steps(image=image.clone(), segmentation=mask.clone())


def torchio(size: tuple[int, ...]) -> Run:
    """The nearest that TorchIO has; it has no contrast and no multiplied brightness."""
    import torchio as tio

    rank = len(size)
    turn = (0, 0, 180) if rank == 2 else 30
    axes = tuple(range(rank))
    steps = tio.Compose(
        [
            tio.RandomAffine(scales=(0.7, 1.4), degrees=turn, isotropic=True, p=0.36),
            tio.RandomNoise(std=(0, 0.1), p=0.1),
            tio.RandomBlur(std=(0.5, 1), p=0.1),
            tio.RandomAnisotropy(axes=axes, downsampling=(1, 2), p=0.125),
            tio.RandomGamma(log_gamma=(-0.36, 0.4), p=0.4),
            tio.RandomFlip(axes=axes, flip_probability=0.5),
        ]
    )
    image, mask = (torch.from_numpy(one) for one in phantom(size))
    if rank == 2:
        image, mask = image[..., None], mask[..., None]
    subject = tio.Subject(image=tio.ScalarImage(tensor=image), mask=tio.LabelMap(tensor=mask))
    return lambda: steps(subject)


def monai(size: tuple[int, ...]) -> Run:
    """The same list in MONAI's transforms of dictionaries."""
    from monai import transforms as t

    rank = len(size)
    turn = [np.pi] if rank == 2 else [np.deg2rad(30)] * 3
    sigmas = {f"sigma_{axis}": (0.5, 1.0) for axis in "xyz"[:rank]}
    low = [t.RandSimulateLowResolutiond("image", prob=0.125, zoom_range=(0.5, 1))]
    steps = t.Compose(
        [
            t.RandAffined(
                ["image", "mask"], prob=0.36, rotate_range=turn, scale_range=[(-0.3, 0.4)] * rank,
                mode=("bilinear", "nearest"), padding_mode="zeros",
            ),
            t.RandGaussianNoised("image", prob=0.1, std=0.1),
            t.RandGaussianSmoothd("image", prob=0.1, **sigmas),
            t.RandScaleIntensityd("image", factors=0.25, prob=0.15),
            t.RandScaleIntensityFixedMeand("image", factors=0.25, preserve_range=True, prob=0.15),
            *(low if rank == 3 else []),  # theirs takes volumes only
            t.RandAdjustContrastd(
                "image", prob=0.1, gamma=(0.7, 1.5), invert_image=True, retain_stats=True
            ),
            t.RandAdjustContrastd("image", prob=0.3, gamma=(0.7, 1.5), retain_stats=True),
            *[t.RandFlipd(["image", "mask"], prob=0.5, spatial_axis=axis) for axis in range(rank)],
        ]
    )  # fmt: skip
    image, mask = (torch.from_numpy(one) for one in phantom(size))
    return lambda: steps({"image": image.clone(), "mask": mask.clone()})


def in_turn(runs: dict[str, tuple[Run, int, int]], rounds: int) -> dict[str, list[float]]:
    """Return milliseconds per image of each, round by round: {name: (run, images, calls)}."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for name, (run, _, _) in runs.items():
        begun = time.perf_counter()
        run()
        print(f"    {name}: first call {time.perf_counter() - begun:.1f} s")
        for _ in range(3):
            run()
    for _ in range(rounds):
        for name, (run, images, calls) in runs.items():
            begun = time.process_time()
            for _ in range(calls):
                run()
            times[name].append((time.process_time() - begun) / (calls * images) * 1e3)
    return times


def compare(size: tuple[int, ...], batch: int, rounds: int) -> dict[str, object]:
    images = 12 if len(size) == 3 else 240
    runs = {
        "scanwright": (ours(size, batch, keeps_memory=True), batch, images // batch),
        "scanwright, fresh memory": (ours(size, batch), batch, images // batch),
        "scanwright, one by one": (ours(size, 1), 1, images),
        "batchgeneratorsv2": (batchgenerators(size), 1, images),
        "TorchIO": (torchio(size), 1, images),
        "MONAI": (monai(size), 1, images),
    }
    times = in_turn(runs, rounds)
    medians = {name: statistics.median(one) for name, one in times.items()}
    fastest = min(medians[name] for name in ("batchgeneratorsv2", "TorchIO", "MONAI"))
    for name, median in medians.items():
        low, high = np.percentile(times[name], [25, 75])
        print(f"  {name:24} {median:8.2f} ms per image, quartiles {low:.2f} to {high:.2f}")
    print(f"  times faster than the fastest peer: {fastest / medians['scanwright']:.1f}")
    ratio = medians["batchgeneratorsv2"] / medians["scanwright"]
    print(f"  times faster than batchgeneratorsv2: {ratio:.1f}")
    return {"milliseconds": medians, "times_the_fastest_peer": fastest / medians["scanwright"]}


def measures(image: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """Return what is compared of a result, image and mask of shape (*size)."""
    slope = np.sqrt(sum(one**2 for one in np.gradient(image.astype(np.float64))))
    shares = np.percentile(image, [1, 10, 50, 90, 99])
    found = {
        "mean": float(image.mean()),
        "deviation": float(image.std()),
        **{f"percentile {p}": float(v) for p, v in zip((1, 10, 50, 90, 99), shares, strict=True)},
        "gradient, mean": float(slope.mean()),
        "gradient, 90 %": float(np.percentile(slope, 90)),
        "mask's volume": float((mask > 0).sum()),
    }
    # Finer, an image that was only mirrored differs by the order in which it was summed up.
    return {name: round(value, 4) for name, value in found.items()}


def distribution(size: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Return the KS test of each measure over DRAWS results of ours and batchgeneratorsv2's."""
    np.random.seed(1)  # noqa: NPY002  (theirs draws from the global generators)
    torch.manual_seed(1)
    theirs, run = [], batchgenerators(size)
    for _ in range(DRAWS):
        result = run()
        theirs.append(measures(result["image"][0].numpy(), result["segmentation"][0].numpy()))
    own, batched = [], ours(size, 10)
    for _ in range(DRAWS // 10):
        images, masks = batched()
        for image, mask in zip(images, masks, strict=True):
            own.append(measures(image[0].numpy(), mask[0].numpy()))
    found = {}
    for name in own[0]:
        test = stats.ks_2samp([one[name] for one in own], [one[name] for one in theirs])
        found[name] = {"distance": float(test.statistic), "p": float(test.pvalue)}
        print(f"  {name:18} distance {test.statistic:.3f}  p {test.pvalue:.3f}")
    return found


def shares_of_time(size: tuple[int, ...], batch: int) -> dict[str, float]:
    """Return milliseconds per image of each change where it happens, and print its part."""
    options = nnunet(size)
    image = torch.from_numpy(phantom(size)[0])[None].repeat(batch, *(1,) * (len(size) + 1))
    masks = torch.from_numpy(phantom(size)[1])[None].to(torch.uint8)
    masks = masks.repeat(batch, *(1,) * (len(size) + 1))
    off = {name: 0.0 for name in AugmentationOptions.model_fields if name.endswith("_chance")}
    off |= {"flips": (), "blur_channel_chance": 1.0, "coarsen_channel_chance": 1.0}
    kinds = {
        "nothing": ({}, 1.0),
        "mirror": ({"flips": options.flips, "flip_chance": 0.5}, 1.0),
        "rotate": ({"rotate_chance": 1.0}, options.rotate_chance),
        "scale": ({"scale_chance": 1.0}, options.scale_chance),
        "noise": ({"noise_chance": 1.0}, options.noise_chance),
        "blur": ({"blur_chance": 1.0}, options.blur_chance / 2),
        "multiply": ({"multiply_chance": 1.0}, options.multiply_chance),
        "contrast": ({"contrast_chance": 1.0}, options.contrast_chance),
        "coarsen": ({"coarsen_chance": 1.0}, options.coarsen_chance / 2),
        "negative gamma": ({"negative_chance": 1.0}, options.negative_chance),
        "gamma": ({"gamma_chance": 1.0}, options.gamma_chance),
    }
    alone: dict[str, float] = {}
    for name, (on, likely) in kinds.items():
        augmentation = Augmentation(options.model_copy(update=off | on), len(size))
        times = []
        for step in range(9):
            begun = time.process_time()
            drawn = augmentation.draw((1, *size), np.arange(batch), (step,))
            augmentation.apply(image, drawn)
            augmentation.apply_masks(masks, drawn)
            times.append((time.process_time() - begun) / batch * 1e3)
        alone[name] = statistics.median(times[1:])
        extra = alone[name] - (alone["nothing"] if name != "nothing" else 0.0)
        print(f"  {name:18} {extra:8.3f} ms where it happens, {extra * likely:7.3f} on average")
    return alone


def classification() -> dict[str, float]:
    """Return milliseconds per image of the usual changes of whole images."""
    found = {}
    for shape, calls in BATCHES.items():
        augmentation, images = Augmentation(medium((1,)), 2), torch.randn(shape)
        times = []
        for step in range(calls + 3):
            begun = time.process_time()
            drawn = augmentation.draw(shape[1:], np.arange(shape[0]), (step,))
            augmentation.apply(images, drawn)
            times.append((time.process_time() - begun) / shape[0] * 1e3)
        name = " × ".join(map(str, shape))
        found[name] = statistics.median(times[3:])
        print(f"  {name:18} {found[name]:8.4f} ms per image")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    results: dict[str, object] = {}
    for size in DRAWN_SIZES:
        name = " × ".join(map(str, size))
        print(f"{name}: distribution of {DRAWS} results against batchgeneratorsv2's")
        found = distribution(size)
        lowest = min(one["p"] for one in found.values())
        print(f"  lowest p {lowest:.3f}; rejected at 1 %: {'yes' if lowest < 0.01 else 'none'}")
        results[f"{name}, distribution"] = found
    for size, batch in SIZES.items():
        name = " × ".join(map(str, size))
        print(f"{name}: where the time goes")
        results[f"{name}, one change"] = shares_of_time(size, batch)
        print(f"{name}: image and mask, nnU-Net's list, batches of {batch}")
        results[name] = compare(size, batch, arguments.rounds)
    print("classification, medium strength")
    results["classification"] = classification()
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
