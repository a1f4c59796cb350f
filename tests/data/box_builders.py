"""Small data sets with boxes on disk, for the tests of data."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scanwright.data import Entry, Index
from scanwright.image import BoxesTarget

from .builders import make_png

WIDTH, HEIGHT = 9, 8
"""Size of the pictures that `make_png` writes."""


def coco_content(boxes: Mapping[str, Sequence[tuple[Any, ...]]]) -> dict[str, Any]:
    """Return a COCO file: file name → (label, x, y, width, height) of each box."""
    labels = sorted({box[0] for many in boxes.values() for box in many})
    annotations = [
        {"image_id": image, "category_id": labels.index(box[0]) + 1, "bbox": list(box[1:])}
        for image, many in enumerate(boxes.values())
        for box in many
    ]
    return {
        "images": [
            {"id": image, "file_name": name, "width": WIDTH, "height": HEIGHT}
            for image, name in enumerate(boxes)
        ],
        "annotations": [{"id": number, **one} for number, one in enumerate(annotations)],
        "categories": [{"id": place + 1, "name": name} for place, name in enumerate(labels)],
    }


def write_json(path: Path, content: object) -> Path:
    """Write a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def make_coco(
    folder: Path,
    boxes: Mapping[str, Sequence[tuple[Any, ...]]],
    *,
    file: str = "boxes.json",
    images: str = ".",
    first_seed: int = 0,
) -> Path:
    """Write pictures into `folder / images` and a COCO file of their boxes."""
    for seed, name in enumerate(boxes):
        make_png(folder / images / name, first_seed + seed)
    return write_json(folder / file, coco_content(boxes))


def boxes_of(entry: Entry) -> list[tuple[str, tuple[float, ...], tuple[float, ...]]]:
    """Return label, low and high edges of each box of a case."""
    assert isinstance(entry.target, BoxesTarget)
    return [(box.label, box.low, box.high) for box in entry.target.boxes]


def by_name(index: Index) -> dict[str, Entry]:
    """Return the cases of an index by their names."""
    return {entry.name: entry for entry in index.entries}
