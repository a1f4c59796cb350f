"""What one mask looks like, in a few numbers per structure, so that it is read once."""

import hashlib
from dataclasses import dataclass

import numpy as np

from scanwright.image import Image, MaskTarget


@dataclass(frozen=True, slots=True)
class MaskLook:
    """One mask as the checks see it.

    Parameters
    ----------
    names
        What is outlined: K structures.
    elements
        K numbers of elements.
    at_edge
        K facts: whether the outline touches the edge of the image, on an axis longer than 1.
    total
        Elements of the whole mask.
    element_ml
        Volume of one element, in ml; None where no physical size is known, or in a plane.
    digest
        Hash of the size and of all values.
    """

    names: tuple[str, ...]
    elements: tuple[int, ...]
    at_edge: tuple[bool, ...]
    total: int
    element_ml: float | None
    digest: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing is outlined."""
        return not any(self.elements)


def look_at_mask(target: MaskTarget) -> MaskLook:
    """Look at one mask."""
    scheme, array = target.scheme, target.labels.array[0]
    highest = max(scheme.known)
    counts = np.zeros(highest + 1, dtype=np.int64)
    for plane in array:  # in pieces: counting widens numbers to 64 bits
        counts += np.bincount(plane.reshape(-1), minlength=highest + 1)
    edge: set[int] = set()
    for axis, length in enumerate(array.shape):
        if length > 1:
            for end in (0, -1):
                edge |= set(np.unique(array.take(end, axis=axis)).tolist())
    digest = hashlib.sha256(f"{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return MaskLook(
        scheme.names,
        tuple(int(counts[list(group)].sum()) for group in scheme.values),
        tuple(bool(edge.intersection(group)) for group in scheme.values),
        int(array.size),
        _element_ml(target.labels),
        digest.hexdigest(),
    )


def _element_ml(labels: Image) -> float | None:
    grid = labels.geometry
    if grid.rank != 3 or not grid.is_physical:
        return None
    volume_mm3 = abs(float(np.linalg.det(grid.affine[:, :-1])))
    return volume_mm3 / 1000
