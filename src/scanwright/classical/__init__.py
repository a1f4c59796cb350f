"""The comparison without a network: classical features, and the best classical model on them."""

from scanwright.classical.expert import Question
from scanwright.classical.features import FEATURES, Features, extract_features
from scanwright.classical.options import FeatureOptions, RivalOptions
from scanwright.classical.rival import Rival, Trial, fit_rival, merit
from scanwright.classical.rivals import RIVALS, RivalFamily
from scanwright.classical.sampling import Sampling
from scanwright.classical.table import FeatureTable, feature_table

__all__ = [
    "FEATURES",
    "RIVALS",
    "FeatureOptions",
    "FeatureTable",
    "Features",
    "Question",
    "Rival",
    "RivalFamily",
    "RivalOptions",
    "Sampling",
    "Trial",
    "extract_features",
    "feature_table",
    "fit_rival",
    "merit",
]
