"""Sliding windows over a large volume: time, memory and answers beside nnU-Net and MONAI.

All run the same weights of nnU-Net's own plain U-Net (trained here for a few minutes on phantoms,
so that its answers mean something) over 256 × 256 × 128 elements in windows of 96³ that overlap by
half, with Gaussian weights, without mirrored views, on one thread. Each runs in a process of its
own; what counts is processor time, and the highest memory above what the process held before.
nnU-Net's windows and ours lie alike; MONAI puts its own a little elsewhere.

Needs an environment with the peers: `python -m venv .venv-peers-seg`, then in it
`pip install torch==2.13.0`, `pip install -e '.[openvino]'` and
`pip install nnunetv2==2.8.1 monai==1.6.1`.

Run: OMP_NUM_THREADS=1 .venv-peers-seg/bin/python benchmarks/window_loop.py [--json FILE]
For a machine in use: --features 16 32 64 128 160 --size 144 144 96
"""

import argparse
import ctypes
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import torch
from scipy import ndimage
from torch import nn

SIZE = (256, 256, 128)
WINDOW = (96, 96, 96)
OVERLAP = 0.5
CLASSES = 3
FEATURES = [32, 64, 128, 256, 320]
STEPS = 80
PATCH = 32
MIB = 2**20

GATES = {"time": 0.6, "memory": 0.5, "dice": 0.999}


def network(features: list[int]) -> nn.Module:
    """Return nnU-Net's plain U-Net, a stage for each number of feature maps."""
    from dynamic_network_architectures.architectures.unet import PlainConvUNet

    torch.manual_seed(0)
    return PlainConvUNet(
        input_channels=1,
        n_stages=len(features),
        features_per_stage=features,
        conv_op=nn.Conv3d,
        kernel_sizes=3,
        strides=[1] + [2] * (len(features) - 1),
        n_conv_per_stage=2,
        num_classes=CLASSES,
        n_conv_per_stage_decoder=2,
        conv_bias=True,
        norm_op=nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
    )


def phantom(size: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return blobs of two kinds in noise, (1, *size), and their labels.

    They look alike everywhere, so that a network trained on small pieces is sure on large ones.
    """
    rng = np.random.default_rng(seed)
    field = ndimage.zoom(rng.normal(size=[edge // 8 + 2 for edge in size]), 8, order=1)
    field = field[tuple(slice(edge) for edge in size)] / field.std()
    labels = np.where(field > 1, 1, np.where(field < -1, 2, 0)).astype(np.uint8)
    image = (labels == 1) * 1.0 - (labels == 2) * 1.0 + rng.normal(0, 0.3, size)
    return image.astype(np.float32)[None], labels


def train(path: Path, features: list[int]) -> None:
    """Train the network on phantoms until its answers are sure, and save its weights."""
    model = network(features)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    image, labels = phantom((128, 128, 96), seed=1)
    rng = np.random.default_rng(0)
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * (1 - step / STEPS) ** 0.9
        last = np.array(labels.shape) - PATCH
        starts = [rng.integers(0, last) for _ in range(4)]
        boxes = [tuple(slice(at, at + PATCH) for at in start) for start in starts]
        images = torch.from_numpy(np.stack([image[(slice(None), *box)] for box in boxes]))
        truth = torch.from_numpy(np.stack([labels[box] for box in boxes]).astype(np.int64))
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(images)
        loss = nn.functional.cross_entropy(logits.float(), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    torch.save(model.state_dict(), path)


def ours(model: nn.Module, precision: torch.dtype | None, runtime: str | None) -> Callable:
    """Return our loop, from an image to labels; the rest of the logits never exists.

    The runtime is one of ours, or None for the network as it is.
    """
    from scanwright.image import Geometry
    from scanwright.inference import (
        Compute,
        LabelRule,
        Tiling,
        ensemble_forward,
        export_labels,
        find_air,
        map_grids,
        predict_windows,
        quickened_all,
        reader,
    )

    compute = Compute(torch.device("cpu"), precision, 1)
    networks = (model,) if runtime is None else quickened_all([model], 3, compute, runtime)
    if runtime == "openvino":  # compiled for windows of this size, and held against torch
        networks[0].prepare((1, *WINDOW))
    forward = ensemble_forward(networks, compute)

    def run(image: np.ndarray) -> np.ndarray:
        size = image.shape[1:]
        tiling = Tiling.of(size, WINDOW, OVERLAP)
        read = reader(image)
        slabs = predict_windows(
            forward, read, tiling, background=(10.0, -10.0, -10.0), is_empty=find_air(read, tiling)
        )
        grid = Geometry.axial((1.0, 1.0, 1.0))
        same = map_grids((size, grid), (size, grid))
        return export_labels(slabs, same, LabelRule((0, 1, 2)))[0]

    # Compiled or read back from disk before the clock starts.
    tiny = Tiling.of((32, 32, 32), (32, 32, 32), OVERLAP)
    air = reader(np.zeros((1, 32, 32, 32), dtype=np.float32))
    small = forward
    if runtime == "openvino":  # whose windows are of one size

        def small(windows: torch.Tensor) -> torch.Tensor:
            return windows.repeat(1, CLASSES, 1, 1, 1)

    slabs = predict_windows(small, air, tiny, background=(10.0, -10.0, -10.0))
    unit = Geometry.axial((1.0, 1.0, 1.0))
    same = map_grids(((32, 32, 32), unit), ((32, 32, 32), unit))
    export_labels(slabs, same, LabelRule((0, 1, 2)))
    return run


def monai(model: nn.Module) -> Callable:
    """Return MONAI's loop."""
    from monai.inferers import sliding_window_inference

    def run(image: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            logits = sliding_window_inference(
                torch.from_numpy(image[None]), WINDOW, 1, model, overlap=OVERLAP, mode="gaussian"
            )
            return logits[0].argmax(0).numpy().astype(np.uint8)

    return run


def nnunet(model: nn.Module) -> Callable:
    """Return nnU-Net's loop, as its predictor runs it on a processor."""
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    predictor = nnUNetPredictor(
        tile_step_size=1 - OVERLAP,
        use_gaussian=True,
        use_mirroring=False,
        perform_everything_on_device=False,
        device=torch.device("cpu"),
        verbose=False,
        allow_tqdm=False,
    )
    predictor.network = model
    predictor.allowed_mirroring_axes = None
    predictor.configuration_manager = SimpleNamespace(patch_size=list(WINDOW))
    predictor.label_manager = SimpleNamespace(num_segmentation_heads=CLASSES)

    def run(image: np.ndarray) -> np.ndarray:
        logits = predictor.predict_sliding_window_return_logits(torch.from_numpy(image))
        return logits.float().argmax(0).numpy().astype(np.uint8)

    return run


CONTESTANTS: dict[str, Callable[[nn.Module], Callable]] = {
    "nnU-Net": nnunet,
    "MONAI": monai,
    "ours, bfloat16": lambda model: ours(model, torch.bfloat16, "torch"),
    "ours, OpenVINO": lambda model: ours(model, None, "openvino"),
    "ours, float32": lambda model: ours(model, None, "torch"),
    "ours, network as it is": lambda model: ours(model, None, None),
}


def highest_memory(work: Callable[[], object]) -> tuple[object, float]:
    """Do work; return its result, and the highest memory in MiB above what was held before."""
    process = psutil.Process()
    before = top = process.memory_info().rss
    done = threading.Event()

    def watch() -> None:
        nonlocal top
        while not done.wait(0.01):
            top = max(top, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = work()
    finally:
        done.set()
        watcher.join()
    return result, (top - before) / MIB


def contest(name: str, folder: Path, features: list[int]) -> None:
    """Run one contestant and write what it answered and what that cost."""
    torch.set_num_threads(1)
    model = network(features)
    model.load_state_dict(torch.load(folder / "weights.pt"))
    model.eval()
    image = np.load(folder / "image.npy")
    started = time.process_time()
    run = CONTESTANTS[name](model)
    made = time.process_time() - started
    with torch.inference_mode():
        model(torch.zeros(1, 1, 32, 32, 32))  # everything is loaded before the clock starts
    ctypes.CDLL(None).malloc_trim(0)  # what is free already shall not pass for nothing
    held = psutil.Process().memory_info().rss
    started, wall = time.process_time(), time.perf_counter()
    labels, extra = highest_memory(lambda: run(image))
    cost = {
        "made_cpu_s": made,
        "cpu_s": time.process_time() - started,
        "wall_s": time.perf_counter() - wall,
        "extra_mib": extra,
        "held_mib": held / MIB,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    np.save(folder / f"{name}.npy", labels)
    (folder / f"{name}.json").write_text(json.dumps(cost))


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean Dice of the classes."""
    scores = []
    for value in range(1, CLASSES):
        a, b = one == value, other == value
        scores.append(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))
    return float(np.mean(scores))


def compare(
    folder: Path, features: list[int], size: tuple[int, ...], weights: Path | None
) -> Iterator[dict[str, object]]:
    """Run every contestant in a process of its own; give what is known after each."""
    image, truth = phantom(size, seed=2)
    np.save(folder / "image.npy", image)
    if weights is not None and weights.exists():
        shutil.copy(weights, folder / "weights.pt")
    else:
        train(folder / "weights.pt", features)
        if weights is not None:
            shutil.copy(folder / "weights.pt", weights)
    costs: dict[str, dict[str, float]] = {}
    for name in CONTESTANTS:
        asked = ["--only", name, "--in", str(folder), "--features", *map(str, features)]
        subprocess.run([sys.executable, "-W", "ignore", __file__, *asked], check=True)
        costs[name] = json.loads((folder / f"{name}.json").read_text())
        labels = np.load(folder / f"{name}.npy")
        costs[name]["dice_to_truth"] = dice(labels, truth)
        for peer in ("nnU-Net", "MONAI"):
            if peer in costs:
                answer = np.load(folder / f"{peer}.npy")
                costs[name][f"dice_to_{peer}"] = dice(labels, answer)
        print(name, {key: round(value, 4) for key, value in costs[name].items()}, flush=True)
        facts = {"size": size, "window": WINDOW, "overlap": OVERLAP, "features": features}
        if {"nnU-Net", "MONAI"} <= set(costs):
            yield {**facts, "runs": costs, **verdict(costs)}


def verdict(costs: dict[str, dict[str, float]]) -> dict[str, object]:
    """Hold ours against the better peer."""
    time_peer = min(costs[peer]["cpu_s"] for peer in ("nnU-Net", "MONAI"))
    memory_peer = min(costs[peer]["extra_mib"] for peer in ("nnU-Net", "MONAI"))
    found = {}
    for name, cost in costs.items():
        if name.startswith("ours"):
            ratios = {
                "time": cost["cpu_s"] / time_peer,
                "memory": cost["extra_mib"] / memory_peer,
                "dice": cost["dice_to_nnU-Net"],
            }
            ratios["is_met"] = (
                ratios["time"] <= GATES["time"]
                and ratios["memory"] <= GATES["memory"]
                and ratios["dice"] >= GATES["dice"]
            )
            found[name] = ratios
    return {"gates": GATES, "beside_the_better_peer": found}


def main() -> None:
    """Compare, or run one contestant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--in", dest="folder", type=Path)
    parser.add_argument("--features", type=int, nargs="+", default=FEATURES)
    parser.add_argument("--size", type=int, nargs=3, default=SIZE)
    parser.add_argument("--weights", type=Path, help="kept from run to run")
    asked = parser.parse_args()
    if asked.only:
        contest(asked.only, asked.folder, asked.features)
        return
    torch.set_num_threads(1)
    target = asked.json or Path(__file__).parent / "results" / "window_loop.json"
    with tempfile.TemporaryDirectory() as folder:
        for result in compare(Path(folder), asked.features, tuple(asked.size), asked.weights):
            target.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["beside_the_better_peer"], indent=2))


if __name__ == "__main__":
    main()
