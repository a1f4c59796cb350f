"""Average precision of boxes beside pycocotools: processor time at equal values.

Run: python benchmarks/box_evaluation.py [--coco PYTHON] [--json FILE] [--images N]

PYTHON is an interpreter of an environment with pycocotools. Both tools are handed the same 5,000
images with 100 boxes each as edges in memory; each builds its own index, matches at ten overlaps
and gives COCO's mean average precision, AP50, AP75 and AR, at 100 boxes an image and all sizes, on
one core. Reading files, loading the tool and compiling are in neither time. Gate: all values equal
within 1e-6.
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
TURNS, BOXES, CLASSES = 3, 100, 3
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
ONE_CORE = dict.fromkeys(THREADS, "1")

LOOP = """
import json, os, sys, time
import numpy as np
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
cases = np.load(sys.argv[1], allow_pickle=True)
classes = int(sys.argv[2])
measure(prepare(cases[:20]), classes)
found = []
for _ in range(int(sys.argv[3])):
    given = prepare(cases)
    begun = time.process_time()
    values = measure(given, classes)
    found.append([time.process_time() - begun, values])
print(json.dumps(found))
"""

COCO = """
import contextlib, io
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
def xywh(edges):
    (top, bottom), (left, right) = edges.tolist()
    return [left, top, right - left, bottom - top]
def prepare(cases):
    truth, guesses = [], []
    for image, (edges, labels, found, found_labels, scores) in enumerate(cases, 1):
        for edge, label in zip(edges, labels):
            box = xywh(edge)
            truth.append({"id": len(truth) + 1, "image_id": image, "category_id": int(label) + 1,
                          "bbox": box, "area": box[2] * box[3], "iscrowd": 0})
        for edge, label, score in zip(found, found_labels, scores):
            guesses.append({"image_id": image, "category_id": int(label) + 1, "bbox": xywh(edge),
                            "score": float(score)})
    return len(cases), truth, guesses
def measure(given, classes):
    count, truth, guesses = given
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {"images": [{"id": i + 1} for i in range(count)], "annotations": truth,
                        "categories": [{"id": k + 1} for k in range(classes)], "info": {}}
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(guesses), "bbox")
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.params.maxDets = [100]
        judge.evaluate()
        judge.accumulate()
    table, recall = judge.eval["precision"], judge.eval["recall"]
    return [float(part[part > -1].mean()) for part in (table, table[0], table[5], recall)]
"""

OURS = """
from scanwright.metrics import (BoxMatchOptions, CaseBoxes, COCO_OVERLAPS, match_boxes,
                                bind_box_average_precision, bind_box_average_recall)
options = BoxMatchOptions(overlaps=COCO_OVERLAPS)
def prepare(cases):
    return cases
def measure(given, classes):
    matches = match_boxes([CaseBoxes(*case) for case in given], classes, options)
    return [
        bind_box_average_precision(matches).value(),
        bind_box_average_precision(matches, [0.5]).value(),
        bind_box_average_precision(matches, [0.75]).value(),
        bind_box_average_recall(matches).value(),
    ]
"""


def invent_cases(images: int) -> np.ndarray:
    """Return edges, classes and scores of each image: four true boxes, 100 found ones."""
    rng = np.random.default_rng(0)
    cases = np.empty((images, 5), dtype=object)
    for row in cases:
        low, size = rng.integers(0, 400, (4, 2)), rng.integers(12, 100, (4, 2))
        truth = np.stack([low, low + size], axis=2).astype(float)
        labels = rng.integers(0, CLASSES, 4)
        near = rng.integers(0, 4, BOXES)
        found = truth[near] + rng.integers(-20, 21, (BOXES, 2, 2))
        found[:, :, 1] = np.maximum(found[:, :, 1], found[:, :, 0] + 1)
        found[BOXES // 2 :] += rng.integers(-200, 200, (BOXES - BOXES // 2, 2, 1))
        row[:] = truth, labels, found, labels[near], rng.random(BOXES)
    return cases


def run(python: str, code: str, path: Path, turns: int) -> dict[str, object]:
    """Return the least processor time of the turns, and the values."""
    command = [python, "-c", code + LOOP, str(path), str(CLASSES), str(turns)]
    environment = {**os.environ, **ONE_CORE}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found = json.loads(done.stdout)
    seconds = [spent for spent, _ in found]
    return {"cpu_s": min(seconds), "all_cpu_s": seconds, "ap_ap50_ap75_ar": found[-1][1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coco", default=str(ROOT / ".venv-peers-coco" / "bin" / "python"))
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument(
        "--json", type=Path, default=ROOT / "benchmarks" / "results" / "box_evaluation.json"
    )
    arguments = parser.parse_args()
    about = platform.processor() or platform.machine()
    results: dict[str, object] = {"machine": about, "date": time.strftime("%Y-%m-%d")}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.npy"
        np.save(path, invent_cases(arguments.images), allow_pickle=True)
        ours = run(sys.executable, OURS, path, TURNS)
        results |= {"images": arguments.images, "boxes": BOXES, "scanwright": ours}
        if Path(arguments.coco).exists():
            peer = run(arguments.coco, COCO, path, TURNS)
            pair = [np.array(one["ap_ap50_ap75_ar"]) for one in (ours, peer)]
            far = float(np.abs(pair[0] - pair[1]).max())
            if far > 1e-6:
                raise SystemExit(f"not equal to pycocotools: {pair}")
            results |= {
                "pycocotools": peer,
                "largest difference": far,
                "times faster": float(peer["cpu_s"]) / float(ours["cpu_s"]),
            }
    arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
