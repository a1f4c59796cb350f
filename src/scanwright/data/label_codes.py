"""Label maps as small codes on disk, and codes as the truth that losses and metrics see.

A code is the place of a value among the sorted values that a scheme knows; what is to be ignored
has a code of its own. Codes fill one byte whatever the values are, and cropping or resampling
them needs no scheme.
"""

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError
from scanwright.image import Array, LabelScheme

IGNORED_CODE = 255
"""Code of elements about which nothing is known."""
IGNORED = -1
"""The same in an encoded truth."""
MOST_CODES = 255
"""Values that one byte can tell apart, beside the ignored."""
NO_CODE = -1
PIECE = 1 << 20

Codes = npt.NDArray[np.uint8]
"""A map of codes, shape (*space)."""
Encoded = npt.NDArray[np.int16]
"""Truth of a map: (*space) of 0 to K, or (K, *space) of 0 and 1; IGNORED where unknown."""


def values_of_codes(scheme: LabelScheme) -> tuple[int, ...]:
    """Return the value of a label map that each code stands for, code 0 first.

    Raises
    ------
    LabelError
        There are more values than one byte can tell apart.

    Examples
    --------
    >>> values_of_codes(LabelScheme(("tumour", "core"), ((1, 4), (4,)), ignore=9))
    (0, 1, 4)
    """
    values = tuple(sorted(scheme.known - {scheme.ignore}))
    if len(values) > MOST_CODES:
        raise LabelError(
            "A label map has too many values.", got=len(values), legal=f"at most {MOST_CODES}"
        )
    return values


def outside_code(scheme: LabelScheme) -> int:
    """Return the code of what lies outside an image: background, or unknown where 0 means that."""
    return IGNORED_CODE if scheme.ignore == 0 else 0


def to_codes(labels: Array, scheme: LabelScheme) -> Codes:
    """Turn the values of a label map into codes.

    Parameters
    ----------
    labels
        Shape (*space); whole numbers.

    Raises
    ------
    LabelError
        A value belongs to no name and is neither background nor to be ignored.
    """
    values = values_of_codes(scheme)
    highest = max(*values, scheme.ignore or 0)
    table = np.full(highest + 1, NO_CODE, dtype=np.int16)
    table[list(values)] = np.arange(len(values))
    if scheme.ignore is not None:
        table[scheme.ignore] = IGNORED_CODE
    flat = labels.reshape(-1)
    codes = np.empty(flat.size, dtype=np.uint8)
    # Piece by piece: an index array of the whole map would take eight bytes an element.
    for start in range(0, flat.size, PIECE):
        piece = flat[start : start + PIECE].astype(np.int64)
        found = np.where((piece < 0) | (piece > highest), NO_CODE, table[piece.clip(0, highest)])
        if found.min() == NO_CODE:
            raise _unknown_values(labels, scheme)
        codes[start : start + PIECE] = found
    return codes.reshape(labels.shape)


def truth_table(scheme: LabelScheme) -> Encoded:
    """Return what each code means: `table[..., codes]` is the encoded truth.

    Returns
    -------
    Shape (256,) where names exclude each other: 0 for background, i + 1 for names[i]; else
    (K, 256) of 0 and 1. IGNORED for IGNORED_CODE.
    """
    values = values_of_codes(scheme)
    members = np.zeros((len(scheme.names), 256), dtype=np.int16)
    for row, group in zip(members, scheme.values, strict=True):
        row[[values.index(value) for value in group]] = 1
    if scheme.is_exclusive:
        members = (members * np.arange(1, len(members) + 1, dtype=np.int16)[:, None]).sum(
            axis=0, dtype=np.int16
        )
    members[..., IGNORED_CODE] = IGNORED
    return members


def encode_labels(codes: Codes, scheme: LabelScheme) -> Encoded:
    """Return the truth that losses and metrics see.

    Parameters
    ----------
    codes
        Shape (*space).

    Returns
    -------
    Shape (*space) of 0 to K where names exclude each other, else (K, *space) of 0 and 1; IGNORED
    where nothing is known.

    Examples
    --------
    >>> encode_labels(np.array([0, 1, 2, 255], np.uint8), LabelScheme(("a", "b"), ((1,), (1, 5))))
    array([[ 0,  1,  0, -1],
           [ 0,  1,  1, -1]], dtype=int16)
    """
    return np.asarray(truth_table(scheme)[..., codes])


def _unknown_values(labels: Array, scheme: LabelScheme) -> LabelError:
    unknown = sorted(set(np.unique(labels).tolist()) - scheme.known)
    return LabelError(
        "A label map holds values that have no name.",
        got=", ".join(map(str, unknown[:10])),
        legal=", ".join(map(str, sorted(scheme.known))),
        next="name them, or say which value is to be ignored",
    )
