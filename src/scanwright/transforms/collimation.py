"""The exposed field of a radiograph, found between the shutters of its collimator."""

from dataclasses import dataclass
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

LEVEL_SHARE = 0.05
"""Values within this share of the range of a shutter's own value are shutter."""
NOISE_FACTOR = 5.0
"""Values within this many standard deviations of a shutter's noise are shutter too."""
STRAIGHT_SHARE = 0.6
"""Share of the lines whose first exposed element must lie on the shutter's straight edge."""
EARLY_SHARE = 0.03
"""Share of the lines that may be exposed outside the edge, by a marker that lies on the shutter."""
SLACK_SHARE = 0.01
"""How far from the edge that may be, as a share of the picture's side."""
STEEPEST = 0.27
"""Largest slope of a shutter's edge: 15 degrees."""
LEAST_SIDE = 32
"""Elements along a side below which no shutter can be told."""


class CropCollimation(ApertureTransform):
    """Cut a radiograph to the field that its collimator left open.

    From each side, a shutter is one level up to an edge that is straight, within 15 degrees of
    upright; the outline of a body against air is not straight, and stays. What lies outside the
    edges inside the crop is made blank. A picture without shutters stays whole. A volume is taken
    as frames of one view. About 0.2 s per megapixel.
    """

    kind: ClassVar[str] = "crop_collimation"

    least: float = option(
        0.02, low=0.001, high=0.4, help="Thinnest shutter, as a share of the picture's side."
    )
    blank: bool = option(True, help="Whether corners outside a tilted field are made blank.")

    def learn(self, image: Image) -> Aperture:
        """Return the exposed field of one image."""
        return aperture_of(image, exposed_field(view(image), self.least), blank=self.blank)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A straight edge: depth from the picture's side at place x is `start + slope * x`."""

    start: float
    slope: float


def exposed_field(plane: Plane, least: float = 0.02) -> Inside:
    """Return which elements the collimator left open; all where there is no shutter.

    Parameters
    ----------
    plane
        Shape (Y, X), finite.
    least
        Thinnest shutter, as a share of the picture's side.
    """
    inside = np.ones(plane.shape, dtype=bool)
    if min(plane.shape) < LEAST_SIDE:
        return inside
    for turns in range(4):  # each side in turn becomes the top
        turned = np.rot90(plane, turns)
        edge = _edge(turned, np.rot90(inside, turns), least)
        if edge is None:
            continue
        depth = edge.start + edge.slope * np.arange(turned.shape[1])
        kept = np.arange(turned.shape[0])[:, None] >= np.round(depth)[None]
        inside &= np.rot90(kept, -turns)
    return inside if inside.mean() > 0.02 else np.ones_like(inside)


def _edge(plane: Plane, inside: Inside, least: float) -> _Edge | None:
    """Return the edge of the shutter at the top, or None."""
    height, width = plane.shape
    band = plane[: max(2, round(least * height) - 1)]
    known = inside[: len(band)]
    if known.mean() < 0.2:
        return None
    level = float(np.median(band[known]))
    low, high = np.percentile(plane, (0.5, 99.5))
    noise = 1.4826 * float(np.median(np.abs(band[known] - level)))
    reach = max(LEVEL_SHARE * (high - low), NOISE_FACTOR * noise)
    if high == low or reach > 0.3 * (high - low):
        return None
    depth, places = _first_exposed(np.abs(plane - level) > reach, inside)
    fits = depth < 0.5 * height
    if fits.sum() < 0.3 * width:
        return None
    edge = _line(depth[fits], places[fits], height, least)
    if edge is None or _is_ragged(edge, depth, places, max(1.5, SLACK_SHARE * height)):
        return None
    return edge


def _is_ragged(
    edge: _Edge, depth: npt.NDArray[np.float64], places: npt.NDArray[np.float64], slack: float
) -> bool:
    """Whether something is exposed outside: a body whose arms reach the side is no shutter."""
    early = depth < edge.start + edge.slope * places - slack
    return float(early.mean()) > EARLY_SHARE


def _first_exposed(
    is_exposed: Inside, inside: Inside
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return for each column that is not behind a shutter already found its first open row."""
    # Three of four in a row, so that a speck of dust or a marker's edge does not count.
    padded = np.pad(is_exposed, ((0, 3), (0, 0)), mode="edge").astype(np.int8)
    run = sum(padded[step : step + len(is_exposed)] for step in range(4)) >= 3
    run &= is_exposed
    found = run.any(axis=0)
    depth = np.where(found, run.argmax(axis=0), len(is_exposed))
    columns = np.flatnonzero(inside[len(inside) // 4 : 3 * len(inside) // 4].mean(axis=0) > 0.5)
    return depth[columns].astype(np.float64), columns.astype(np.float64)


def _line(
    depth: npt.NDArray[np.float64], places: npt.NDArray[np.float64], height: int, least: float
) -> _Edge | None:
    """Return the line on which most depths lie, or None where they lie on none."""
    slack = max(1.5, SLACK_SHARE * height)
    slope, start = _steady_line(depth, places)
    if abs(slope) > STEEPEST:
        return None
    for _ in range(3):
        near = np.abs(depth - start - slope * places) <= slack
        if near.sum() < STRAIGHT_SHARE * len(depth):
            return None
        slope, start = np.polyfit(places[near], depth[near], 1).tolist()
    middle = start + slope * places.mean()
    return _Edge(start, slope) if middle >= least * height else None


def _steady_line(
    depth: npt.NDArray[np.float64], places: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Return slope and start by Theil and Sen's median, from pairs half the width apart."""
    half = max(1, len(depth) // 2)
    slopes = (depth[half:] - depth[:-half]) / (places[half:] - places[:-half])
    slope = float(np.median(slopes)) if len(slopes) else 0.0
    return slope, float(np.median(depth - slope * places))
