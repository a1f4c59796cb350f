"""The insonified sector of an ultrasound picture, found among text, rulers and logos."""

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from scanwright.base import option
from scanwright.image import Image
from scanwright.transforms.aperture import (
    Aperture,
    ApertureTransform,
    Inside,
    Plane,
    aperture_of,
    view,
)

WORKING_SIDE = 384
"""Longest side of the picture in which the sector is looked for, in elements."""
LEAST_SIDE = 24
"""Elements along a side below which no sector can be told."""
RIM_SHARE = 0.2
"""Share of the picture's rim that must be background for there to be something to cut."""
FLAT = 0.008
"""How even the background of a screen is, as a share of the range: two levels of a JPEG."""
LEAST_SECTOR = 0.08
"""A sector smaller than this share of the picture is taken for a mistake."""
DENSE = 0.4
"""Share of echoes in a neighbourhood that is tissue, not text."""


class CropFan(ApertureTransform):
    """Cut an ultrasound picture to its insonified sector, and blank all outside it.

    The sector, of a linear, curved or phased probe, is the largest dense region of echoes: its
    sides and bottom are its convex hull, which bridges shadows; its top is an arc where that curves
    in. Text, rulers and logos outside disappear, with names burned into the picture; what is
    printed onto the sector itself stays. A picture without a background around it stays whole. A
    volume is taken as frames of one view. About 0.2 s for a picture of any size.
    """

    kind: ClassVar[str] = "crop_fan"

    level: float = option(
        0.04, low=0.001, high=0.5, help="Echoes differ from the background by this share of range."
    )
    margin: int = option(1, low=0, high=100, help="Elements kept around the sector.")
    blank: bool = option(True, help="Whether what lies outside the sector is made blank.")

    def learn(self, image: Image) -> Aperture:
        """Return the sector of one image."""
        inside = insonified_sector(view(image), self.level)
        if self.margin and not inside.all():
            from scipy.ndimage import binary_dilation

            inside = binary_dilation(inside, iterations=self.margin)
        return aperture_of(image, inside, blank=self.blank)


def insonified_sector(plane: Plane, level: float = 0.04) -> Inside:
    """Return which elements lie in the scanned sector; all where there is no background.

    Parameters
    ----------
    plane
        Shape (Y, X), finite.
    level
        By what share of the range echoes differ from the background.
    """
    from scipy.ndimage import zoom

    whole = np.ones(plane.shape, dtype=bool)
    if min(plane.shape) < LEAST_SIDE or plane.min() == plane.max():
        return whole
    step = -(-max(plane.shape) // WORKING_SIDE)
    coarse = _coarse(plane, step)
    has_echo = _has_echo(coarse, level)
    if has_echo is None:
        return whole
    region = _largest(has_echo)
    if region.mean() < LEAST_SECTOR:
        return whole
    sector = _below_arc(_hull(region), region)
    if step > 1:
        fine = zoom(sector.astype(np.float32), step, order=1, grid_mode=True, mode="nearest")
        sector = fine[: plane.shape[0], : plane.shape[1]] >= 0.5
        short = [(0, size - found) for size, found in zip(plane.shape, sector.shape, strict=True)]
        sector = np.pad(sector, short, mode="edge")
    return sector


def _coarse(plane: Plane, step: int) -> Plane:
    if step == 1:
        return plane
    rows, columns = (size // step for size in plane.shape)
    blocks = plane[: rows * step, : columns * step].reshape(rows, step, columns, step)
    means: Plane = blocks.mean(axis=(1, 3))
    return means


def _has_echo(plane: Plane, level: float) -> Inside | None:
    """Return what differs from the background, or None where the rim is no background."""
    rim = np.concatenate([plane[0], plane[-1], plane[1:-1, 0], plane[1:-1, -1]])
    low, high = np.percentile(plane, (0.5, 99.5))
    reach = level * (high - low)
    counts, edges = np.histogram(rim, bins=64, range=(plane.min(), plane.max()))
    fullest = int(counts.argmax())
    background = float(np.median(rim[(rim >= edges[fullest]) & (rim <= edges[fullest + 1])]))
    if np.mean(np.abs(rim - background) <= FLAT * (high - low)) < RIM_SHARE:
        return None  # deep tissue in a shadow is dark, but never so even
    has_echo: Inside = np.abs(plane - background) > reach
    return has_echo


def _largest(has_echo: Inside) -> Inside:
    """Return the largest dense region, freed of text by an opening."""
    from scipy.ndimage import binary_dilation, binary_opening, label, uniform_filter

    edge = max(3, min(has_echo.shape) // 28 | 1)
    closed = _closed(has_echo, edge)
    dense = uniform_filter(has_echo.astype(np.float32), edge, mode="nearest") > DENSE
    block = np.ones((edge, edge), dtype=bool)
    parts, count = label(binary_opening(dense & closed, structure=block))
    if count == 0:
        return np.zeros_like(has_echo)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    # The opening rounds corners off; what is close by and joined to the region is its own.
    near = binary_dilation(parts == sizes.argmax(), structure=block) & closed
    parts, _ = label(near)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    largest: Inside = parts == sizes.argmax()
    return largest


def _closed(has_echo: Inside, edge: int) -> Inside:
    from scipy.ndimage import binary_closing

    padded = np.pad(has_echo, edge)
    closed = binary_closing(padded, structure=np.ones((edge, edge), dtype=bool))
    inner: Inside = closed[edge:-edge, edge:-edge]
    return inner


def _hull(region: Inside) -> Inside:
    from skimage.morphology import convex_hull_image

    hull: Inside = convex_hull_image(region)
    return hull


def _below_arc(hull: Inside, region: Inside) -> Inside:
    """Cut what the hull has above a top that curves in, as under a curved probe."""
    columns = np.flatnonzero(region.any(axis=0))
    top_of_hull = hull.argmax(axis=0)[columns].astype(np.float64)
    top = region.argmax(axis=0)[columns].astype(np.float64)
    gap = top - top_of_hull
    if gap.max() < max(2.0, 0.015 * len(hull)):
        return hull
    arc = _arc(columns, top, _run(gap > 1.5, int(gap.argmax())))
    if arc is None:
        return hull
    cut = np.zeros(hull.shape[1])
    cut[columns] = np.maximum(arc, top_of_hull)
    kept: Inside = hull & (np.arange(len(hull))[:, None] >= np.floor(cut)[None])
    return kept


def _run(holds: Inside, at: int) -> Inside:
    """Return the stretch around a place in which something holds without a break."""
    breaks = np.flatnonzero(~holds)
    first = breaks[breaks < at].max(initial=-1) + 1
    last = breaks[breaks > at].min(initial=len(holds))
    run = np.zeros(len(holds), dtype=bool)
    run[first:last] = True
    return run


def _arc(
    columns: npt.NDArray[np.intp], top: npt.NDArray[np.float64], curves: Inside
) -> npt.NDArray[np.float64] | None:
    """Return a parabola through the first echoes, by weights that disregard shadows."""
    places = (columns - columns.mean()) / max(1.0, float(np.ptp(columns)))
    if curves.sum() < 8:
        return None
    weights = curves.astype(np.float64)
    curve = np.zeros(3)
    for _ in range(10):
        curve = np.polyfit(places, top, 2, w=np.sqrt(weights))
        late = np.maximum(top - np.polyval(curve, places), 0)  # a shadow begins below the top
        weights = curves / (1 + (late / 1.5) ** 2)
    if curve[0] >= 0:  # a face bulges down, into the picture
        return None
    bent: npt.NDArray[np.float64] = np.polyval(curve, places)
    return bent
