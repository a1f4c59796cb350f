"""A small set of images with bright spots as findings, and answers about it without a network."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tests.data.box_builders import coco_content, write_json
from tests.data.mask_builders import put_png

from scanwright.data import Entry
from scanwright.image import BoxesTarget, BoxPrediction, Geometry, edges_of
from scanwright.workflows.box_answer import BoxAnswer
from scanwright.workflows.prepare import Prepared, RunOptions, prepare

SIZE = (44, 40)
SETTINGS = {"training.members": 1, "training.workers": 1, "training.threads": 1}
OPTIONS = RunOptions(settings=SETTINGS, device="cpu", budget_seconds=600, audit=False)
THRESHOLDS = (0.5,)


def make_spots(root: Path, count: int = 12) -> Path:
    """Write images of which every third has no spot, and their boxes in COCO's form."""
    rng = np.random.default_rng(0)
    boxes: dict[str, list[tuple[str, int, int, int, int]]] = {}
    for number in range(count):
        name = f"scan_{number:02d}.png"
        values, boxes[name] = rng.normal(60, 8, SIZE), []
        if number % 3:
            y, x = rng.integers(4, 24, 2).tolist()
            values[y : y + 10, x : x + 12] += 90
            boxes[name] = [("spot", x, y, 12, 10)]
        put_png(root / name, np.clip(values, 0, 255).astype(np.uint8))
    content = coco_content(boxes)
    for image in content["images"]:
        image["height"], image["width"] = SIZE
    write_json(root / "boxes.json", content)
    return root


def prepared_spots(root: Path) -> Prepared:
    """Read that set and decide its recipe; nothing is trained."""
    return prepare(str(make_spots(root)), OPTIONS, time.monotonic())


def answers_of(
    entries: Sequence[Entry], *, off: float = 0.0, missed: Sequence[str] = (), false: float = 0.0
) -> list[BoxAnswer]:
    """Return what a model finds that is `off` by so many pixels, and may mark a corner falsely.

    Parameters
    ----------
    missed
        Names of cases whose finding gets a score below the threshold.
    false
        Score of a box in the lower corner of every case; 0 for none.
    """
    found = []
    for entry in entries:
        assert isinstance(entry.target, BoxesTarget)
        edges = edges_of(entry.target.boxes, 2) + off
        scores = np.full(len(edges), 0.3 if entry.name in missed else 0.9)
        if false:
            corner = np.array([[[36.5, 43.5], [0.5, 6.5]]])
            edges, scores = np.concatenate([edges, corner]), np.append(scores, false)
        classes = np.zeros(len(scores), dtype=np.int64)
        grid = (Geometry.pixels(2), SIZE, ("spot",))
        prediction = BoxPrediction(entry.name, *grid, edges, classes, scores, THRESHOLDS)
        found.append(BoxAnswer(entry, entry.target, prediction))
    return found
