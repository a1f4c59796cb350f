"""From scores to evidence: measures with intervals, figures, and a report to read and to keep."""

from scanwright.report.box_picture import BoxPicture
from scanwright.report.box_results import LEAST_OVERLAP, BoxResults
from scanwright.report.box_section import CaseImages, box_section
from scanwright.report.box_tables import box_cases_csv, findings_csv
from scanwright.report.breakdown import (
    SUBGROUP_METRICS,
    Difference,
    Mistake,
    Subgroup,
    compare_outcomes,
    measure_subgroups,
    worst_errors,
)
from scanwright.report.canvas import FAINT, INK, SERIES, Figure, draw
from scanwright.report.detection import (
    DetectedCase,
    DetectionOutcomes,
    detected_case,
    thresholds_of,
)
from scanwright.report.duel import (
    Contender,
    Curve,
    DuelVerdict,
    both_roc_figure,
    decide_between,
    difference_grid,
    importance_figure,
    learning_figure_of,
    main_score,
    score_grid,
)
from scanwright.report.growth import Crossing, Growth, Learner, growth_of
from scanwright.report.html import render_html
from scanwright.report.mask_results import MaskResults
from scanwright.report.mask_section import MaskPictures, mask_section, ranked_cases
from scanwright.report.mask_tables import mask_cases_csv
from scanwright.report.measure import (
    LabelScores,
    MeasureOptions,
    Score,
    Scores,
    measure_scores,
)
from scanwright.report.metric import METRIC_SETS, metric_set
from scanwright.report.metric_row import Metric
from scanwright.report.outcomes import Kind, Outcomes
from scanwright.report.overlay import MaskPicture, overlay_figure
from scanwright.report.page import Page, render_page
from scanwright.report.panel import AuditPage, Panel, render_audit
from scanwright.report.plane import Plane, planes_of
from scanwright.report.report import (
    FIGURES,
    Comparison,
    Fact,
    LeftOut,
    Report,
    Setting,
    SplitReport,
    report_split,
)
from scanwright.report.section import Grid, Section
from scanwright.report.segmentation import (
    SegmentationOutcomes,
    SegmentedCase,
    measure_case,
    segmentation_units,
)
from scanwright.report.sheet import BeforeAfter, Change, Sheet, joint_histogram, render_sheet
from scanwright.report.tables import metrics_csv, predictions_csv, scores_json
from scanwright.report.tallies import LearningCurve, learning_figure
from scanwright.report.thumbnail import Thumbnail, picture_uri
from scanwright.report.verdict import Verdict, judge

__all__ = [
    "FAINT",
    "FIGURES",
    "INK",
    "LEAST_OVERLAP",
    "METRIC_SETS",
    "SERIES",
    "SUBGROUP_METRICS",
    "AuditPage",
    "BeforeAfter",
    "BoxPicture",
    "BoxResults",
    "CaseImages",
    "Change",
    "Comparison",
    "Contender",
    "Crossing",
    "Curve",
    "DetectedCase",
    "DetectionOutcomes",
    "Difference",
    "DuelVerdict",
    "Fact",
    "Figure",
    "Grid",
    "Growth",
    "Kind",
    "LabelScores",
    "Learner",
    "LearningCurve",
    "LeftOut",
    "MaskPicture",
    "MaskPictures",
    "MaskResults",
    "MeasureOptions",
    "Metric",
    "Mistake",
    "Outcomes",
    "Page",
    "Panel",
    "Plane",
    "Report",
    "Score",
    "Scores",
    "Section",
    "SegmentationOutcomes",
    "SegmentedCase",
    "Setting",
    "Sheet",
    "SplitReport",
    "Subgroup",
    "Thumbnail",
    "Verdict",
    "both_roc_figure",
    "box_cases_csv",
    "box_section",
    "compare_outcomes",
    "decide_between",
    "detected_case",
    "difference_grid",
    "draw",
    "findings_csv",
    "growth_of",
    "importance_figure",
    "joint_histogram",
    "judge",
    "learning_figure",
    "learning_figure_of",
    "main_score",
    "mask_cases_csv",
    "mask_section",
    "measure_case",
    "measure_scores",
    "measure_subgroups",
    "metric_set",
    "metrics_csv",
    "overlay_figure",
    "picture_uri",
    "planes_of",
    "predictions_csv",
    "ranked_cases",
    "render_audit",
    "render_html",
    "render_page",
    "render_sheet",
    "report_split",
    "score_grid",
    "scores_json",
    "segmentation_units",
    "thresholds_of",
    "worst_errors",
]
