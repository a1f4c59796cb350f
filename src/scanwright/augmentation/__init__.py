"""Augmentation: batch → batch, fast, with all chance drawn beforehand."""

from scanwright.augmentation.augmentation import Augmentation
from scanwright.augmentation.drawn import Drawn
from scanwright.augmentation.options import AugmentationOptions
from scanwright.augmentation.strengths import STRENGTHS, light, medium, nnunet, strong

__all__ = [
    "STRENGTHS",
    "Augmentation",
    "AugmentationOptions",
    "Drawn",
    "light",
    "medium",
    "nnunet",
    "strong",
]
