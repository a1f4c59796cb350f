"""What was found in a case, in the reader's units, and the pictures of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.image import BoxPrediction, Floats, Frame

AXES = ("z", "y", "x")
"""Names of the last axes of an image, slow → fast."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One box around what may be a finding.

    Parameters
    ----------
    label, score
        What it is, and the calibrated chance of it.
    is_reported
        Whether the score reaches the threshold of the label.
    low, high
        Edges in index units of the image, slow → fast; the element with index i covers
        [i - 0.5, i + 0.5].
    size_mm
        Length along each index axis, slow → fast; empty where no spacing is known.
    centre_lps
        Middle in mm, in the patient frame LPS; empty where the image has no place in the patient.
    """

    label: str
    score: float
    is_reported: bool
    low: tuple[float, ...]
    high: tuple[float, ...]
    size_mm: tuple[float, ...] = ()
    centre_lps: tuple[float, ...] = ()

    @property
    def diameter_mm(self) -> float | None:
        """Length of the longest edge, None where no spacing is known."""
        return max(self.size_mm, default=None)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found in a case, the surest first; those not reported stand among them.

    Boxes are kept as arrays; a `Finding` is made when it is asked for.

    Parameters
    ----------
    found
        As the networks gave it.
    files
        Pictures of what is reported.
    """

    found: BoxPrediction
    files: tuple[Path, ...] = ()

    @property
    def case(self) -> str:
        """Name of the case."""
        return self.found.case

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why this answer may be worth less."""
        return self.found.warnings

    @property
    def reported(self) -> int:
        """Number of boxes that are reported."""
        return int(np.count_nonzero(self.found.is_reported))

    @property
    def sizes_mm(self) -> Floats:
        """Lengths of the boxes along each index axis, shape (N, D); (N, 0) if not known."""
        edges, geometry = self.found.edges, self.found.geometry
        if not geometry.is_physical:
            return np.empty((len(edges), 0))
        return np.asarray((edges[..., 1] - edges[..., 0]) * np.array(geometry.spacing_mm))

    @property
    def centres_lps(self) -> Floats:
        """Middles of the boxes in mm, shape (N, 3); (N, 0) without a place in the patient."""
        edges, geometry = self.found.edges, self.found.geometry
        if geometry.frame is not Frame.PATIENT:
            return np.empty((len(edges), 0))
        return geometry.to_world(edges.mean(axis=2))

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Finding]:
        found = self.found
        rows = zip(
            found.classes.tolist(),
            found.scores.tolist(),
            found.is_reported.tolist(),
            found.edges.transpose(0, 2, 1).tolist(),
            self.sizes_mm.tolist(),
            self.centres_lps.tolist(),
            strict=True,
        )
        for place, score, is_reported, (low, high), size, centre in rows:
            yield Finding(
                found.labels[place], score, is_reported,
                tuple(low), tuple(high), tuple(size), tuple(centre),
            )  # fmt: skip
