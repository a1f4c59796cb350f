"""From networks and cases to predictions; knows no file."""

from scanwright.inference.air import find_air
from scanwright.inference.cascade import Found
from scanwright.inference.compute import Compute, choose_compute, forward, to_device
from scanwright.inference.decision import Decision
from scanwright.inference.export import GridMap, LabelRule, export_labels, map_grids
from scanwright.inference.fusion import FusionOptions
from scanwright.inference.limits import InputLimits
from scanwright.inference.openvino_network import OpenVinoNetwork, OpenVinoOptions
from scanwright.inference.outlines import Outlines
from scanwright.inference.predictor import Answer, Predictor
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
    "DropSmall",
    "FillHoles",
    "Forward",
    "Found",
    "FusionOptions",
    "GridMap",
    "InputLimits",
    "KeepLargest",
    "LabelRule",
    "OpenVinoNetwork",
    "OpenVinoOptions",
    "Outlined",
    "Outlines",
    "Predictor",
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
    "candidate_refinements",
    "choose_compute",
    "choose_refinements",
    "choose_runtime",
    "element_mm",
    "ensemble_forward",
    "export_labels",
    "find_air",
    "forward",
    "gaussian_weights",
    "map_grids",
    "measure",
    "predict_windows",
    "quickened",
    "quickened_all",
    "reader",
    "to_device",
    "window_starts",
]
