"""One case as it is and as networks find it."""

from dataclasses import dataclass

from scanwright.data import Entry
from scanwright.image import BoxesTarget, BoxPrediction


@dataclass(frozen=True, slots=True)
class BoxAnswer:
    """True and found boxes of a case, both on its own grid."""

    entry: Entry
    truth: BoxesTarget
    prediction: BoxPrediction
