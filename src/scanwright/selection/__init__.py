"""Which unlabelled images to label next: unsure ones, unlike ones, and both together."""

from scanwright.selection.choose import Choice, ChooseOptions, choose
from scanwright.selection.doubt import disagreement, entropy, margin, spread
from scanwright.selection.pool import Pool, ScoreKind, common_scale
from scanwright.selection.reason import reason_of
from scanwright.selection.strategies import STRATEGIES, Strategy

__all__ = [
    "STRATEGIES",
    "Choice",
    "ChooseOptions",
    "Pool",
    "ScoreKind",
    "Strategy",
    "choose",
    "common_scale",
    "disagreement",
    "entropy",
    "margin",
    "reason_of",
    "spread",
]
