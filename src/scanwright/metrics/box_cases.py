"""The true and the found boxes of one image, side by side."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanwright.base import LabelError, ShapeError
from scanwright.image import Edges, Floats
from scanwright.metrics.statistic import Bools, Integers


@dataclass(frozen=True, slots=True)
class CaseBoxes:
    """True and found boxes of one image; either may be none.

    Parameters
    ----------
    truth
        Shape (M, D, 2): low and high edges of the true boxes.
    truth_classes
        Shape (M,): class indices from 0.
    guess
        Shape (N, D, 2), in the same units.
    guess_classes, scores
        Shape (N,): class indices, and any numbers that rise with suspicion.
    crowd
        Shape (M,): true boxes around many findings that are not told apart (COCO's `iscrowd`).
        They need not be found, and any number of boxes may lie in them.
    whole
        Volume of the image in the edges' units, of which box volumes are taken as shares; 1 to
        take them as they are.

    Raises
    ------
    ShapeError
        The parts do not have one row per box.
    LabelError
        An edge or a score is not finite, or a class index negative.
    """

    truth: Edges = field(repr=False)
    truth_classes: Integers = field(repr=False)
    guess: Edges = field(repr=False)
    guess_classes: Integers = field(repr=False)
    scores: Floats = field(repr=False)
    crowd: Bools | None = field(default=None, repr=False)
    whole: float = 1.0

    def __post_init__(self) -> None:
        self._set("truth", self.truth, np.float64, 3)
        self._set("guess", self.guess, np.float64, 3)
        self._set("truth_classes", self.truth_classes, np.int64, 1)
        self._set("guess_classes", self.guess_classes, np.int64, 1)
        self._set("scores", self.scores, np.float64, 1)
        crowd = np.zeros(len(self.truth), bool) if self.crowd is None else self.crowd
        self._set("crowd", crowd, np.bool_, 1)
        self._check()

    def _set(self, name: str, values: npt.ArrayLike, dtype: npt.DTypeLike, axes: int) -> None:
        array = np.array(values, dtype=dtype)
        if array.ndim != axes or (axes == 3 and array.shape[2] != 2):
            raise ShapeError(
                "Boxes have edges of shape (N, D, 2), and one class and score each.",
                got=array.shape,
                legal="(N, D, 2)" if axes == 3 else "(N,)",
                where=name,
            )
        array.setflags(write=False)
        object.__setattr__(self, name, array)

    def _check(self) -> None:
        pairs = (
            (len(self.truth), len(self.truth_classes)),
            (len(self.truth), len(self.is_crowd)),
            (len(self.guess), len(self.guess_classes)),
            (len(self.guess), len(self.scores)),
            (self.truth.shape[1], self.guess.shape[1]),
        )
        if any(one != other for one, other in pairs):
            raise ShapeError("Each box has its edges, its class and its score.", got=pairs)
        if not all(np.isfinite(part).all() for part in (self.truth, self.guess, self.scores)):
            raise LabelError("Edges and scores of boxes must be finite.", got="NaN or infinite")
        if any(part.size and part.min() < 0 for part in (self.truth_classes, self.guess_classes)):
            raise LabelError("Classes of boxes count from 0.", got="a negative class index")

    @property
    def is_crowd(self) -> Bools:
        """Which true boxes hold many findings, shape (M,)."""
        assert self.crowd is not None  # set when it was made
        return self.crowd

    @property
    def rank(self) -> int:
        """Number of axes D."""
        return int(self.truth.shape[1])
