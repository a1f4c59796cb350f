"""A plane through a volume as a reader expects it: which axis runs down, which to the right."""

from dataclasses import dataclass

import numpy as np

from scanwright.image import Array, Frame, Geometry

NAMES = {"S": "axial", "P": "coronal", "L": "sagittal"}
"""Plane by the patient axis across it."""

VIEWS = {"S": ("P", "L"), "P": ("I", "L"), "L": ("I", "P")}
"""Of the plane across an axis: the directions that run down and to the right, so that the patient
is seen from the feet, from the front and from the left, head up (the radiologists' convention)."""

OPPOSITE = {"L": "R", "R": "L", "P": "A", "A": "P", "S": "I", "I": "S"}


@dataclass(frozen=True, slots=True)
class Plane:
    """How a plane is cut out of an array of shape (*space).

    Parameters
    ----------
    name
        "axial", "coronal", "sagittal", or empty.
    across
        The axis that is cut, None in a plane.
    down, right
        Axes that run down and to the right.
    flips
        Whether each of them is turned round.
    letters
        Patient directions at the upper and the left edge, empty where not known.
    """

    name: str
    across: int | None
    down: int
    right: int
    flips: tuple[bool, bool] = (False, False)
    letters: tuple[str, str] = ("", "")

    def cut(self, array: Array, index: int) -> Array:
        """Return the plane at `index` along the cut axis, shape (rows, columns)."""
        part = array if self.across is None else np.take(array, index, axis=self.across)
        if self.down > self.right:
            part = part.T
        return part[:: -1 if self.flips[0] else 1, :: -1 if self.flips[1] else 1]


def planes_of(geometry: Geometry) -> tuple[Plane, ...]:
    """Return the planes in which an image is shown: three of a volume, else the one there is.

    In the patient's frame a volume is turned so that a reader sees it as usual; otherwise its axes
    run as in the array.
    """
    if geometry.rank == 2:
        return (Plane("", None, 0, 1),)
    axes = geometry.axes
    nearest = ["S" if a in "SI" else "P" if a in "PA" else "L" for a in axes]
    if geometry.frame is not Frame.PATIENT or len(set(nearest)) < 3:
        return (Plane("", 0, 1, 2), Plane("", 1, 0, 2), Plane("", 2, 0, 1))
    return tuple(_view(letter, axes, nearest) for letter in "SPL")


def _view(letter: str, axes: str, nearest: list[str]) -> Plane:
    down, right = VIEWS[letter]
    places = [nearest.index("S" if wanted in "SI" else wanted) for wanted in (down, right)]
    return Plane(
        NAMES[letter],
        nearest.index(letter),
        places[0],
        places[1],
        (axes[places[0]] != down, axes[places[1]] != right),
        (OPPOSITE[down], OPPOSITE[right]),
    )
