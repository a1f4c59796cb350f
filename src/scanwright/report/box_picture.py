"""Single findings as pictures: the image around them, true boxes and found ones over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Array, Edges, Floats, Image
from scanwright.report.canvas import INK, SERIES, draw
from scanwright.report.plane import Plane, planes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRUE, FOUND = SERIES[5], SERIES[4]
"""Of true boxes (drawn through) and found ones (dashed): light on dark images, and told apart by
colour-blind readers."""

AROUND = 1.5
"""Shown beyond a finding on each side, in its own longest sides."""

LEAST_SHARE = 0.3
"""Of the plane's longer side that is shown at least, so that one sees where one is."""

WIDEST = 300
"""Longer side of a picture in pixels; boxes are drawn as lines and stay sharp."""

MOST_DRAWN = 16
"""True boxes in a picture, and found ones; more would only hide each other."""

COLUMNS = 4
"""Pictures in a row."""


@dataclass(frozen=True, slots=True)
class BoxPicture:
    """An image with all its boxes, and the one that is meant.

    Parameters
    ----------
    image
        Of rank 2 or 3; of several channels the first is shown, of three all in a plane.
    truth, guess
        Shape (M, D, 2) and (N, D, 2): true boxes and those that are shown.
    scores
        Shape (N,).
    meant
        Shape (D, 2): the box in the middle of the picture.
    words
        Above the picture.

    Raises
    ------
    ShapeError
        The boxes are of another rank than the image.
    """

    image: Image
    truth: Edges = field(repr=False)
    guess: Edges = field(repr=False)
    scores: Floats = field(repr=False)
    meant: Floats = field(repr=False)
    words: str = ""

    def __post_init__(self) -> None:
        rank = self.image.rank
        if rank < 2 or any(part.shape[-2] != rank for part in (self.truth, self.guess, self.meant)):
            raise ShapeError(
                "Boxes lie on the grid of their image.",
                got=(self.truth.shape, self.guess.shape, self.meant.shape),
                legal=f"rank {rank}",
            )


@dataclass(frozen=True, slots=True)
class _Cut:
    """One plane through a finding: `spans` is (down, right) × (low, high), in elements of it."""

    plane: Plane
    levels: npt.NDArray[np.uint8]
    spans: Floats
    spacing: tuple[float, float]
    truth: Edges
    guess: Edges
    scores: Floats


def findings_svg(name: str, pictures: Sequence[BoxPicture]) -> str:
    """Draw pictures in rows of four, with a legend."""
    cuts = [_cut(picture) for picture in pictures]
    rows = -(-len(cuts) // COLUMNS)

    def paint(*axes: "Axes") -> None:
        for ax, cut, picture in zip(axes, cuts, pictures, strict=False):
            _paint(ax, cut, picture.words)
        for ax in axes[len(cuts) :]:
            ax.set_axis_off()
        axes[0].plot([], [], color=TRUE, label="true")
        axes[0].plot([], [], color=FOUND, linestyle="--", label="found, with its score")
        axes[0].figure.legend(loc="outside lower center", ncols=2, fontsize=9)

    return draw(name, paint, size=(10.4, 2.95 * rows + 0.55), panels=(rows, COLUMNS))


def _cut(picture: BoxPicture) -> _Cut:
    """Cut through the middle of the box that is meant, and keep what is around it."""
    geometry, size = picture.image.geometry, picture.image.size
    plane = planes_of(geometry)[0]
    middle, index = picture.meant.mean(axis=1), 0
    seen = [np.ones(len(edges), dtype=bool) for edges in (picture.truth, picture.guess)]
    if plane.across is not None:
        across = plane.across
        index = int(np.clip(np.rint(middle[across]), 0, size[across] - 1))
        seen = [
            (edges[:, across, 0] <= index) & (index <= edges[:, across, 1])
            for edges in (picture.truth, picture.guess)
        ]
    sides = (size[plane.down], size[plane.right])
    truth = _in_plane(picture.truth[seen[0]], plane, sides)
    guess = _in_plane(picture.guess[seen[1]], plane, sides)
    spacing = (geometry.spacing_mm[plane.down], geometry.spacing_mm[plane.right])
    meant = _in_plane(picture.meant[None], plane, sides)[0]
    spans = _around(meant, sides, spacing)
    array = picture.image.array
    channels = array if len(array) == 3 and plane.across is None else array[:1]
    near = [_nearest(edges, spans, meant) for edges in (truth, guess)]
    window = tuple(slice(int(low), int(high)) for low, high in spans)
    levels = _levels([plane.cut(channel, index)[window] for channel in channels])
    scores = picture.scores[seen[1]][near[1]]
    return _Cut(plane, levels, spans, spacing, truth[near[0]], guess[near[1]], scores)


def _nearest(edges: Edges, spans: Floats, meant: Floats) -> npt.NDArray[np.int64]:
    """Return which boxes are in sight, those nearest to the one meant where there are too many."""
    is_seen = np.all((edges[:, :, 0] < spans[:, 1]) & (edges[:, :, 1] > spans[:, 0]), axis=1)
    seen = np.flatnonzero(is_seen)
    away = np.linalg.norm(edges[seen].mean(axis=2) - meant.mean(axis=1), axis=1)
    return np.sort(seen[np.argsort(away, kind="stable")[:MOST_DRAWN]])


def _in_plane(edges: Edges, plane: Plane, sides: tuple[int, int]) -> Edges:
    """Return boxes as seen in a plane: shape (N, 2, 2), from the upper left corner of it."""
    found = edges[:, [plane.down, plane.right]] + 0.5
    for axis, is_flipped in enumerate(plane.flips):
        if is_flipped:
            found[:, axis] = sides[axis] - found[:, axis, ::-1]
    return found


def _around(meant: Floats, sides: tuple[int, int], spacing: tuple[float, float]) -> Floats:
    """Return a square window, in mm, around a box, kept inside the plane: whole elements."""
    extents = [(high - low) * mm for (low, high), mm in zip(meant, spacing, strict=True)]
    whole = max(side * mm for side, mm in zip(sides, spacing, strict=True))
    width = max((1 + 2 * AROUND) * max(extents), LEAST_SHARE * whole)
    spans = []
    for (low, high), side, mm in zip(meant, sides, spacing, strict=True):
        length = min(float(side), max(1.0, np.ceil(width / mm)))
        start = np.clip(np.rint((low + high - length) / 2), 0, side - length)
        spans.append((start, start + length))
    return np.array(spans)


def _levels(planes: Sequence[Array]) -> npt.NDArray[np.uint8]:
    """Return (rows, columns, 3), from the 1st to the 99th percentile of what is shown."""
    from PIL import Image as Picture

    values = np.nan_to_num(np.stack(planes, axis=-1).astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = np.percentile(values, [1, 99])
    levels = np.clip((values - low) / (high - low if high > low else 1.0), 0, 1)
    picture = np.repeat((255 * levels).round().astype(np.uint8), 3 // levels.shape[-1], axis=2)
    scale = WIDEST / max(picture.shape[:2])
    if scale >= 1:
        return np.asarray(picture)
    size = (max(1, round(scale * picture.shape[1])), max(1, round(scale * picture.shape[0])))
    return np.asarray(Picture.fromarray(picture).resize(size, Picture.Resampling.BOX))


def _paint(ax: "Axes", cut: _Cut, words: str) -> None:
    (top, bottom), (left, right) = cut.spans * np.array(cut.spacing)[:, None]
    # A picture that is not interpolated is kept as it is, its pixels scaled by the reader's page.
    ax.imshow(cut.levels, extent=(left, right, bottom, top), interpolation="none", aspect="equal")
    for edges in cut.truth:
        _outline(ax, edges, cut.spacing, color=TRUE)
    for edges, score in zip(cut.guess, cut.scores, strict=True):
        _outline(ax, edges, cut.spacing, color=FOUND, linestyle="--")
        (low, _), (side, _) = edges * np.array(cut.spacing)[:, None]
        _write(ax, f"{score:.2f}", (float(side), float(low)), ha="left", va="bottom")
    ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    ax.set_title(words, fontsize=8.5, color=INK)
    for letter, place in zip(cut.plane.letters, ((0.5, 0.97), (0.03, 0.5)), strict=True):
        if letter:
            _write(ax, letter, place, transform=ax.transAxes, ha="center", va="top")
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _outline(
    ax: "Axes",
    edges: Floats,
    spacing: tuple[float, float],
    **about: Any,  # Any: matplotlib's many properties of lines
) -> None:
    """Draw a box, over a dark line by which it is seen on light ground too."""
    (top, bottom), (left, right) = edges * np.array(spacing)[:, None]
    x, y = [left, right, right, left, left], [top, top, bottom, bottom, top]
    ax.plot(x, y, color="black", linewidth=3, alpha=0.45)
    ax.plot(x, y, linewidth=1.6, **about)


def _write(
    ax: "Axes",
    words: str,
    place: tuple[float, float],
    **about: Any,  # Any: matplotlib's many text properties
) -> None:
    """Write white words on a dark ground, to be read on any grey."""
    ground = {"facecolor": "black", "alpha": 0.45, "linewidth": 0, "pad": 1}
    ax.text(*place, words, color="white", fontsize=8, bbox=ground, clip_on=True, **about)
