"""Logits back to the image's grid: time, memory and equality beside nnU-Net; and how both grow.

1. Eight classes from a network's grid to 90 × 512 × 512, with steps alike in all directions and
   with a coarse axis, along which nnU-Net takes the nearest slice. nnU-Net's function for this
   and argmax, in a process of its own, against ours.
2. Time and memory of ours against the number of classes and of voxels, from logits that are made
   slab by slab.
3. A whole prediction, 800 × 512 × 512 elements and 24 classes, with a stand-in for the network that
   costs next to nothing, windows of 96³ that overlap by half.

What counts is processor time on one thread, and the highest memory above what the process held
before (in 1 with the logits, in 3 with the image). Needs the environment of window_loop.py.

Run: OMP_NUM_THREADS=1 .venv-peers-seg/bin/python benchmarks/export.py [--json FILE]
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import torch
from scipy import ndimage
from window_loop import MIB, highest_memory

SOURCE = (90, 512, 512)
NETWORK = (72, 410, 410)
CLASSES = 8
SPACINGS = {"alike": (1.0, 0.8, 0.8), "coarse axis": (5.0, 0.8, 0.8)}
GROWTH_CLASSES = (2, 4, 8, 16, 32, 64)
GROWTH_SOURCES = ((45, 256, 256), (90, 256, 256), (90, 512, 512), (180, 512, 512), (360, 512, 512))
LARGE = (800, 512, 512)
LARGE_CLASSES = 24
WINDOW = (96, 96, 96)

GATES = {"cpu_s": 10.0, "extra_mib": 64.0, "equal": 0.9999, "large_gib": 6.0}


def smooth_logits(size: tuple[int, ...], classes: int) -> np.ndarray:
    """Return logits whose labels are blobs, shape (classes, *size)."""
    rng = np.random.default_rng(0)
    coarse = tuple(max(2, edge // 8) for edge in size)
    factors = np.array(size) / np.array(coarse)
    logits = np.empty((classes, *size), dtype=np.float32)
    for one in logits:
        ndimage.zoom(rng.normal(0, 5, coarse).astype(np.float32), factors, output=one, order=1)
    return logits


def ours(logits: np.ndarray, spacing: tuple[float, ...]) -> Callable[[], np.ndarray]:
    """Return our export."""
    from scanwright.image import Geometry
    from scanwright.inference import LabelRule, Slab, export_labels, map_grids

    source = Geometry.axial(spacing)
    network = (logits.shape[1:], source.resized(SOURCE, logits.shape[1:]))
    rule = LabelRule(tuple(range(len(logits))))
    # Compiled before the clock starts, as it is from the second run on.
    small = Geometry.axial((1.0, 1.0, 1.0))
    tiny = map_grids(((2, 2, 2), small), ((2, 2, 2), small))
    export_labels([Slab(0, logits[:, :2, :2, :2])], tiny, rule)
    return lambda: export_labels([Slab(0, logits)], map_grids(network, (SOURCE, source)), rule)[0]


def nnunet(logits: np.ndarray, spacing: tuple[float, ...]) -> Callable[[], np.ndarray]:
    """Return nnU-Net's export: its resampling of probabilities, then argmax."""
    from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape

    current = [s * a / b for s, a, b in zip(spacing, SOURCE, logits.shape[1:], strict=True)]

    def run() -> np.ndarray:
        # order 1, order_z 0, force_separate_z None: what its plans ask for
        large = resample_data_or_seg_to_shape(
            logits,
            SOURCE,
            current,
            spacing,
            is_seg=False,
            order=1,
            order_z=0,
            force_separate_z=None,
        )
        return torch.from_numpy(large).argmax(0).numpy().astype(np.uint8)

    return run


CONTESTANTS = {"ours": ours, "nnU-Net": nnunet}


def contest(name: str, folder: Path, spacing: str) -> None:
    """Run one contestant and write what it answered and what that cost."""
    torch.set_num_threads(1)
    logits = smooth_logits(NETWORK, CLASSES)
    run = CONTESTANTS[name](logits, SPACINGS[spacing])
    started, wall = time.process_time(), time.perf_counter()
    labels, extra = highest_memory(run)
    cost = {
        "cpu_s": time.process_time() - started,
        "wall_s": time.perf_counter() - wall,
        "extra_mib": extra,
    }
    np.save(folder / f"{name}.npy", labels)
    (folder / f"{name}.json").write_text(json.dumps(cost))


def compare(spacing: str) -> dict[str, object]:
    """Run both, each in a process of its own."""
    runs: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in CONTESTANTS:
            asked = ["--only", name, "--in", folder, "--spacing", spacing]
            subprocess.run([sys.executable, "-W", "ignore", __file__, *asked], check=True)
            runs[name] = json.loads((Path(folder) / f"{name}.json").read_text())
        one, other = (np.load(Path(folder) / f"{name}.npy") for name in CONTESTANTS)
    runs["equal"] = float(np.mean(one == other))
    print(spacing, runs, flush=True)
    return runs


def growth(classes: int, source: tuple[int, ...]) -> dict[str, object]:
    """Export logits that are made as they are needed, and say what it cost beside making them."""
    from scanwright.image import Geometry
    from scanwright.inference import LabelRule, Slab, export_labels, map_grids

    size = tuple(round(edge * 0.8) for edge in source)
    plane = smooth_logits((1, *size[1:]), classes)
    spent = 0.0

    def slabs() -> Iterator[Slab]:
        nonlocal spent
        depth = max(1, 2**25 // (4 * classes * math.prod(size[1:])))
        for start in range(0, size[0], depth):
            began = time.process_time()
            slices = np.arange(start, min(start + depth, size[0])).reshape(1, -1, 1, 1)
            logits = plane + np.sin(slices * 0.1, dtype=np.float32)
            spent += time.process_time() - began
            yield Slab(start, logits)

    grid = Geometry.axial((1.0, 1.0, 1.0))
    maps = map_grids((size, grid.resized(source, size)), (source, grid))
    started = time.process_time()
    labels, extra = highest_memory(
        lambda: export_labels(slabs(), maps, LabelRule(tuple(range(classes))))
    )
    assert isinstance(labels, np.ndarray)
    return {
        "classes": classes,
        "source": source,
        "voxels": math.prod(source),
        "cpu_s": time.process_time() - started - spent,
        "extra_mib": extra,
        "of_it_label_map_mib": labels.nbytes / MIB,
    }


class StandIn(torch.nn.Module):
    """Answers with levels of grey: a class for each, at next to no cost."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the logits of (B, 1, *size)."""
        levels = torch.linspace(0, 1, LARGE_CLASSES + 1).view(1, -1, 1, 1, 1)
        return levels * (2 * images - levels)  # highest where the level is nearest


class TimeLeft:
    """Progress that keeps what it would show: the share done and the time left."""

    def __init__(self) -> None:
        self.total, self.done, self.started = 1.0, 0.0, time.perf_counter()
        self.shown: list[str] = []

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        """Open a stage."""
        del stage, unit
        self.total, self.started = total, time.perf_counter()

    def step(self, amount: float = 1, note: str = "") -> None:
        """Advance, and say at each tenth how long it still takes."""
        del note
        before = int(10 * self.done / self.total)
        self.done += amount
        if int(10 * self.done / self.total) > before:
            left = (time.perf_counter() - self.started) * (self.total / self.done - 1)
            self.shown.append(f"{self.done / self.total:.0%} done, {left:.0f} s left")
            print(self.shown[-1], flush=True)

    def end(self) -> None:
        """Close it."""


def large() -> dict[str, object]:
    """Predict a whole-body CT's worth of elements."""
    from scanwright.image import Case, Geometry, Image, LabelScheme, Modality
    from scanwright.inference import Compute, InputLimits, SegmentationPredictor, WindowOptions
    from scanwright.transforms import Pipeline

    ramp = np.linspace(-1024, 1024, LARGE[1] * LARGE[2]).reshape(LARGE[1:]).astype(np.int16)
    array = np.empty((1, *LARGE), dtype=np.int16)
    for z in range(LARGE[0]):
        array[0, z] = ramp + z % 7
    case = Case.of(Image(array, Geometry.axial((1.0, 0.8, 0.8)), Modality.CT, "HU"))
    predictor = SegmentationPredictor(
        networks=[StandIn()],
        pipeline=Pipeline.from_plain([{"kind": "range", "low": -1024.0, "high": 1024.0}]),
        scheme=LabelScheme.of_classes([f"organ {place}" for place in range(LARGE_CLASSES)]),
        limits=InputLimits(rank=3, channels=(1,), smallest=(96,) * 3, largest=LARGE),
        compute=Compute(torch.device("cpu"), None, 1),
        window=WINDOW,
        options=WindowOptions(overlap=0.5),
    )
    told = TimeLeft()
    held = psutil.Process().memory_info().rss
    started, wall = time.process_time(), time.perf_counter()
    (prediction,), extra = highest_memory(lambda: list(predictor.predict([case], told)))  # type: ignore[misc]  # a list of one
    return {
        "size": LARGE,
        "classes": LARGE_CLASSES,
        "found": len(np.unique(prediction.labels.array)) - 1,
        "cpu_s": time.process_time() - started,
        "wall_s": time.perf_counter() - wall,
        "peak_gib": (extra + held / MIB) / 1024,
        "told": told.shown,
    }


def part(name: str) -> dict[str, object]:
    """Measure one part in a process of its own, so that none sees another's memory."""
    with tempfile.TemporaryDirectory() as folder:
        asked = ["--part", name, "--in", folder]
        subprocess.run([sys.executable, "-W", "ignore", __file__, *asked], check=True)
        found: dict[str, object] = json.loads((Path(folder) / "part.json").read_text())
    print(name, found, flush=True)
    return found


def measure(name: str, folder: Path) -> None:
    """Measure one part here."""
    torch.set_num_threads(1)
    growth(2, (8, 16, 16))  # compile
    kind, _, number = name.partition(" ")
    if kind == "large":
        found = large()
    elif kind == "classes":
        found = growth(int(number), SOURCE)
    else:
        found = growth(CLASSES, GROWTH_SOURCES[int(number)])
    (folder / "part.json").write_text(json.dumps(found))


def main() -> None:
    """Measure everything, or one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--part")
    parser.add_argument("--in", dest="folder", type=Path)
    parser.add_argument("--spacing")
    asked = parser.parse_args()
    if asked.only:
        contest(asked.only, asked.folder, asked.spacing)
    elif asked.part:
        measure(asked.part, asked.folder)
    else:
        result = {
            "gates": GATES,
            "network": NETWORK,
            "source": SOURCE,
            "classes": CLASSES,
            "against_nnunet": {spacing: compare(spacing) for spacing in SPACINGS},
            "by_classes": [part(f"classes {count}") for count in GROWTH_CLASSES],
            "by_voxels": [part(f"voxels {place}") for place in range(len(GROWTH_SOURCES))],
            "large": part("large"),
        }
        target = asked.json or Path(__file__).parent / "results" / "export.json"
        target.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
