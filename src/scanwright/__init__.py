"""Train, judge and package convolutional networks for medical images.

Names are loaded when first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "BoxPrediction": "scanwright.image",
    "Case": "scanwright.image",
    "ClassTarget": "scanwright.image",
    "CompareOptions": "scanwright.workflows.compare",
    "Geometry": "scanwright.image",
    "Image": "scanwright.image",
    "LabelScheme": "scanwright.image",
    "MaskPrediction": "scanwright.image",
    "Modality": "scanwright.image",
    "Prediction": "scanwright.image",
    "Pipeline": "scanwright.transforms",
    "IndexOptions": "scanwright.data",
    "Recipe": "scanwright.recipe",
    "RunOptions": "scanwright.workflows.prepare",
    "ScanwrightError": "scanwright.base",
    "SuggestOptions": "scanwright.workflows.suggest",
    "TuneOptions": "scanwright.workflows.tune",
    "audit": "scanwright.workflows.audit",
    "compare": "scanwright.workflows.compare",
    "demo": "scanwright.workflows.demo",
    "enhance": "scanwright.workflows.enhance",
    "index": "scanwright.workflows.index",
    "load": "scanwright.workflows.predict",
    "plan": "scanwright.workflows.plan",
    "read": "scanwright.io",
    "read_recipe": "scanwright.recipe",
    "read_series": "scanwright.io",
    "suggest": "scanwright.workflows.suggest",
    "train": "scanwright.workflows.train",
    "tune": "scanwright.workflows.tune",
    "write": "scanwright.io",
}

__all__ = [
    "BoxPrediction",
    "Case",
    "ClassTarget",
    "CompareOptions",
    "Geometry",
    "Image",
    "IndexOptions",
    "LabelScheme",
    "MaskPrediction",
    "Modality",
    "Pipeline",
    "Prediction",
    "Recipe",
    "RunOptions",
    "ScanwrightError",
    "SuggestOptions",
    "TuneOptions",
    "audit",
    "compare",
    "demo",
    "enhance",
    "index",
    "load",
    "plan",
    "read",
    "read_recipe",
    "read_series",
    "suggest",
    "train",
    "tune",
    "write",
]


def __getattr__(name: str) -> Any:  # Any: whatever the table names
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
