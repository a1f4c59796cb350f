"""What masks hold that say nothing of themselves: their values, and what those may mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.base import InputError, LabelError, Progress, thread_count
from scanwright.data.index import reason_of
from scanwright.data.mask_reference import MaskPart
from scanwright.data.mask_values import one_channel, values_of, whole_numbers
from scanwright.image import Array, LabelScheme

WHITE, WHITE_16 = 255, 65535
"""The value of white in pictures of 8 and of 16 bits: by itself it means "inside"."""
DARK, BRIGHT = 26, 230
"""Grey levels below and from which on a blurred edge, or JPEG, has turned black and white."""
MOST_BETWEEN = 0.1
"""Largest share of elements between both in a black and white picture with blurred edges."""
FEWEST_BETWEEN = 8
"""Different values between both from which on they are an edge's and no labels."""
FEW_VALUES, MOST_VALUES = 16, 255
"""A file of more values than the first is a mask only if it has areas of one value; of more than
the second it is an image."""
LEAST_ALIKE = 0.5
"""Share of neighbours with one value in a mask; noise and shades of an image have few."""


@dataclass(frozen=True, slots=True)
class FileValues:
    """What one mask holds.

    Parameters
    ----------
    values
        Its different values, sorted.
    is_blurred
        Whether it is black and white with grey edges.
    error
        Why it cannot be used; empty if it can.
    held
        For masks of several names, whether anything is outlined in each channel.
    """

    values: tuple[int, ...] = ()
    is_blurred: bool = False
    error: str = ""
    held: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the values of all masks mean.

    Parameters
    ----------
    scheme
        Names and values.
    values
        (as stored, as read), where they differ.
    threshold
        From where on a blurred mask is inside; None where values are taken as they are.
    notes
        What a reader should know of it.
    """

    scheme: LabelScheme
    values: tuple[tuple[int, int], ...] = ()
    threshold: int | None = None
    notes: tuple[str, ...] = ()


def survey_masks(masks: Mapping[Path, MaskPart], progress: Progress) -> dict[Path, FileValues]:
    """Read masks, several at once, and return what each holds.

    Parameters
    ----------
    masks
        First file of each mask → where it is, and what it outlines.
    """
    found = {}
    progress.begin("reading masks", len(masks), "masks")
    with ThreadPoolExecutor(thread_count()) as pool:
        results = pool.map(_survey_one, masks.values())
        for path, result in zip(masks, results, strict=True):
            progress.step()
            found[path] = result
    progress.end()
    return found


def meaning_of(found: Sequence[FileValues], names: Sequence[str]) -> Meaning:
    """Say what the values of masks mean where no file does.

    Parameters
    ----------
    found
        What each usable mask holds.
    names
        Names that were asked for, in the order of the values; may be empty.

    Raises
    ------
    LabelError
        There is nothing outlined, or there are more or fewer values than names.
    """
    counts = Counter(value for one in found for value in one.values if value)
    if any(one.is_blurred for one in found):
        notes = ("masks have grey edges, as resizing or JPEG makes them: from 128 on is inside",)
        return Meaning(_scheme((1,), names), threshold=WHITE // 2 + 1, notes=notes)
    values = tuple(sorted(counts))
    if not values:
        raise LabelError(
            "All masks are empty.",
            got=f"{len(found)} masks without a value but 0",
            next="check that these are the masks",
        )
    if values[0] < 0:
        raise LabelError(
            "Masks hold negative values.",
            got=", ".join(map(str, [value for value in values if value < 0][:5])),
            next='say what they mean in labels.json beside the masks: {"liver": 1, "ignore": 255}',
        )
    if len(values) >= MOST_VALUES:
        raise LabelError(
            "Masks hold more values than there can be classes.",
            got=f"{len(values)} values, {values[0]} to {values[-1]}",
            legal=f"up to {MOST_VALUES - 1}",
            next="if each value numbers one object, save the masks as black and white",
        )
    if values in ((WHITE,), (1, WHITE), (WHITE_16,)):
        return Meaning(_scheme((1,), names), values=((values[-1], 1),))
    return Meaning(_scheme(values, names), notes=_notes(values))


def _survey_one(part: MaskPart) -> FileValues:
    reference = part.reference
    try:
        stored = reference.read()
        if len(part.names) > 1:
            return FileValues((0, 1), held=tuple(bool(one.any()) for one in stored.array))
        image = one_channel(stored, reference.source)
        array = whole_numbers(image.array, reference.source)
    except (InputError, OSError) as error:
        return FileValues(error=reason_of(error))
    values = values_of(array)
    if len(values) > MOST_VALUES + 1 or (len(values) > FEW_VALUES and not _has_areas(array)):
        return FileValues(error=f"{len(values)} different values: it looks like an image")
    return FileValues(values, _is_blurred(array, values))


def _has_areas(array: Array) -> bool:
    """Whether neighbours along the fastest axis mostly have one value, as in a mask."""
    return float((array[..., 1:] == array[..., :-1]).mean()) >= LEAST_ALIKE


def _is_blurred(array: Array, values: tuple[int, ...]) -> bool:
    """Whether a mask is black and white but for its edges."""
    if array.dtype != np.uint8 or len(values) <= 2 or values[-1] < BRIGHT:
        return False
    between = sum(DARK <= value < BRIGHT for value in values)
    near_black = sum(0 < value < DARK for value in values)
    near_white = sum(BRIGHT <= value < WHITE for value in values)
    if between < FEWEST_BETWEEN and not (near_black > 2 and near_white > 2):
        return False
    share = float(((array >= DARK) & (array < BRIGHT)).mean())
    return share <= MOST_BETWEEN


def meaning_of_known(found: Sequence[FileValues], scheme: LabelScheme) -> Meaning:
    """Say how masks are read whose values a file names, white standing for the only class."""
    values = {value for one in found for value in one.values}
    is_white = WHITE in values and scheme.known == {0, 1}
    return Meaning(scheme, values=((WHITE, 1),) if is_white else ())


def _scheme(values: tuple[int, ...], names: Sequence[str]) -> LabelScheme:
    if names and len(names) != len(values):
        raise LabelError(
            "There are more or fewer names than values.",
            got=f"values {', '.join(map(str, values[:10]))}",
            legal=", ".join(names),
            next="list one name for each value with --order, the lowest value first",
        )
    called = tuple(names) or tuple(f"label {value}" for value in values)
    return LabelScheme(called, tuple((value,) for value in values))


def _notes(values: tuple[int, ...]) -> tuple[str, ...]:
    notes = []
    if values[-1] == WHITE and len(values) > 1:
        notes.append(
            "masks hold 255 beside other values: where it means “not known”, put "
            '{"ignore": 255} and the names of the others into labels.json'
        )
    if len(values) > 60:
        notes.append(
            f"masks hold {len(values)} values; if each numbers one object rather than a class, "
            "save them as black and white"
        )
    return tuple(notes)
