"""What a network finds in a case: boxes on the case's own grid, each with a label and a score."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.base import ShapeError
from scanwright.image.edges import Edges
from scanwright.image.geometry import Floats, Geometry


@dataclass(frozen=True, slots=True)
class BoxPrediction:
    """Findings in one case, the surest first.

    Parameters
    ----------
    case
        Name of the case.
    geometry, size
        Grid of the case's image, on which the boxes lie.
    labels
        The K names of what may be found.
    edges
        Shape (N, D, 2), in index units of that grid, inside the image.
    classes
        Shape (N,): which of `labels` each box is.
    scores
        Shape (N,), from 0 to 1: calibrated chance that the box is a finding.
    thresholds
        Score from which a box of each label is reported; one for each label, or none to report
        every box.
    warnings
        Why this prediction may be less trustworthy, in the reader's words.

    Raises
    ------
    ShapeError
        The parts do not have one row per box.
    """

    case: str
    geometry: Geometry
    size: tuple[int, ...]
    labels: tuple[str, ...]
    edges: Edges = field(repr=False)
    classes: npt.NDArray[np.int64] = field(repr=False)
    scores: Floats = field(repr=False)
    thresholds: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count, rank = len(self.scores), self.geometry.rank
        order = np.argsort(-np.asarray(self.scores, dtype=np.float64), kind="stable")
        parts = {"edges": (count, rank, 2), "classes": (count,), "scores": (count,)}
        for name, shape in parts.items():
            dtype = np.int64 if name == "classes" else np.float64
            values = np.asarray(getattr(self, name), dtype=dtype)
            if values.shape != shape:
                raise ShapeError(
                    "Each box has its edges, its class and its score.",
                    got=f"{name} {values.shape}",
                    legal=shape,
                    where=self.case,
                )
            values = values[order]
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        if len(self.thresholds) not in (0, len(self.labels)):
            raise ShapeError(
                "Each label has a threshold, or none has.",
                got=len(self.thresholds),
                legal=len(self.labels),
                where=self.case,
            )

    @property
    def is_reported(self) -> npt.NDArray[np.bool_]:
        """Which boxes reach the threshold of their label, shape (N,)."""
        if not self.thresholds:
            return np.ones(len(self.scores), dtype=bool)
        return np.asarray(self.scores >= np.array(self.thresholds)[self.classes])

    def __len__(self) -> int:
        return len(self.scores)
