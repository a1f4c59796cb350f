"""The nouns: geometry, image, target, case and prediction."""

from scanwright.image.box_prediction import BoxPrediction
from scanwright.image.case import Case
from scanwright.image.edges import Edges, edges_of, moved_edges
from scanwright.image.geometry import Floats, Frame, Geometry, axis_directions
from scanwright.image.image import DICOM_MODALITIES, Array, Image, Modality
from scanwright.image.label_scheme import LabelScheme
from scanwright.image.mask_prediction import MaskPrediction
from scanwright.image.prediction import Prediction
from scanwright.image.target import (
    Box,
    BoxesTarget,
    ClassTarget,
    GradeTarget,
    LabelsTarget,
    MaskTarget,
    NumberTarget,
    Target,
)

__all__ = [
    "DICOM_MODALITIES",
    "Array",
    "Box",
    "BoxPrediction",
    "BoxesTarget",
    "Case",
    "ClassTarget",
    "Edges",
    "Floats",
    "Frame",
    "Geometry",
    "GradeTarget",
    "Image",
    "LabelScheme",
    "LabelsTarget",
    "MaskPrediction",
    "MaskTarget",
    "Modality",
    "NumberTarget",
    "Prediction",
    "Target",
    "axis_directions",
    "edges_of",
    "moved_edges",
]
