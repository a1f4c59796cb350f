"""True and predicted masks over the image, in three planes, at their true proportions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image import Array, Floats, Image
from scanwright.report.canvas import SERIES, Figure, draw, shorten
from scanwright.report.plane import Plane, planes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = 0.3
"""Shown beyond the masks on each side, as a share of their extent."""

SMALLEST_MM = 40.0
"""Least extent that is shown, so that a small lesion has its surroundings."""

WIDEST = 300
"""Longer side of a picture in pixels; contours are drawn as lines and stay sharp."""

COVER = 0.38
"""Opacity of the true masks."""

COLOURS = tuple(SERIES[index] for index in (5, 1, 2, 3, 4, 0, 6, 7))
"""Of classes: the lighter ones first, as images are dark."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MaskPicture:
    """An image with true and predicted masks on its grid.

    Parameters
    ----------
    image
        Of rank 2 or 3; of several channels the first is shown.
    truth, guess
        Shape (*space) of 0 … K, or (K, *space) of 0 and 1; below 0 where unknown.

    Raises
    ------
    ShapeError
        The masks do not lie on the image's grid.
    """

    image: Image
    truth: Array = field(repr=False)
    guess: Array = field(repr=False)

    def __post_init__(self) -> None:
        for mask in (self.truth, self.guess):
            if mask.shape[-self.image.rank :] != self.image.size or self.image.rank < 2:
                raise ShapeError(
                    "A mask lies on the grid of its image.", got=mask.shape, legal=self.image.size
                )

    def masks_of(self, label: int) -> tuple[Bools, Bools]:
        """Return where class `label`, from 0, truly is and where it is predicted."""
        if self.truth.ndim == self.image.rank:
            return self.truth == label + 1, self.guess == label + 1
        return self.truth[label] > 0, self.guess[label] > 0


@dataclass(frozen=True, slots=True)
class _Cut:
    """One plane, ready to be drawn; lengths in mm, down and to the right."""

    plane: Plane
    grey: Floats
    truths: tuple[Bools, ...]
    guesses: tuple[Bools, ...]
    spacing: tuple[float, float]


def overlay_figure(
    name: str, title: str, caption: str, picture: MaskPicture, labels: Sequence[str]
) -> Figure:
    """Draw true masks as areas and predicted ones as lines, in every plane where there is most.

    Parameters
    ----------
    name, title, caption
        Of the figure; what its signs mean is added to the caption.
    labels
        Names of the K classes.
    """
    rank = picture.image.rank
    cuts = [_cut(picture, plane, len(labels)) for plane in planes_of(picture.image.geometry)]
    shown = [
        label
        for label in range(len(labels))
        if any(cut.truths[label].any() or cut.guesses[label].any() for cut in cuts)
    ]

    def paint(*axes: "Axes") -> None:
        for ax, cut in zip(axes, cuts, strict=True):
            _paint(ax, cut, picture.image.geometry.is_physical)
        if len(labels) > 1:
            named = [(label, labels[label]) for label in shown[: len(COLOURS)]]
            _name_colours(axes[len(axes) // 2], named)

    svg = draw(name, paint, size=_sheet(cuts), panels=(1, len(cuts)))
    words = f"{caption} Areas are true masks, lines predicted ones.".strip()
    alt = f"{title}: true and predicted masks over the image."
    return Figure(name, title, words, alt, svg, is_wide=rank == 3)


def _cut(picture: MaskPicture, plane: Plane, classes: int) -> _Cut:
    """Cut where most elements of any mask are, and keep them with some of what is around."""
    pairs = [picture.masks_of(label) for label in range(classes)]
    index = 0
    if plane.across is not None:
        others = tuple(axis for axis in range(3) if axis != plane.across)
        counts = sum(np.count_nonzero(m, axis=others) for pair in pairs for m in pair)
        counts = np.asarray(counts)
        index = int(counts.argmax()) if counts.any() else len(counts) // 2
    spacing = picture.image.geometry.spacing_mm
    sides = (spacing[plane.down], spacing[plane.right])
    truths = [plane.cut(truth, index) for truth, _ in pairs]
    guesses = [plane.cut(guess, index) for _, guess in pairs]
    box = _around(np.any([*truths, *guesses], axis=0), sides)
    grey = _levels(plane.cut(picture.image.array[0], index)[box])
    return _Cut(plane, grey, tuple(m[box] for m in truths), tuple(m[box] for m in guesses), sides)


def _around(seen: Bools, sides: tuple[float, float]) -> tuple[slice, slice]:
    """Return the box to show: that of the masks, with a margin; all where there is none."""
    box = []
    for axis, side in enumerate(sides):
        found = np.flatnonzero(seen.any(axis=1 - axis))
        if not len(found):
            return slice(None), slice(None)
        extent = found[-1] - found[0] + 1
        margin = max(MARGIN * extent, (SMALLEST_MM / side - extent) / 2)
        box.append(slice(max(0, round(found[0] - margin)), round(found[-1] + margin) + 1))
    return box[0], box[1]


def _levels(plane: Array) -> Floats:
    """Return grey levels between 0 and 1, from the 1st to the 99th percentile of what is shown."""
    values = np.nan_to_num(plane.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = np.percentile(values, [1, 99])
    levels: Floats = np.clip((values - low) / (high - low if high > low else 1.0), 0, 1)
    return levels


def _extent(cut: _Cut) -> tuple[float, float]:
    """Return height and width in mm."""
    return cut.grey.shape[0] * cut.spacing[0], cut.grey.shape[1] * cut.spacing[1]


def _sheet(cuts: Sequence[_Cut]) -> tuple[float, float]:
    """Return a size in inches that the planes fill at their own proportions."""
    width = 10.4 if len(cuts) > 1 else 5.2
    tallest = max(height / wide for height, wide in map(_extent, cuts))
    return width, float(np.clip(tallest * width / len(cuts), 1.8, 5.2)) + 0.35


def _paint(ax: "Axes", cut: _Cut, is_physical: bool) -> None:
    height, width = _extent(cut)
    extent = (0.0, width, height, 0.0)
    # A picture that is not interpolated is kept as it is, its pixels scaled by the reader's page.
    ax.imshow(_picture(cut), extent=extent, interpolation="none", aspect="equal")
    for label, guess in enumerate(cut.guesses):
        if guess.any():
            _outline(ax, guess, cut.spacing, _colour(label))
    ax.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    ax.set_title(cut.plane.name, fontsize=10)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    for letter, place in zip(cut.plane.letters, ((0.5, 0.97), (0.03, 0.5)), strict=True):
        _write(ax, letter, place, transform=ax.transAxes, ha="center", va="top")
    if is_physical:
        _scale_bar(ax, height, width)


def _picture(cut: _Cut) -> npt.NDArray[np.uint8]:
    """Return the plane as colours, true masks laid over it, no larger than it need be."""
    from PIL import Image as Picture

    colours = np.repeat(cut.grey[:, :, None], 3, axis=2)
    for label, truth in enumerate(cut.truths):
        colours[truth] = (1 - COVER) * colours[truth] + COVER * _rgb(_colour(label))
    levels = (255 * colours).round().astype(np.uint8)
    rows, columns = levels.shape[:2]
    scale = WIDEST / max(rows, columns)
    if scale >= 1:
        return levels
    size = (max(1, round(scale * columns)), max(1, round(scale * rows)))
    return np.asarray(Picture.fromarray(levels).resize(size, Picture.Resampling.BOX))


def _outline(ax: "Axes", mask: Bools, spacing: tuple[float, float], colour: str) -> None:
    """Draw the line half way between centres inside and outside, closed at the picture's edge."""
    pad = np.pad(mask, 1).astype(np.float64)
    down, right = ((np.arange(n) - 0.5) * s for n, s in zip(pad.shape, spacing, strict=True))
    ax.contour(right, down, pad, levels=[0.5], colors=[colour], linewidths=1.5)


def _scale_bar(ax: "Axes", height: float, width: float) -> None:
    length = max(mm for mm in (1, 2, 5, 10, 20, 50, 100, 1) if mm <= max(1.0, width / 3))
    x, y = 0.04 * width, height - 0.05 * height
    ends = [x, x + length]
    ax.plot(ends, [y, y], color="black", linewidth=4.5, solid_capstyle="projecting")
    ax.plot(ends, [y, y], color="white", linewidth=2.5, solid_capstyle="butt")
    _write(ax, f"{length} mm", (x, y - 0.015 * height), ha="left", va="bottom")


def _write(
    ax: "Axes",
    words: str,
    place: tuple[float, float],
    **about: Any,  # Any: matplotlib's many text properties
) -> None:
    """Write white words on a dark ground, to be read on any grey."""
    ground = {"facecolor": "black", "alpha": 0.45, "linewidth": 0, "pad": 1}
    ax.text(*place, words, color="white", fontsize=9, bbox=ground, **about)


def _name_colours(ax: "Axes", shown: Sequence[tuple[int, str]]) -> None:
    """Name the colours below a picture, where they hide nothing of it."""
    for label, name in shown:
        ax.plot([], [], color=_colour(label), label=shorten(name, 20))
    if shown:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.03), ncols=3, fontsize=8)


def _colour(label: int) -> str:
    return COLOURS[label % len(COLOURS)]


def _rgb(colour: str) -> Floats:
    return np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
