"""What training leaves: weights, recipe, decision, limits, scores, card, hashes, self-test."""

from scanwright.bundle.bundle import (
    Bundle,
    Weights,
    answer_of,
    read_bundle,
    read_golden,
    seal_bundle,
    write_bundle,
)
from scanwright.bundle.golden import golden_test, run_golden_test
from scanwright.bundle.seal import bundle_digest

__all__ = [
    "Bundle",
    "Weights",
    "answer_of",
    "bundle_digest",
    "golden_test",
    "read_bundle",
    "read_golden",
    "run_golden_test",
    "seal_bundle",
    "write_bundle",
]
