"""Findings in pictures and volumes, for the tests of what is written about them."""

import numpy as np

from scanwright.image import BoxPrediction, Geometry, Image

LABELS = ("nodule", "mass")
OBLIQUE = Geometry(
    (2.5, 0.8, 0.7),
    np.array([[0.0, 0.6, 0.8], [0.0, -0.8, 0.6], [1.0, 0.0, 0.0]]),
    (10.0, -20.0, 30.0),
)


def found_in(
    geometry: Geometry,
    size: tuple[int, ...],
    rows: list[tuple[list[list[float]], int, float]],
    **facts: object,
) -> BoxPrediction:
    """Return findings, each row being (edges (D, 2), class, score)."""
    return BoxPrediction(
        "case.png",
        geometry,
        size,
        LABELS,
        np.array([row[0] for row in rows], dtype=np.float64).reshape(-1, len(size), 2),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([row[2] for row in rows], dtype=np.float64),
        **facts,  # type: ignore[arg-type]  # by name
    )


def in_picture(**facts: object) -> BoxPrediction:
    """Return a sure mass and a doubtful nodule, which is not reported, in a picture."""
    rows = [([[9.5, 19.5], [29.5, 59.5]], 1, 0.9), ([[0.0, 3.0], [1.0, 2.5]], 0, 0.25)]
    return found_in(Geometry.pixels(2), (48, 64), rows, thresholds=(0.5, 0.5), **facts)


def in_volume(geometry: Geometry = OBLIQUE) -> BoxPrediction:
    """Return two nodules in a volume."""
    rows = [
        ([[1.5, 4.5], [9.5, 19.5], [4.5, 14.5]], 0, 0.75),
        ([[6.5, 8.5], [2.5, 6.5], [20.5, 24.5]], 0, 0.5),
    ]
    return found_in(geometry, (12, 24, 30), rows)


def nothing_in_picture() -> BoxPrediction:
    """Return that there is nothing in a picture."""
    return found_in(Geometry.pixels(2), (48, 64), [], warnings=("dark",))


def grey(size: tuple[int, ...], geometry: Geometry) -> Image:
    """Return noise that is grey throughout."""
    noise = np.random.default_rng(3).integers(90, 110, (1, *size)).astype(np.uint8)
    return Image(noise, geometry)
