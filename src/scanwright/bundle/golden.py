"""A bundle's self-test: made-up inputs, and the scores they must give on any machine."""

from dataclasses import replace

import numpy as np
import torch

from scanwright.base import BundleError
from scanwright.inference import Predictor

CASES = 4
SEED = 20_260_101
TOLERANCE = 1e-3
"""Largest difference of a score between machines; float32 convolutions differ by about 1e-6."""


def golden_test(predictor: Predictor) -> dict[str, torch.Tensor]:
    """Make the self-test of a predictor.

    Inputs are noise of several scales in the network's own input space: they hold nothing of any
    patient, and need no preprocessing library to repeat.
    """
    inputs = _inputs(predictor)
    scores = _scores(predictor, inputs)
    return {"inputs": torch.from_numpy(inputs), "scores": torch.from_numpy(scores)}


def run_golden_test(predictor: Predictor, golden: dict[str, torch.Tensor]) -> float:
    """Repeat the self-test; return the largest difference.

    Raises
    ------
    BundleError
        The scores differ by more than the tolerance.
    """
    scores = _scores(predictor, golden["inputs"].numpy())
    expected = golden["scores"].numpy()
    spread = max(float(np.abs(expected).max()), 1.0)
    difference = float(np.abs(scores - expected).max()) / spread
    if not difference <= TOLERANCE:
        raise BundleError(
            "The bundle's self-test fails on this machine.",
            got=f"scores differ by {difference:.2g}",
            legal=f"at most {TOLERANCE:g}",
            next="report this with the output of `scanwright --version`; do not use its answers",
        )
    return difference


def _inputs(predictor: Predictor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    rng = np.random.default_rng(SEED)
    size = predictor.input_shape
    images = rng.normal(size=(CASES, *size)).astype(np.float32)
    scales = np.linspace(0.25, 1.5, CASES, dtype=np.float32)
    return images * scales.reshape(-1, *(1,) * len(size))


def _scores(
    predictor: Predictor, inputs: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    # In single precision on every machine: where one has bfloat16 another has not.
    exact = replace(predictor, compute=replace(predictor.compute, autocast=None))
    outputs = exact.run(inputs).mean(axis=0)
    return np.ascontiguousarray(predictor.answer.scores(outputs))
