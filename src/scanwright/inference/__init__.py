"""From networks and cases to predictions; knows no file."""

from scanwright.inference.compute import Compute, choose_compute, forward, to_device
from scanwright.inference.decision import Decision
from scanwright.inference.limits import InputLimits
from scanwright.inference.predictor import Answer, Predictor

__all__ = [
    "Answer",
    "Compute",
    "Decision",
    "InputLimits",
    "Predictor",
    "choose_compute",
    "forward",
    "to_device",
]
