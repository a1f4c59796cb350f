"""Small data sets of images and masks on disk."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scanwright.data import MaskReference
from scanwright.data.entry import Entry
from scanwright.image import Array, Geometry, Image
from scanwright.io import write

SIZE = (5, 8, 9)
GRID = Geometry.axial((2.0, 1.0, 1.0))


def volume(seed: int, size: tuple[int, ...] = SIZE) -> Image:
    """Return an image that no other seed has."""
    array = np.random.default_rng(seed).normal(100, 10, (1, *size)).astype(np.float32)
    return Image(array, GRID)


def labels(*values: int, size: tuple[int, ...] = SIZE) -> Array:
    """Return a label map with a block for each value, side by side."""
    array = np.zeros(size, np.uint8)
    for place, value in enumerate(values):
        array[..., 1:4, 2 * place : 2 * place + 2] = value
    return array


def put(path: Path, array: Array | Image, geometry: Geometry = GRID) -> Path:
    """Write an image, or one channel on the grid."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write(array if isinstance(array, Image) else Image(array[None], geometry), path)
    return path


def put_png(path: Path, array: Array) -> Path:
    """Write a picture, grey (Y, X) or colour (3, Y, X)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write(Image.from_array(array if array.ndim == 3 else array[None]), path)
    return path


def noise(seed: int, size: tuple[int, int] = (16, 18)) -> Array:
    """Return a picture that no other seed has."""
    return np.random.default_rng(seed).integers(0, 256, size).astype(np.uint8)


def block(value: int = 255, size: tuple[int, int] = (16, 18)) -> Array:
    """Return a mask with one block."""
    array = np.zeros(size, np.uint8)
    array[4:9, 5:12] = value
    return array


def put_json(path: Path, content: object) -> Path:
    """Write JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def make_decathlon(root: Path, count: int = 3, **more: object) -> Path:
    """Write a folder of the Decathlon with two labels."""
    for number in range(count):
        put(root / "imagesTr" / f"organ_{number:03d}.nii.gz", volume(number))
        put(root / "labelsTr" / f"organ_{number:03d}.nii.gz", labels(1, 2))
    content = {
        "name": "Organ",
        "modality": {"0": "CT"},
        "labels": {"0": "background", "1": "organ", "2": "tumour"},
        "training": [
            {
                "image": f"./imagesTr/organ_{number:03d}.nii.gz",
                "label": f"./labelsTr/organ_{number:03d}.nii.gz",
            }
            for number in range(count)
        ],
    }
    put_json(root / "dataset.json", content | more)
    return root


def make_folders(
    root: Path, masks: Mapping[str, Array], names: tuple[str, str] = ("images", "masks")
) -> Path:
    """Write pictures and masks of the same names into two folders."""
    for number, (name, mask) in enumerate(masks.items()):
        put_png(root / names[0] / f"{name}.png", noise(number, mask.shape[-2:]))
        put_png(root / names[1] / f"{name}.png", mask)
    return root


def present(entry: Entry) -> tuple[str, ...] | None:
    """Return what is known to be outlined in a case."""
    assert isinstance(entry.target, MaskReference)
    return entry.target.present
