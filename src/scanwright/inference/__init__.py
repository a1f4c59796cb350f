"""From networks and cases to predictions; knows no file."""

from scanwright.inference.air import find_air
from scanwright.inference.box_decision import (
    calibrated,
    choose_threshold,
    fit_calibration,
    fit_calibrations,
)
from scanwright.inference.cascade import Found
from scanwright.inference.compute import Compute, choose_compute, forward, to_device
from scanwright.inference.decision import Decision
from scanwright.inference.detection import DetectionPredictor
from scanwright.inference.export import GridMap, LabelRule, export_labels, map_grids
from scanwright.inference.fusion import FusionOptions
from scanwright.inference.fusion_choice import (
    FusionTrial,
    candidate_fusions,
    choose_fusion,
    chosen_fusion,
)
from scanwright.inference.limits import InputLimits
from scanwright.inference.openvino_network import OpenVinoNetwork, OpenVinoOptions
from scanwright.inference.outlines import Outlines
from scanwright.inference.predictor import Answer, Predictor
from scanwright.inference.proposals import Fused, Proposals, proposals_of
from scanwright.inference.quicken import quickened
from scanwright.inference.quicken_runtime import (
    RUNTIMES,
    RuntimeChoice,
    RuntimeName,
    choose_runtime,
    quickened_all,
)
from scanwright.inference.refine import (
    REFINEMENTS,
    DropSmall,
    FillHoles,
    KeepLargest,
    Refinement,
)
from scanwright.inference.refine_choice import (
    Outlined,
    Trial,
    candidate_refinements,
    choose_refinements,
)
from scanwright.inference.segmentation import SegmentationPredictor
from scanwright.inference.segmentation_forward import ensemble_forward
from scanwright.inference.segmentation_measure import element_mm, measure
from scanwright.inference.views import AS_IT_IS, Views
from scanwright.inference.windows import (
    Forward,
    Read,
    Slab,
    Tiling,
    WindowOptions,
    gaussian_weights,
    predict_windows,
    reader,
    window_starts,
)

__all__ = [
    "AS_IT_IS",
    "REFINEMENTS",
    "RUNTIMES",
    "Answer",
    "Compute",
    "Decision",
    "DetectionPredictor",
    "DropSmall",
    "FillHoles",
    "Forward",
    "Found",
    "Fused",
    "FusionOptions",
    "FusionTrial",
    "GridMap",
    "InputLimits",
    "KeepLargest",
    "LabelRule",
    "OpenVinoNetwork",
    "OpenVinoOptions",
    "Outlined",
    "Outlines",
    "Predictor",
    "Proposals",
    "Read",
    "Refinement",
    "RuntimeChoice",
    "RuntimeName",
    "SegmentationPredictor",
    "Slab",
    "Tiling",
    "Trial",
    "Views",
    "WindowOptions",
    "calibrated",
    "candidate_fusions",
    "candidate_refinements",
    "choose_compute",
    "choose_fusion",
    "choose_refinements",
    "choose_runtime",
    "choose_threshold",
    "chosen_fusion",
    "element_mm",
    "ensemble_forward",
    "export_labels",
    "find_air",
    "fit_calibration",
    "fit_calibrations",
    "forward",
    "gaussian_weights",
    "map_grids",
    "measure",
    "predict_windows",
    "proposals_of",
    "quickened",
    "quickened_all",
    "reader",
    "to_device",
    "window_starts",
]
