"""Findings as pictures: the boxes that are reported, drawn on the image in grey."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ImageDraw, ImageFont
from PIL.Image import Image as Picture
from PIL.Image import Resampling, fromarray, new

from scanwright.image import Array, BoxPrediction, Geometry, Image
from scanwright.report import Plane, planes_of
from scanwright.workflows.findings import Findings
from scanwright.workflows.grey import grey_window, in_grey
from scanwright.workflows.outline_files import COLOURS, OVERLAY, write_image

MOST_SLICES = 12
"""Slices of a volume in its picture."""
MOST_NAMED = 200
"""Boxes in one picture that are named; more would only hide each other."""
LEAST_EDGE = 512
"""Longer side of a picture in pixels, at least: smaller images are enlarged, to be read."""
SLICE_EDGE = 384
"""The same of a slice of a volume, at least and at most."""
MOST_EDGE = 4096
"""Longer side of a picture whose image is not larger itself."""
LINES = 256
"""A line is as wide as this part of the longer side."""
LEAST_LETTER = 12
"""Height of letters in pixels, at least."""
GAP = 4
"""Pixels between slices."""


@dataclass(frozen=True, slots=True)
class View:
    """One plane of an image as it is drawn.

    Parameters
    ----------
    plane
        Which axes run down and to the right.
    size
        Elements of the image along each of its axes.
    pixels
        Height and width of the picture; its pixels are square, those of the image need not be.
    """

    plane: Plane
    size: tuple[int, ...]
    pixels: tuple[int, int]

    @classmethod
    def of(cls, plane: Plane, size: tuple[int, ...], geometry: Geometry) -> "View":
        """Return a plane in a size that can be read."""
        axes = (plane.down, plane.right)
        step = np.array([geometry.spacing_mm[axis] for axis in axes])
        edges = np.array([size[axis] for axis in axes]) * step / step.min()
        least, most = (LEAST_EDGE, max(MOST_EDGE, *size))
        if plane.across is not None:
            least = most = SLICE_EDGE
        edges *= np.clip(edges.max(), least, most) / edges.max()
        height, width = (max(1, round(edge)) for edge in edges.tolist())
        return cls(plane, size, (height, width))

    def along(self, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return where boxes lie in the picture.

        Parameters
        ----------
        edges
            Shape (N, D, 2), in index units of the image.

        Returns
        -------
        Shape (N, 2, 2): upper and lower, left and right edge in pixels from the upper left corner.
        """
        axes = (self.plane.down, self.plane.right)
        placed = np.empty((len(edges), 2, 2))
        for at, (axis, is_turned) in enumerate(zip(axes, self.plane.flips, strict=True)):
            share = (edges[:, axis] + 0.5) / self.size[axis]
            placed[:, at] = (1 - share[:, ::-1] if is_turned else share) * self.pixels[at]
        return placed

    def draw(self, image: Image, index: int, window: tuple[float, float]) -> Picture:
        """Return the plane at `index` along the cut axis, in grey, as a picture in colour."""
        channels = np.stack([self.plane.cut(channel, index) for channel in image.array])
        grey = np.round(in_grey(channels, window)).astype(np.uint8)
        height, width = self.pixels
        return fromarray(grey).resize((width, height), Resampling.BILINEAR).convert("RGB")


def write_boxes(prediction: BoxPrediction, image: Image, folder: Path, stem: str) -> Findings:
    """Write a picture of what was found in a case.

    Parameters
    ----------
    image
        Of the case.
    stem
        Name of the file without ending.

    Returns
    -------
    The findings and the file, a PNG; there is one for a case without findings, too.
    """
    picture = Image(boxes_overlay(image, prediction), Geometry.pixels(2))
    return Findings(prediction, (write_image(picture, folder / f"{stem}_{OVERLAY}.png"),))


def boxes_overlay(image: Image, prediction: BoxPrediction) -> Array:
    """Return the image in grey with the reported boxes in colour, shape (3, rows, columns), uint8.

    Of a volume there are slices through the middle of the surest findings, side by side: axial
    where its place in the patient is known, else across its first axis.
    """
    plane = planes_of(image.geometry)[0]
    view = View.of(plane, image.size, image.geometry)
    window = grey_window(image)
    if plane.across is None:
        picture = view.draw(image, 0, window)
        _draw_boxes(picture, prediction, np.flatnonzero(prediction.is_reported), view)
    else:
        picture = _sheet(list(_slices(image, prediction, view, window)))
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


def _slices(
    image: Image, prediction: BoxPrediction, view: View, window: tuple[float, float]
) -> Iterator[Picture]:
    """Draw slices through the surest findings, each with all boxes that it cuts."""
    across = view.plane.across
    assert across is not None
    last = image.size[across] - 1
    reported = np.flatnonzero(prediction.is_reported)
    low, high = prediction.edges[reported, across].T
    middles = np.clip(np.round((low + high) / 2), 0, last).astype(int).tolist()
    for index in list(dict.fromkeys(middles or [last // 2]))[:MOST_SLICES]:
        picture = view.draw(image, index, window)
        is_cut = (low <= index + 0.5) & (high >= index - 0.5)
        _draw_boxes(picture, prediction, reported[is_cut], view)
        place = (GAP, picture.height - LEAST_LETTER - 2 * GAP)
        words = f"{view.plane.name or 'slice'} {index + 1} of {last + 1}"
        ImageDraw.Draw(picture).text(place, words, "white", _letters(LEAST_LETTER))
        yield picture


def _sheet(slices: list[Picture]) -> Picture:
    """Put slices of one size side by side, in rows."""
    columns = ceil(sqrt(len(slices)))
    rows = ceil(len(slices) / columns)
    width, height = slices[0].width + GAP, slices[0].height + GAP
    sheet = new("RGB", (columns * width - GAP, rows * height - GAP))
    for number, one in enumerate(slices):
        sheet.paste(one, (number % columns * width, number // columns * height))
    return sheet


def _draw_boxes(
    picture: Picture, prediction: BoxPrediction, chosen: npt.NDArray[np.intp], view: View
) -> None:
    """Draw boxes, the surest last; a line runs around its box and hides nothing inside."""
    brush = ImageDraw.Draw(picture)
    longer = max(picture.size)
    line = max(1, round(longer / LINES))
    letters = _letters(max(LEAST_LETTER, longer // 40))
    placed = np.round(view.along(prediction.edges[chosen])).astype(int).tolist()
    for rank in reversed(range(len(chosen))):
        place = int(prediction.classes[chosen[rank]])
        colour = COLOURS[place % len(COLOURS)]
        (top, bottom), (left, right) = placed[rank]
        corners = (left - line, top - line, max(right, left + 1), max(bottom, top + 1))
        around = (corners[0], corners[1], corners[2] + line - 1, corners[3] + line - 1)
        brush.rectangle(around, outline=colour, width=line)
        if rank < MOST_NAMED:
            score = float(prediction.scores[chosen[rank]])
            _name(brush, f"{prediction.labels[place]} {score:.2f}", around, colour, letters)


def _name(
    brush: ImageDraw.ImageDraw,
    words: str,
    around: tuple[int, int, int, int],
    colour: tuple[int, int, int],
    letters: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """Write the name of a box above it, or below where there is no room, on its colour."""
    width, height = brush.im.size
    box = brush.textbbox((0, 0), words, letters)
    wide, high = ceil(box[2]) + GAP, ceil(box[3]) + GAP
    left = max(0, min(around[0], width - wide))
    top = around[1] - high if around[1] >= high else min(around[3] + 1, height - high)
    brush.rectangle((left, top, left + wide - 1, top + high - 1), fill=colour)
    brush.text((left + GAP // 2, top + GAP // 2), words, "black", letters)


def _letters(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(height)
