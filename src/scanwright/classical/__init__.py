"""The comparison without a network: classical features, and the best classical model on them."""

from scanwright.classical.cross import (
    CrossFit,
    Importance,
    Panel,
    Table,
    cross_fit,
    family_importance,
    fit_panel,
    panel_merit,
)
from scanwright.classical.expert import Question
from scanwright.classical.features import FEATURES, Features, extract_features
from scanwright.classical.learning import CurvePoint, Part, learning_curve, learning_parts
from scanwright.classical.options import FeatureOptions, RivalOptions
from scanwright.classical.rival import Rival, Trial, fit_rival, merit
from scanwright.classical.rivals import RIVALS, RivalFamily
from scanwright.classical.sampling import Sampling
from scanwright.classical.table import FeatureTable, feature_table

__all__ = [
    "FEATURES",
    "RIVALS",
    "CrossFit",
    "CurvePoint",
    "FeatureOptions",
    "FeatureTable",
    "Features",
    "Importance",
    "Panel",
    "Part",
    "Question",
    "Rival",
    "RivalFamily",
    "RivalOptions",
    "Sampling",
    "Table",
    "Trial",
    "cross_fit",
    "extract_features",
    "family_importance",
    "feature_table",
    "fit_panel",
    "fit_rival",
    "learning_curve",
    "learning_parts",
    "merit",
    "panel_merit",
]
