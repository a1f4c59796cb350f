"""Surface distances beside MONAI and surface-distance: processor time at equal values.

Run: python benchmarks/surface.py [--monai PYTHON] [--surface-distance PYTHON] [--json FILE]

Each PYTHON is an interpreter of an environment with that package. Dice, HD95 and NSD at 2 mm of two
classes are measured on one core, from the two label maps to the six numbers. All tools stay loaded
and take turns, so that they see the same machine; what counts is the least processor time of the
turns, and none but a tool's own work is in it. Gate: all numbers equal the peer's within 1e-6.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
TURNS, TOLERANCE = 9, 2.0
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
ONE_CORE = dict.fromkeys(THREADS, "1")

LOOP = """
import json, os, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
cases = np.load(sys.argv[1], allow_pickle=True).item()
tolerance = float(sys.argv[2])
for line in sys.stdin:
    truth, guess, spacing = cases[line.strip()]
    begun = time.process_time()
    found = [measure(truth, guess, spacing, value) for value in (1, 2)]
    print(json.dumps([time.process_time() - begun, found]), flush=True)
"""

MONAI = """
import torch
torch.set_num_threads(1)
from monai.metrics import compute_dice, compute_hausdorff_distance, compute_surface_dice
def measure(truth, guess, spacing, value):
    y, p = (torch.from_numpy(m == value)[None, None] for m in (truth, guess))
    about = dict(include_background=True, spacing=list(spacing))
    return [
        compute_dice(p.float(), y.float(), ignore_empty=False).item(),
        compute_hausdorff_distance(p, y, percentile=95, **about).item(),
        compute_surface_dice(p, y, [tolerance], **about).item(),
    ]
"""

SURFACE_DISTANCE = """
import surface_distance as peer
def measure(truth, guess, spacing, value):
    y, p = truth == value, guess == value
    d = peer.compute_surface_distances(y, p, spacing)
    return [
        float(peer.compute_dice_coefficient(y, p)),
        float(peer.compute_robust_hausdorff(d, 95)),
        float(peer.compute_surface_dice_at_tolerance(d, tolerance)),
    ]
"""

OURS = """
from scanwright.metrics import count_overlaps, element_distances, voxel_distances
distances = DISTANCES
kept = [None, None]
def measure(truth, guess, spacing, value):
    if value == 1:  # one pass for both classes; its time falls into the turn
        kept[:] = count_overlaps(truth, guess, 2)
    box = tuple(slice(max(0, b.start - 1), b.stop + 1) for b in kept[1][value - 1])
    d = distances(truth[box] == value, guess[box] == value, spacing)
    return [kept[0][value - 1].dice, d.hausdorff(), d.within(tolerance)]
"""


class Tool:
    """A process that measures a case when its name is written to it."""

    def __init__(self, python: str, code: str, cases: Path) -> None:
        self.process = subprocess.Popen(
            [python, "-c", code + LOOP, str(cases), str(TOLERANCE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **ONE_CORE},
        )

    def measure(self, case: str) -> tuple[float, np.ndarray]:
        """Return processor seconds, and three numbers for each class."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(case + "\n")
        self.process.stdin.flush()
        seconds, values = json.loads(self.process.stdout.readline())
        return seconds, np.array(values)

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def blob(
    size: tuple[int, ...], centre: tuple[float, ...], radii: tuple[float, ...], seed: int
) -> np.ndarray:
    """Return an ellipsoid with a wavy surface."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(size, bool)
    box = tuple(
        slice(max(0, int(c - 1.2 * r)), int(c + 1.2 * r) + 1)
        for c, r in zip(centre, radii, strict=True)
    )
    grid = np.ogrid[box]
    apart = [((g - c) / r).astype(np.float32) for g, c, r in zip(grid, centre, radii, strict=True)]
    waves = sum(
        np.sin(sum(f * a for f, a in zip(rng.normal(0, 3, 3), apart, strict=True)) + rng.random())
        for _ in range(4)
    )
    mask[box] = sum(a**2 for a in apart) <= 1 + 0.06 * waves
    return mask


def invent_cases() -> dict[str, tuple[np.ndarray, np.ndarray, tuple[float, ...]]]:
    """Return truth, guess and spacing: a good guess, one with far islands, a large volume."""
    size, spacing = (128, 256, 256), (3.0, 1.5, 1.5)

    def maps(*parts: tuple[tuple[float, ...], tuple[float, ...]]) -> list[np.ndarray]:
        pair = [np.zeros(size, np.uint8) for _ in range(2)]
        for value, (centre, radii) in enumerate(parts, 1):
            for turn, labels in enumerate(pair):
                moved = tuple(c + turn for c in centre)
                labels[blob(size, moved, radii, 10 * value + turn)] = value
        return pair

    organs = maps(((64, 120, 110), (30, 50, 60)), ((60, 200, 190), (18, 25, 22)))
    islands = organs[1].copy()
    islands[blob(size, (110, 40, 220), (6, 12, 12), 5)] = 1
    islands[blob(size, (20, 30, 30), (4, 8, 8), 6)] = 2
    size = (200, 512, 512)
    body = maps(((100, 250, 250), (70, 150, 190)), ((50, 100, 100), (30, 50, 40)))
    return {
        "256 x 256 x 128": (*organs, spacing),
        "256 x 256 x 128, islands": (organs[0], islands, spacing),
        "512 x 512 x 200": (*body, (1.5, 0.8, 0.8)),
    }


def race(tools: dict[str, Tool], case: str, turns: int) -> dict[str, dict[str, object]]:
    """Let all tools measure a case in turns, after one to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in tools}
    values: dict[str, np.ndarray] = {}
    for turn in range(turns + 1):
        for name, tool in tools.items():
            spent, values[name] = tool.measure(case)
            if turn:
                seconds[name].append(spent)
    return {
        name: {
            "cpu_s": min(seconds[name]),
            "median_cpu_s": float(np.median(seconds[name])),
            "dice_hd95_nsd": values[name].tolist(),
        }
        for name in tools
    }


def gate(found: dict[str, dict[str, object]]) -> dict[str, float]:
    """Return how far ours lie from each peer of the same definition, relative above 1."""
    far = {}
    for ours, peer in (
        ("scanwright, voxel centres", "MONAI"),
        ("scanwright, surface elements", "surface-distance"),
    ):
        if peer in found:
            a, b = (np.array(found[name]["dice_hd95_nsd"]) for name in (ours, peer))
            far[peer] = float(np.max(np.abs(a - b) / np.maximum(1, np.abs(b))))
            if far[peer] > 1e-6:
                raise SystemExit(f"not equal to {peer}: {a.tolist()} and {b.tolist()}")
    return far


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--monai", default=str(ROOT / ".venv-peers-aug" / "bin" / "python"))
    parser.add_argument(
        "--surface-distance", default=str(ROOT / ".venv-peers-surface" / "bin" / "python")
    )
    parser.add_argument(
        "--json", type=Path, default=ROOT / "benchmarks" / "results" / "surface.json"
    )
    arguments = parser.parse_args()
    peers = {
        "MONAI": (arguments.monai, MONAI),
        "surface-distance": (arguments.surface_distance, SURFACE_DISTANCE),
    }
    about = platform.processor() or platform.machine()
    results: dict[str, object] = {"machine": about, "date": time.strftime("%Y-%m-%d")}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.npy"
        cases = invent_cases()
        np.save(path, np.array(cases, dtype=object), allow_pickle=True)
        tools = {
            f"scanwright, {words}": Tool(
                sys.executable, OURS.replace("DISTANCES", f"{kind}_distances"), path
            )
            for words, kind in (("voxel centres", "voxel"), ("surface elements", "element"))
        }
        tools |= {
            name: Tool(python, code, path)
            for name, (python, code) in peers.items()
            if Path(python).exists()
        }
        for name, (truth, _, _) in cases.items():
            found = race(tools, name, TURNS if truth.size < 10**7 else 1)
            results[name] = {**found, "largest difference": gate(found)}
            sys.stdout.write(f"{name}: {json.dumps(results[name], indent=1)}\n")
            sys.stdout.flush()
            arguments.json.write_text(json.dumps(results, indent=2) + "\n")
        for tool in tools.values():
            tool.close()


if __name__ == "__main__":
    main()
