"""From networks and cases to predictions; knows no file."""

from scanwright.inference.compute import Compute, choose_compute, forward, to_device
from scanwright.inference.decision import Decision
from scanwright.inference.limits import InputLimits
from scanwright.inference.predictor import Answer, Predictor
from scanwright.inference.views import AS_IT_IS, Views

__all__ = [
    "AS_IT_IS",
    "Answer",
    "Compute",
    "Decision",
    "InputLimits",
    "Predictor",
    "Views",
    "choose_compute",
    "forward",
    "to_device",
]
