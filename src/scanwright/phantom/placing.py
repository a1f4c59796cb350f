"""Where several findings go: each drawn until it is clear of those before it."""

from collections.abc import Callable, Sequence

import numpy as np

TRIES = 40
"""Places drawn for a finding; the clearest is taken where none is clear."""

Place = tuple[float, float, float]
"""(x, y, z) in mm."""


def place_apart(
    draw: Callable[[float], Place],
    radii_mm: Sequence[float],
    gap_mm: float,
    axes: Sequence[int] = (0, 1, 2),
) -> list[Place]:
    """Draw a place for each radius so that no two come near.

    Parameters
    ----------
    draw
        Draws a place that suits a radius, wherever the others are.
    radii_mm
        One for each finding.
    gap_mm
        Kept between two surfaces.
    axes
        Of x, y and z, those along which two are told apart; a projection shows two of them.
    """
    taken: list[Place] = []
    for radius in radii_mm:
        best, clearest = (0.0, 0.0, 0.0), -np.inf
        for _ in range(TRIES):
            place = draw(radius)
            clear = min(
                (
                    float(np.hypot.reduce([place[axis] - other[axis] for axis in axes]))
                    - radius
                    - far
                    for other, far in zip(taken, radii_mm, strict=False)
                ),
                default=np.inf,
            )
            if clear > clearest:
                best, clearest = place, clear
            if clear > gap_mm:
                break
        taken.append(best)
    return taken
