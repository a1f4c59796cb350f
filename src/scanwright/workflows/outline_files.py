"""Outlines as files: label maps on the grid of the source, and pictures of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scanwright.image import Array, Image, MaskPrediction
from scanwright.io import write
from scanwright.workflows.answer_rows import Outline
from scanwright.workflows.grey import grey_window, in_grey

COLOURS = (
    (230, 60, 60), (60, 160, 230), (240, 180, 40), (90, 190, 90), (170, 100, 220), (230, 120, 180),
)  # fmt: skip
"""Of the names in an overlay, in their order, over and over."""
TINT = 0.45
"""Share of the colour inside an outline; its rim is drawn full."""
PLANE = 2
OVERLAY = "overlay"


def write_outlines(
    prediction: MaskPrediction, image: Image, folder: Path, stem: str, ending: str
) -> Outline:
    """Write what was outlined in a case.

    Parameters
    ----------
    image
        Of the case.
    stem
        Name of the files without ending.
    ending
        Of label maps of volumes, such as ".nii.gz". In a plane a map is a PNG of whole numbers,
        with an overlay in colour beside it.

    Returns
    -------
    The files; a map for each name where names overlap.
    """
    is_plane = image.rank == PLANE
    ending = ".png" if is_plane else ending
    labels = prediction.labels
    files = []
    if prediction.scheme.is_exclusive:
        files.append(write_image(labels, folder / f"{stem}_mask{ending}"))
    else:
        for place, name in enumerate(_safe_names(prediction.scheme.names)):
            one = labels.with_array(labels.array[place : place + 1])
            files.append(write_image(one, folder / f"{stem}_{name}{ending}"))
    if is_plane:
        picture = Image(overlay(image, prediction), image.geometry)
        files.append(write_image(picture, folder / f"{stem}_{OVERLAY}.png"))
    return Outline(
        prediction.case,
        tuple(files),
        dict(prediction.volumes_ml),
        dict(prediction.areas_mm2),
        dict(prediction.diameters_mm),
        prediction.warnings,
    )


def overlay(image: Image, prediction: MaskPrediction) -> Array:
    """Return the image in grey with what was outlined in colour, shape (3, *space), uint8."""
    from scipy.ndimage import binary_erosion

    shown = np.repeat(in_grey(image.array, grey_window(image))[None], 3, axis=0)
    for place, name in enumerate(prediction.scheme.names):
        mask = prediction.mask(name)
        colour = np.array(COLOURS[place % len(COLOURS)], dtype=np.float64)[:, None]
        rim = mask & ~binary_erosion(mask)
        shown[:, mask] = (1 - TINT) * shown[:, mask] + TINT * colour
        shown[:, rim] = colour
    return np.round(shown).astype(np.uint8)


def write_image(image: Image, path: Path) -> Path:
    """Write an image, making its folder; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write(image, path)
    return path


def _safe_names(names: Sequence[str]) -> list[str]:
    """Return names for files, no two alike even where capital letters do not count."""
    taken, found = {OVERLAY}, []
    for name in names:
        plain = "".join(letter if letter.isalnum() else "_" for letter in name)
        safe, count = plain, 1
        while safe.lower() in taken:
            count += 1
            safe = f"{plain}-{count}"
        taken.add(safe.lower())
        found.append(safe)
    return found
