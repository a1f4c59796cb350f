"""Preprocessing: case → case, and back."""

from scanwright.transforms.axis_map import AxisMap
from scanwright.transforms.bias import N4
from scanwright.transforms.collimation import CropCollimation
from scanwright.transforms.contrast import Clahe, Unsharp
from scanwright.transforms.denoise import NonLocalMeans, TotalVariation, WaveletDenoise
from scanwright.transforms.diffusion import AnisotropicDiffusion, SpeckleDiffusion
from scanwright.transforms.fan import CropFan
from scanwright.transforms.filter import FilterTransform, noise_level
from scanwright.transforms.histogram import MatchHistogram, fit_landmarks
from scanwright.transforms.intensity import (
    CT_WINDOWS,
    Percentile,
    Range,
    Standardise,
    Window,
    ZScore,
)
from scanwright.transforms.inversion import FixInversion, brightness_of_middle
from scanwright.transforms.kernels import resample, resample_labels
from scanwright.transforms.metal import ClipMetal
from scanwright.transforms.orient import Orient, coarsest_first
from scanwright.transforms.pipeline import TRANSFORMS, Pipeline, undo
from scanwright.transforms.place import CropToContent, Pad
from scanwright.transforms.polarity import Grey, Invert, luma
from scanwright.transforms.regrid import Resample, Resize, coarse_axis
from scanwright.transforms.transform import (
    Drawn,
    GridTransform,
    Trace,
    Transform,
    ValueTransform,
)

__all__ = [
    "CT_WINDOWS",
    "N4",
    "TRANSFORMS",
    "AnisotropicDiffusion",
    "AxisMap",
    "Clahe",
    "ClipMetal",
    "CropCollimation",
    "CropFan",
    "CropToContent",
    "Drawn",
    "FilterTransform",
    "FixInversion",
    "Grey",
    "GridTransform",
    "Invert",
    "MatchHistogram",
    "NonLocalMeans",
    "Orient",
    "Pad",
    "Percentile",
    "Pipeline",
    "Range",
    "Resample",
    "Resize",
    "SpeckleDiffusion",
    "Standardise",
    "TotalVariation",
    "Trace",
    "Transform",
    "Unsharp",
    "ValueTransform",
    "WaveletDenoise",
    "Window",
    "ZScore",
    "brightness_of_middle",
    "coarse_axis",
    "coarsest_first",
    "fit_landmarks",
    "luma",
    "noise_level",
    "resample",
    "resample_labels",
    "undo",
]
