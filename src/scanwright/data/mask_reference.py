"""A mask that lies in files, unread, and how it becomes a label map on its image's grid."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanwright.base import GeometryError, LabelError
from scanwright.data.mask_grid import find_placement, grid_words, resample_onto
from scanwright.data.mask_values import one_channel, values_of, whole_numbers
from scanwright.data.reference import Reference
from scanwright.image import Array, Image, LabelScheme, MaskTarget

Mask = npt.NDArray[np.bool_]
"""Where something is, shape (*space)."""


@dataclass(frozen=True, slots=True)
class MaskPart:
    """One file, or series, of a mask.

    Parameters
    ----------
    reference
        Where it is.
    names
        What each channel outlines, where every value but 0 is inside; empty for a label map.
    is_sparse
        Whether what the file does not cover is outside, as in a DICOM SEG, rather than unknown.
    """

    reference: Reference
    names: tuple[str, ...] = ()
    is_sparse: bool = False


@dataclass(frozen=True, slots=True)
class MaskReference:
    """A mask, unread.

    Parameters
    ----------
    parts
        One label map, or files that each outline something by itself.
    scheme
        What the values of the label map mean, once read.
    values
        (as stored, as read) of values that are read as others: 255 as 1. Others stay.
    threshold
        Stored values from here on are 1 and all others 0, where edges are blurred; None where
        values are taken as they are.
    does_resample
        Whether a mask on another grid is brought onto the image's, each point taking the nearest
        value; else it is refused.
    present
        Names that occur in it, where it has been looked through; None where it has not.
    """

    parts: tuple[MaskPart, ...]
    scheme: LabelScheme
    values: tuple[tuple[int, int], ...] = ()
    threshold: int | None = None
    does_resample: bool = False
    present: tuple[str, ...] | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold it."""
        return tuple(file for part in self.parts for file in part.reference.files)

    @property
    def source(self) -> str:
        """The first place, and how many there are."""
        more = f" and {len(self.parts) - 1} more" if len(self.parts) > 1 else ""
        return f"{self.parts[0].reference.source}{more}"

    def read_on(self, image: Image) -> MaskTarget:
        """Read the mask onto the grid of its image.

        Returns
        -------
        A label map of uint8 or uint16 on exactly the image's grid, all its values in the scheme.

        Raises
        ------
        FileError
            A file cannot be read.
        GeometryError
            The mask lies on another grid; the message gives both.
        LabelError
            Values are no whole numbers, or mean nothing.
        """
        kind = np.uint8 if max(self.scheme.known) < 256 else np.uint16
        labels: Array = np.zeros(image.size, dtype=kind)
        for part in self.parts:
            stored = part.reference.read()
            if part.names:
                self._add_outlines(labels, stored, part, image)
            else:
                labels = self._label_map(stored, part, image).astype(kind, copy=False)
        grid = Image(labels[None], image.geometry, image.modality)
        return MaskTarget(grid, self.scheme)

    @property
    def has_outlines(self) -> bool:
        """Whether each channel of its files outlines something by itself."""
        return all(part.names for part in self.parts)

    def outlines_on(self, image: Image) -> Iterator[tuple[str, Mask]]:
        """Read the outlines onto the grid of their image, one at a time.

        Two of one name stay two, as the segments of two lesions do.

        Yields
        ------
        What is outlined, and where it is, shape (*space).

        Raises
        ------
        InputError
            As `read_on` does.
        """
        for part in self.parts:
            yield from self._outlines(part.reference.read(), part, image)

    def _label_map(self, stored: Image, part: MaskPart, image: Image) -> Array:
        """Return a label map on the image's grid, its values checked."""
        where = part.reference.source
        stored = one_channel(stored, where)
        numbers = whole_numbers(stored.array, where)
        if self.threshold is not None:
            numbers = (numbers >= self.threshold).astype(np.uint8)
        found = values_of(numbers)
        read_as = dict(self.values)
        unknown = [one for one in found if read_as.get(one, one) not in self.scheme.known]
        if unknown:
            raise LabelError(
                "The mask holds values that stand for nothing.",
                got=", ".join(map(str, unknown[:10])),
                legal=", ".join(map(str, sorted({*self.scheme.known, *read_as}))),
                next="name them in the list of labels, or correct the mask",
                where=where,
            )
        if any(read_as.get(one, one) != one for one in found):
            table = np.array([read_as.get(one, one) for one in range(max(found) + 1)])
            numbers = table.astype(np.uint16)[numbers]
        return _placed(replace(stored, array=numbers), part, image, self.does_resample)

    def _add_outlines(self, labels: Array, stored: Image, part: MaskPart, image: Image) -> None:
        """Add what the channels of a file outline: as bits where names overlap, else as values."""
        for name, placed in self._outlines(stored, part, image):
            value = min(self.scheme.values[self.scheme.names.index(name)])
            if self.scheme.is_exclusive:
                taken = placed & (labels != 0) & (labels != value)
                if taken.any():
                    raise LabelError(
                        "Two names outline the same place.",
                        got=f'{int(taken.sum())} elements of "{name}" have another name, too',
                        legal="names that do not overlap",
                        where=part.reference.source,
                    )
                labels[placed] = value
            else:
                labels[placed] |= value

    def _outlines(self, stored: Image, part: MaskPart, image: Image) -> Iterator[tuple[str, Mask]]:
        """Give what each channel of a file outlines, on the image's grid."""
        where = part.reference.source
        stored = one_channel(stored, where) if len(part.names) == 1 else stored
        if len(stored.array) != len(part.names):
            raise LabelError(
                "A mask has more or fewer channels than it outlines.",
                got=f"{len(stored.array)} channels",
                legal=", ".join(part.names),
                next="save black and white pictures, or one channel for each name",
                where=where,
            )
        numbers = whole_numbers(stored.array, where)
        for channel, name in enumerate(part.names):
            at = 1 if self.threshold is None else self.threshold
            inside = (numbers[channel] >= at).astype(np.uint8)[None]
            alone = replace(stored, array=inside, channels=())
            yield name, _placed(alone, part, image, self.does_resample).astype(bool)


def scheme_of_outlines(names: tuple[str, ...], *, overlap: bool) -> LabelScheme:
    """Return the scheme of masks that each outline something by itself.

    Where they overlap the label map holds bits: name number k is every value with bit k.

    Raises
    ------
    LabelError
        More names overlap than a label map can hold.

    >>> scheme_of_outlines(("liver", "tumour"), overlap=True).values
    ((1, 3), (2, 3))
    """
    if not overlap:
        return LabelScheme.of_classes(names)
    if len(names) > MOST_OVERLAPPING:
        raise LabelError(
            "Too many masks overlap.",
            got=f"{len(names)} names",
            legal=f"up to {MOST_OVERLAPPING}",
            next="learn them in groups, or save one label map in which each element has one value",
        )
    codes = range(1, 1 << len(names))
    return LabelScheme(
        names, tuple(tuple(c for c in codes if c >> place & 1) for place in range(len(names)))
    )


MOST_OVERLAPPING = 7
"""Names that may overlap: all their combinations are values of a label map of 8 bits."""


def _placed(stored: Image, part: MaskPart, image: Image, does_resample: bool) -> Array:
    """Return the only channel of a mask on the image's grid, shape (*space)."""
    stored = _of_rank(stored, image)
    placement = find_placement(stored.geometry, stored.size, image.geometry, image.size)
    array = stored.array[0]
    if placement is not None:
        on_grid = placement.apply(array, image.size)
        covers = not any(placement.start) and array.size == on_grid.size
        if covers or part.is_sparse:
            return on_grid
    if does_resample and stored.rank == image.rank:
        return resample_onto(stored, image.geometry, image.size)
    raise mismatch(stored, image, part.reference.source)


def mismatch(mask: Image, image: Image, where: str) -> GeometryError:
    """Return the error that gives both grids."""
    advice = "export the mask on the image's grid, or pass --resample-masks"
    if mask.rank != image.rank:
        advice = f"a mask of a {image.rank}-D image is {image.rank}-D: give one for each"
    return GeometryError(
        "The mask does not lie on the grid of its image.",
        got=f"mask {grid_words(mask.size, mask.geometry)}; "
        f"image {grid_words(image.size, image.geometry)}",
        legal="one grid",
        next=advice,
        where=where,
    )


def _of_rank(mask: Image, image: Image) -> Image:
    """Return the mask without axes of length 1 that its image does not have, or with them."""
    if mask.rank == image.rank or mask.array.size != image.array[0].size:
        return mask
    if tuple(length for length in mask.size if length > 1) != tuple(
        length for length in image.size if length > 1
    ):
        return mask
    # A plane kept as a volume of one slice, or the other way round, says nothing of its place.
    return mask.with_grid(mask.array.reshape(1, *image.size), image.geometry)
