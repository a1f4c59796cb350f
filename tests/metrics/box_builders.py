"""Boxes by formula, and what pycocotools makes of them: kept in a file where it is not installed.

`python -m tests.metrics.box_builders PYTHON` (run in the project's folder) writes that file anew;
the interpreter belongs to an environment with pycocotools.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from scanwright.metrics import CaseBoxes

GOLDEN = Path(__file__).parent / "box_golden.json"
SETTINGS = {
    # Images, classes, most true and found boxes of an image and class, share of crowds.
    "plain": (40, 1, 4, 12, 0.0),
    "classes": (30, 4, 3, 8, 0.0),
    "crowds": (30, 2, 4, 12, 0.3),
    "hundreds": (4, 1, 30, 260, 0.1),
}
AREAS = [[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]]

COCO = """
import contextlib, io, json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
found = {}
for name, (truth, guesses) in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(guesses), "bbox")
        judge.params.iouThrs = [0.1, *judge.params.iouThrs.tolist()]
        judge.evaluate()
        judge.accumulate()
    # Overlaps, recalls, classes, areas, most boxes (1, 10, 100).
    means = judge.eval["precision"].mean(axis=1)
    found[name] = {"precision": means.tolist(), "recall": judge.eval["recall"].tolist()}
print(json.dumps(found))
"""


def invent(name: str) -> list[CaseBoxes]:
    """Return cases whose boxes have edges on whole pixels and scores with ties."""
    images, classes, true, guessed, crowds = SETTINGS[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    cases = []
    for _ in range(images):
        truth, truth_classes, guess, guess_classes = [], [], [], []
        for label in range(classes):
            for _ in range(rng.integers(0, true + 1)):
                truth.append(_box(rng))
                truth_classes.append(label)
            own = [b for b, c in zip(truth, truth_classes, strict=True) if c == label]
            for _ in range(rng.integers(0, guessed + 1)):
                near = own[rng.integers(len(own))] if own and rng.random() < 0.6 else _box(rng)
                guess.append(_moved(near, rng))
                guess_classes.append(label)
        order = rng.permutation(len(guess))
        cases.append(
            CaseBoxes(
                np.array(truth).reshape(-1, 2, 2),
                np.array(truth_classes, int),
                np.array(guess).reshape(-1, 2, 2)[order],
                np.array(guess_classes, int)[order],
                rng.integers(1, 40, len(guess)) / 40,
                rng.random(len(truth)) < crowds,
            )
        )
    return cases


def as_coco(cases: list[CaseBoxes], classes: int) -> tuple[dict, list]:
    """Return truth and guesses in COCO's own form; ids count from 1, as pycocotools needs."""
    truth, guesses = [], []
    for image, case in enumerate(cases, 1):
        for edges, label, crowd in zip(case.truth, case.truth_classes, case.is_crowd, strict=True):
            box = _xywh(edges)
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": image,
                    "category_id": int(label) + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": int(crowd),
                }
            )
        for edges, label, score in zip(case.guess, case.guess_classes, case.scores, strict=True):
            guesses.append(
                {
                    "image_id": image,
                    "category_id": int(label) + 1,
                    "bbox": _xywh(edges),
                    "score": float(score),
                }
            )
    kinds = [{"id": label + 1, "name": str(label)} for label in range(classes)]
    images = [{"id": image + 1} for image in range(len(cases))]
    about = {"images": images, "annotations": truth, "categories": kinds, "info": {}}
    return about, guesses


def ask_coco(python: str) -> dict[str, dict[str, list]]:
    """Return what pycocotools finds: mean precision and recall by overlap, class, area, count."""
    asked = {name: as_coco(invent(name), SETTINGS[name][1]) for name in SETTINGS}
    done = subprocess.run(
        [python, "-c", COCO], input=json.dumps(asked), text=True, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def _box(rng: np.random.Generator) -> list[list[float]]:
    size = rng.choice([10, 24, 60, 150], 2) + rng.integers(0, 9, 2)
    low = rng.integers(0, 300, 2) - 0.5
    return [[float(a), float(a + b)] for a, b in zip(low, size, strict=True)]


def _moved(box: list[list[float]], rng: np.random.Generator) -> list[list[float]]:
    far = [max(1, int(0.2 * (high - low))) for low, high in box]
    shifts = [rng.integers(-f, f + 1, 2) for f in far]
    return [
        [float(low + a), float(max(high + b, low + a + 1))]
        for (low, high), (a, b) in zip(box, shifts, strict=True)
    ]


def _xywh(edges: np.ndarray) -> list[float]:
    (top, bottom), (left, right) = edges.tolist()
    return [left + 0.5, top + 0.5, right - left, bottom - top]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(ask_coco(sys.argv[1])) + "\n")
