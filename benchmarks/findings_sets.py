"""The sets of `findings.py`, laid out as `scanwright train` takes them.

Brain MRI: 500 images to learn from, and the 201 that its authors call "val" as the test part, for
published numbers are of those. Nodules: simulated volumes of 128³ with nodules of 4 to 20 mm among
vessels that look like them, a quarter of the volumes without any, a quarter of them the test part.
"""

import csv
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from near_duplicates import hashed

from scanwright.data import Entry, IndexOptions, index_data
from scanwright.image import Image, Modality
from scanwright.io import write
from scanwright.phantom import LesionOptions, simulate_lesions

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SCANWRIGHT_DATA", ROOT.parent / "shared" / "data"))
BRAIN = DATA / "detection" / "brain_mri_br35h"
TABLE = "boxes.csv"
ENDS = tuple(f"{axis}{end}_px" for end in ("min", "max") for axis in "xyz")
NEAR_BITS = 6
"""Of 256: images whose gradient hashes differ by no more are near duplicates."""
TEST_IN = 4
"""One volume in so many is for the test."""


@dataclass(frozen=True, slots=True)
class FindingSet:
    """What is learnt.

    Parameters
    ----------
    lay_out
        (empty folder or one laid out before, number of cases) → what to train on.
    modality
        As the command line takes it.
    has_leaks
        Whether images of the test part are near duplicates of others.
    """

    lay_out: Callable[[Path, int], Path]
    modality: str
    has_leaks: bool = False


def lay_out_brains(folder: Path, _: int) -> Path:
    """Put 201 annotated images into the test part, beside a link to the images."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, source in (("train", "train"), ("test", "val")):
        about = json.loads((BRAIN / f"coco_{source}.json").read_text())
        for image in about["images"]:
            image["file_name"] = f"{source}/{image['file_name']}"
        (folder / f"coco_{part}.json").write_text(json.dumps(about))
    images = folder / "images"
    if not images.exists():
        images.mkdir()
        for source in ("train", "val"):
            (images / source).symlink_to((BRAIN / "images" / source).resolve())
    return folder


def lay_out_nodules(folder: Path, cases: int) -> Path:
    """Simulate volumes and write the table of their boxes, unless they are there."""
    table = folder / TABLE
    if table.exists():
        return table
    options = LesionOptions(modality=Modality.CT, rank=3, cases=cases, size=128, slices=128)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = []
    for index in range(cases):
        case = simulate_lesions(options, index)
        path = folder / "images" / f"{case.case.name}.nii"
        write(_whole(case.case.image), path)
        rows += [
            {
                "path": path.relative_to(folder).as_posix(),
                "patient": case.case.patient,
                "split": "train" if index % TEST_IN else "test",
                **ends,
            }
            for ends in _rows([(box.label, box.low, box.high) for box in case.boxes.boxes])
        ]
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return table


SETS = {
    "brain_mri": FindingSet(lay_out_brains, "mri", has_leaks=True),
    "nodules": FindingSet(lay_out_nodules, "ct"),
}


def index_options(modality: str) -> IndexOptions:
    """Return how `scanwright train --modality` has a set indexed."""
    return IndexOptions(modality=modality)


def test_part(data: Path, modality: str) -> list[Entry]:
    """Return the cases of the test part, with what is true of them."""
    entries = index_data(data, index_options(modality)).entries
    return [entry for entry in entries if entry.split == "test"]


def leaked(data: Path, modality: str) -> tuple[set[str], int]:
    """Return the test images that are near duplicates of others, and the number of pairs."""
    entries = index_data(data, index_options(modality)).entries
    parts = [[one for one in entries if (one.split == "test") == test] for test in (False, True)]
    learnt, tested = (
        hashed([entry.files[0] for entry in part]).astype(np.float32) for part in parts
    )
    apart = tested @ (1 - learnt.T) + (1 - tested) @ learnt.T
    pairs = np.argwhere(apart <= NEAR_BITS)
    return {parts[1][row].name for row in pairs[:, 0]}, len(pairs)


def _whole(image: Image) -> Image:
    return image.with_array(np.rint(image.array).astype(np.int16))


def _rows(
    boxes: Sequence[tuple[str, tuple[float, ...], tuple[float, ...]]],
) -> list[dict[str, str]]:
    """Return the cells of each box, x before y before z from the outer edge; empty without any."""
    if not boxes:
        return [{"label": "", **dict.fromkeys(ENDS, "")}]
    return [
        {"label": label}
        | {
            name: f"{edge + 0.5:g}"
            for name, edge in zip(ENDS, (*low[::-1], *high[::-1]), strict=True)
        }
        for label, low, high in boxes
    ]
