"""What training leaves: weights, recipe, decision, limits, scores, card, hashes, self-test."""

from scanwright.bundle.bundle import (
    Bundle,
    Weights,
    read_bundle,
    read_golden,
    seal_bundle,
    write_bundle,
)
from scanwright.bundle.golden import golden_test, run_golden_test
from scanwright.bundle.predictors import AnyPredictor, Ensemble, answer_of, predictor_of
from scanwright.bundle.seal import bundle_digest

__all__ = [
    "AnyPredictor",
    "Bundle",
    "Ensemble",
    "Weights",
    "answer_of",
    "bundle_digest",
    "golden_test",
    "predictor_of",
    "read_bundle",
    "read_golden",
    "run_golden_test",
    "seal_bundle",
    "write_bundle",
]
