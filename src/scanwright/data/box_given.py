"""Boxes as a file gives them, before their image's grid is known, and the lists put together."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from scanwright.data.box_flaw import BoxFault, BoxFlaw
from scanwright.data.probing import unique_names
from scanwright.image import Edges

Unit = Literal["pixels", "shares", "mm"]
"""Pixels counted from the outer edge of the first, shares of the image's size, or mm."""


@dataclass(frozen=True, slots=True)
class GivenBoxes:
    """The boxes of one image, as given.

    Parameters
    ----------
    edges
        Shape (N, D, 2): low and high edge along each axis, slow → fast, in `unit`: in pixels 0 is
        the outer edge of the first pixel and its end is 1; in shares 1 is the end of the image;
        in mm the axes are z, y, x of the patient frame LPS, or y, x where D is 2.
    labels
        What was found in each.
    unit
        What the numbers are.
    is_round
        Whether the boxes enclose balls, which need no more room on axes that are turned.
    """

    edges: Edges = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)
    unit: Unit = "pixels"
    is_round: bool = False

    def __post_init__(self) -> None:
        assert self.edges.ndim == 3, "shape (N, D, 2)"
        assert len(self.edges) == len(self.labels), "a label for each box"

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class BoxedImage:
    """One image, as files, and the boxes given for it.

    Parameters
    ----------
    name
        Of the case.
    files
        One, or the slices of a series.
    given
        Its boxes; None where nothing is known of it.
    split
        "train", "validation", "test", or empty.
    size
        Size, slow → fast, that the file of boxes states; empty where it states none.
    flaws
        Boxes left out already.
    """

    name: str
    files: tuple[Path, ...]
    given: GivenBoxes | None
    split: str = ""
    size: tuple[int, ...] = ()
    flaws: tuple[tuple[str, BoxFault], ...] = ()


def given_boxes(rows: Sequence[Sequence[float]], labels: Sequence[str], rank: int) -> GivenBoxes:
    """Return boxes in pixels from rows of D low edges, then D high edges, slow → fast."""
    flat = np.array(rows, dtype=np.float64).reshape(len(rows), 2, rank)
    return GivenBoxes(flat.transpose(0, 2, 1), tuple(labels))


def with_names(images: Iterable[BoxedImage]) -> tuple[BoxedImage, ...]:
    """Return the images, each with a name of its own."""
    images = tuple(images)
    names = unique_names(image.name for image in images)
    return tuple(replace(image, name=name) for image, name in zip(images, names, strict=True))


def without_lone_part(images: Iterable[BoxedImage]) -> tuple[BoxedImage, ...]:
    """Return the images without their part where all lie in the same: that is no split."""
    images = tuple(images)
    if len({image.split for image in images}) > 1:
        return images
    return tuple(replace(image, split="") for image in images)


def merge_lists(images: Iterable[BoxedImage]) -> tuple[tuple[BoxedImage, ...], tuple[BoxFlaw, ...]]:
    """Put the lists of boxes of one image together, within each part.

    Returns
    -------
    Each image once (in each part), with every box once that several of its lists hold; and the
    boxes that not all of its lists hold.
    """
    by_file: dict[tuple[Path, ...], list[BoxedImage]] = {}
    for image in images:
        by_file.setdefault(tuple(file.resolve() for file in image.files), []).append(image)
    merged: list[BoxedImage] = []
    flaws: list[BoxFlaw] = []
    for lists in by_file.values():
        parts = _grouped(lists, lambda one: one.split)
        loose = parts.pop("", [])
        # A list in no part tells of the same image as those in a part.
        for one in [[*part, *loose] for part in parts.values()] or [loose]:
            image, lone = _merged(one)
            merged.append(image)
            flaws += lone
    return tuple(merged), tuple(flaws)


def _merged(lists: Sequence[BoxedImage]) -> tuple[BoxedImage, list[BoxFlaw]]:
    known = [one for one in lists if one.given is not None]
    if len(lists) == 1 or len(known) < 2:
        return (known or lists)[0], []
    first = known[0]
    keys = [_keys(one) for one in known]
    common = set(keys[0]).intersection(*keys[1:])
    seen: set[Hashable] = set(keys[0])
    extra = []
    for image, of_image in zip(known[1:], keys[1:], strict=True):
        places = [place for place, key in enumerate(of_image) if key not in seen]
        seen.update(of_image)
        extra.append((image.given, places))
    flaws = [
        BoxFlaw(first.name, str(key[0]), BoxFault.TWICE)
        for key in dict.fromkeys(key for of_image in keys for key in of_image)
        if key not in common
    ]
    assert first.given is not None
    edges = [first.given.edges, *(one.edges[places] for one, places in extra if one is not None)]
    labels = [first.given.labels] + [
        tuple(one.labels[place] for place in places) for one, places in extra if one is not None
    ]
    given = replace(
        first.given,
        edges=np.concatenate(edges),
        labels=tuple(one for many in labels for one in many),
    )
    lost = tuple(flaw for one in known for flaw in one.flaws)
    return replace(first, given=given, flaws=lost), flaws


def _keys(image: BoxedImage) -> list[tuple[Hashable, ...]]:
    """Return what tells each box of an image from the others: its label and its edges."""
    assert image.given is not None
    rows = image.given.edges.reshape(len(image.given), -1).tolist()
    return [(label, *row) for label, row in zip(image.given.labels, rows, strict=True)]


def _grouped(
    images: Iterable[BoxedImage], key: Callable[[BoxedImage], str]
) -> dict[str, list[BoxedImage]]:
    groups: dict[str, list[BoxedImage]] = {}
    for image in images:
        groups.setdefault(key(image), []).append(image)
    return groups
