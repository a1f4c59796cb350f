"""Boxes that are one finding, beside MONAI: processor time at equal results.

Run: python benchmarks/box_fusion.py [--json FILE]

20,000 boxes in a room of 512³ elements, once scattered and once twenty around each of a thousand
places. Non-maximum suppression is MONAI's. MONAI has no weighted clustering, so the peer is written
with its overlaps as MONAI's suppression is: the surest box left takes all that overlap it. Tools
take turns on one core; what counts is the least processor time. Gates: the same boxes kept, in the
same order; clusters equal within 1e-4 elements, for MONAI computes in single precision.
"""

import argparse
import json
import os
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import monai
import numpy as np
import torch
from monai.data.box_utils import box_iou, non_max_suppression

from scanwright.boxes import cluster, suppress

ROOT = Path(__file__).parents[1]
COUNT, ROOM, THRESHOLD, TURNS = 20_000, 512.0, 0.3, 3


def invent_boxes(places: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return edges (N, 3, 2), scores and weights of boxes around places."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, ROOM, (places, 3))
    boxes = np.stack([low, low + rng.uniform(4, 40, (places, 3))], axis=2)
    edges = np.repeat(boxes, COUNT // places, axis=0)
    if places < COUNT:
        edges += rng.uniform(-1.5, 1.5, edges.shape)
    scores = rng.permutation(COUNT) / COUNT  # no two equal
    edges = edges.astype(np.float32).astype(np.float64)
    return edges, scores.astype(np.float32), rng.uniform(0.1, 1, COUNT).astype(np.float32)


def flat(edges: np.ndarray) -> torch.Tensor:
    """Return boxes as MONAI takes them: all low edges, then all high ones."""
    return torch.from_numpy(edges.transpose(0, 2, 1).reshape(len(edges), -1)).float()


def peer_cluster(boxes: torch.Tensor, scores: torch.Tensor, weights: torch.Tensor) -> np.ndarray:
    """Return edges (low edges, high edges) and score of each cluster, the surest box's order."""
    left = torch.argsort(scores, descending=True, stable=True)
    merged = []
    while len(left):
        overlap = box_iou(boxes[left], boxes[left[:1]])[:, 0]
        joins = overlap >= THRESHOLD
        joins[0] = True
        members, mass = left[joins], overlap[joins] * weights[left[joins]]
        pull = mass * scores[members]
        edges = (pull[:, None].double() * boxes[members]).sum(0) / pull.double().sum()
        merged.append(torch.cat([edges, (pull.sum() / mass.sum())[None]]))
        left = left[~joins]
    return torch.stack(merged).numpy()


def least_seconds(work: Callable[[], object], turns: int) -> tuple[float, object]:
    """Return the least processor time of some turns, and the result."""
    spent, result = [], None
    for _ in range(turns):
        begun = time.process_time()
        result = work()
        spent.append(time.process_time() - begun)
    return min(spent), result


def traced_mib(work: Callable[[], object]) -> float:
    """Return the memory that Python's allocators give at most, in MiB."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def race_suppression(edges: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Measure non-maximum suppression; end where the boxes kept differ."""
    boxes, sure = flat(edges), torch.from_numpy(scores)
    ours, kept = least_seconds(lambda: suppress(edges, scores, THRESHOLD), TURNS)
    theirs, expected = least_seconds(lambda: non_max_suppression(boxes, sure, THRESHOLD), 1)
    if not np.array_equal(kept, expected):
        raise SystemExit("the boxes kept differ from MONAI's")
    mib = traced_mib(lambda: suppress(edges, scores, THRESHOLD))
    return {"ours_s": ours, "peer_s": theirs, "times": theirs / ours, "kept": len(kept), "mib": mib}


def race_clustering(edges: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """Measure weighted clustering; end where clusters differ."""
    boxes, sure, weight = flat(edges), torch.from_numpy(scores), torch.from_numpy(weights)

    def work() -> object:
        return cluster(edges, scores, weights, None, THRESHOLD)

    ours, found = least_seconds(work, TURNS)
    theirs, expected = least_seconds(lambda: peer_cluster(boxes, sure, weight), 1)
    rows = np.concatenate([flat(found.edges).numpy(), found.scores[:, None]], axis=1)
    far = _far(rows, expected)
    if far > 1e-4:
        raise SystemExit(f"clusters differ by up to {far}")
    times = theirs / ours
    count = len(found.scores)
    return {
        "ours_s": ours,
        "peer_s": theirs,
        "times": times,
        "clusters": count,
        "mib": traced_mib(work),
    }


def _far(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two sets of rows in any order."""
    if one.shape != other.shape:
        return np.inf
    ordered = [rows[np.lexsort(rows[:, 2::-1].round(2).T)] for rows in (one, other)]
    return float(np.abs(ordered[0] - ordered[1]).max())


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--json", type=Path, default=ROOT / "benchmarks" / "results" / "box_fusion.json"
    )
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    few = invent_boxes(10, 0)
    suppress(few[0], few[1], THRESHOLD)  # compiles
    cluster(*few, None, THRESHOLD)
    results: dict[str, object] = {
        "machine": platform.processor() or platform.machine(),
        "date": time.strftime("%Y-%m-%d"),
        "monai": monai.__version__,
        "boxes": COUNT,
    }
    for name, places in (("scattered", COUNT), ("twenty around each place", 1000)):
        edges, scores, weights = invent_boxes(places, seed=1)
        results[name] = {
            "suppression": race_suppression(edges, scores),
            "clustering": race_clustering(edges, scores, weights),
        }
        sys.stdout.write(f"{name}: {json.dumps(results[name], indent=1)}\n")
        sys.stdout.flush()
    arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
