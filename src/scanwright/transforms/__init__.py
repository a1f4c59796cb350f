"""Preprocessing: case → case, and back."""

from scanwright.transforms.intensity import CT_WINDOWS, Percentile, Range, Window, ZScore
from scanwright.transforms.kernels import AxisMap, resample, resample_labels
from scanwright.transforms.orient import Orient
from scanwright.transforms.pipeline import TRANSFORMS, Pipeline, undo
from scanwright.transforms.place import CropToContent, Pad
from scanwright.transforms.polarity import Grey, Invert, luma
from scanwright.transforms.regrid import Resample, Resize
from scanwright.transforms.transform import (
    Drawn,
    GridTransform,
    Trace,
    Transform,
    ValueTransform,
)

__all__ = [
    "CT_WINDOWS",
    "TRANSFORMS",
    "AxisMap",
    "CropToContent",
    "Drawn",
    "Grey",
    "GridTransform",
    "Invert",
    "Orient",
    "Pad",
    "Percentile",
    "Pipeline",
    "Range",
    "Resample",
    "Resize",
    "Trace",
    "Transform",
    "ValueTransform",
    "Window",
    "ZScore",
    "luma",
    "resample",
    "resample_labels",
    "undo",
]
