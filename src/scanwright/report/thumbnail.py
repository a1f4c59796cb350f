"""Small grey or colour pictures inside a page, as PNG data URIs made of pixels alone."""

import base64
import io
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Image
from scanwright.report.outcomes import Values

WIDEST = 224
"""Longer side in pixels."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture with its words.

    Parameters
    ----------
    uri
        A data URI of PNG; empty where no picture can be shown.
    caption
        Lines below the picture.
    alt
        What it shows, for who cannot see it.
    is_wrong
        Whether it shows a wrong decision.
    """

    uri: str = field(repr=False)
    caption: tuple[str, ...]
    alt: str
    is_wrong: bool = False


def picture_uri(image: Image | Values, widest: int = WIDEST) -> str:
    """Return an image as a PNG data URI: grey levels between its 1st and 99th percentile.

    Of a volume the middle slice of the slow axis is shown, of many channels the first. Only
    pixels are written: no text, no time, no names.

    Parameters
    ----------
    image
        An image, or an array of shape (C, Y, X) or (C, Z, Y, X).
    widest
        Longer side in pixels; smaller images are enlarged by a whole number without smoothing.

    Raises
    ------
    ShapeError
        There is no plane to show.
    """
    from PIL import Image as Picture

    array = np.asarray(image.array if isinstance(image, Image) else image)
    plane = _plane(array)
    levels = _levels(plane)
    picture = Picture.fromarray(levels[0] if len(levels) == 1 else np.moveaxis(levels, 0, -1))
    longest = max(picture.size)
    if longest > widest:
        scale = widest / longest
        size = tuple(max(1, round(side * scale)) for side in picture.size)
        picture = picture.resize((size[0], size[1]), Picture.Resampling.LANCZOS)
    elif widest // longest > 1:
        whole = widest // longest
        size = (picture.width * whole, picture.height * whole)
        picture = picture.resize(size, Picture.Resampling.NEAREST)
    stream = io.BytesIO()
    picture.save(stream, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _plane(array: Values) -> Values:
    if array.ndim == 4:
        array = array[:, array.shape[1] // 2]
    if array.ndim != 3 or array.size == 0:
        raise ShapeError(
            "A picture has rows and columns.", got=array.shape, legal="(C, Y, X) or (C, Z, Y, X)"
        )
    return array if len(array) == 3 else array[:1]


def _levels(plane: Values) -> npt.NDArray[np.uint8]:
    values = np.nan_to_num(plane.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = np.percentile(values, [1, 99])
    if high <= low:
        low, high = float(values.min()), float(values.max())
    span = high - low if high > low else 1.0
    levels: npt.NDArray[np.uint8] = (
        (np.clip((values - low) / span, 0, 1) * 255).round().astype(np.uint8)
    )
    return levels
