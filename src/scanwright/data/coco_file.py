"""One JSON file in COCO's format: its images, and the boxes of each.

Format: https://cocodataset.org/#format-data. A box is [x, y, width, height] in pixels, x = 0 the
left edge of the first pixel.
"""

import json
import mmap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scanwright.base import FileError, LabelError
from scanwright.data.box_flaw import BoxFault
from scanwright.data.box_given import GivenBoxes, given_boxes

PARTS = ("images", "annotations", "categories")
"""What a COCO file holds."""
LARGEST_BYTES = 1 << 30
Record = Mapping[str, Any]  # Any: what JSON holds
NO_NUMBERS = (float("nan"),) * 4


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One image of a COCO file.

    Parameters
    ----------
    name
        Path as the file gives it.
    size
        Height and width; empty where they are not given.
    given
        Its boxes.
    flaws
        (label, fault) of boxes left out.
    """

    name: str
    size: tuple[int, ...]
    given: GivenBoxes = field(repr=False)
    flaws: tuple[tuple[str, BoxFault], ...] = ()


@dataclass(frozen=True, slots=True)
class CocoFile:
    """A COCO file, read.

    Parameters
    ----------
    path
        Where it was read from.
    images
        In its order.
    labels
        Names of its categories.
    lost
        Number of annotations that belong to no image.
    """

    path: Path
    images: tuple[CocoImage, ...] = field(repr=False)
    labels: tuple[str, ...]
    lost: int = 0


def may_be_coco(path: Path) -> bool:
    """Whether a JSON file holds the words of a COCO file, without reading it as JSON."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return all(text.find(f'"{part}"'.encode()) >= 0 for part in PARTS)
    except (OSError, ValueError):  # an empty file cannot be mapped
        return False


def read_coco(path: Path) -> CocoFile:
    """Read a COCO file.

    Raises
    ------
    FileError
        It is no JSON, or too large.
    LabelError
        It is JSON but not in COCO's format; the message says what it lacks.
    """
    content = _content(path)
    lacking = [part for part in PARTS if not isinstance(content.get(part), list)]
    if lacking:
        raise LabelError(
            "The JSON file is not in COCO's format.",
            got=", ".join(map(str, list(content)[:8])) or "nothing",
            legal=f"lists of {', '.join(PARTS)}; {', '.join(lacking)} is lacking",
            next="export the boxes as COCO",
            where=path,
        )
    names = _categories(content["categories"], path)
    by_image, lost = _by_image(content["annotations"], content["images"], path)
    images = tuple(
        _image(record, by_image[_key(record, "id", "image", path)], names, path)
        for record in content["images"]
    )
    return CocoFile(path, images, tuple(dict.fromkeys(names.values())), lost)


def _content(path: Path) -> Record:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise FileError("The JSON file is too large.", legal="up to 1 GiB", where=path)
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise FileError("The JSON file cannot be read.", got=error, where=path) from error
    return content if isinstance(content, dict) else {f"a {type(content).__name__}": None}


def _key(record: object, name: str, what: str, path: Path) -> int | str:
    """Return an identifier in a record."""
    value = record.get(name) if isinstance(record, dict) else None
    if isinstance(value, int | str):
        return value
    raise LabelError(
        f"An {what} of the COCO file has no {name}.",
        got=str(record)[:80],
        next="export the boxes again",
        where=path,
    )


def _categories(records: Iterable[object], path: Path) -> dict[int | str, str]:
    names: dict[int | str, str] = {}
    for record in records:
        key = _key(record, "id", "entry of the categories", path)
        assert isinstance(record, dict), "it has an identifier"
        names[key] = str(record.get("name", key))
    return names


def _by_image(
    annotations: Iterable[object], images: Iterable[object], path: Path
) -> tuple[dict[int | str, list[Record]], int]:
    """Return identifier of an image → its annotations, and how many belong to none."""
    by_image: dict[int | str, list[Record]] = {}
    for record in images:
        key = _key(record, "id", "image", path)
        if key in by_image:
            raise LabelError(
                "Two images of the COCO file have one identifier.",
                got=key,
                next="export the boxes again",
                where=path,
            )
        by_image[key] = []
    lost = 0
    for record in annotations:
        key = _key(record, "image_id", "annotation", path)
        assert isinstance(record, dict), "it has an identifier"
        if key in by_image:
            by_image[key].append(record)
        else:
            lost += 1
    return by_image, lost


def _image(
    record: Record, annotations: Sequence[Record], names: Mapping[int | str, str], path: Path
) -> CocoImage:
    name = record.get("file_name")
    if not isinstance(name, str) or not name:
        raise LabelError(
            "An image of the COCO file has no file_name.", got=str(record)[:80], where=path
        )
    sides = (record.get("height"), record.get("width"))
    size = tuple(side for side in sides if isinstance(side, int) and side > 0)
    rows: list[Sequence[float]] = []
    labels: list[str] = []
    flaws: list[tuple[str, BoxFault]] = []
    for one in annotations:
        key = _key(one, "category_id", "annotation", path)
        if key not in names:
            raise LabelError(
                "An annotation is of an unknown category.",
                got=f"category {key} in image {name}",
                legal=", ".join(map(str, list(names)[:20])),
                next="name it in the list of categories",
                where=path,
            )
        if one.get("iscrowd"):
            flaws.append((names[key], BoxFault.CROWD))
            continue
        rows.append(_edges(one))
        labels.append(names[key])
    return CocoImage(
        name, size if len(size) == 2 else (), given_boxes(rows, labels, 2), tuple(flaws)
    )


def _edges(annotation: Record) -> tuple[float, float, float, float]:
    """Return the low y and x and the high y and x of an annotation; NaN where it has no box."""
    box = annotation.get("bbox")
    if isinstance(box, list) and len(box) == 4 and all(_is_number(value) for value in box):
        x, y, width, height = map(float, box)
        return y, x, y + height, x + width
    polygons = annotation.get("segmentation")
    if not isinstance(polygons, list):
        return NO_NUMBERS
    flat = [value for one in polygons if isinstance(one, list) for value in one]
    if len(flat) < 4 or len(flat) % 2 or not all(_is_number(value) for value in flat):
        return NO_NUMBERS
    points = np.array(flat, dtype=np.float64).reshape(-1, 2)
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return top, left, bottom, right


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
