"""A bundle's self-test: made-up inputs, and the scores they must give on any machine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil

import numpy as np
import numpy.typing as npt
import torch

from scanwright.base import BundleError, Catalog
from scanwright.bundle.predictors import Ensemble, case_predictor
from scanwright.image import Floats
from scanwright.inference import ensemble_forward
from scanwright.nets import split_cells
from scanwright.recipe import TASKS

CASES = 4
SEED = 20_260_101
TOLERANCE = 1e-3
"""Largest difference of a score between machines; float32 convolutions differ by about 1e-6."""
BLOCK = 8
"""Edge of the blocks over which the chances of elements are averaged: a test stays small."""
RUNS = 512
"""Runs of cells, at most, over which the answers of a network that finds are averaged."""

FINDER = "finder."
"""Before the names of tensors for the networks that look first."""
NAMES = {"inputs", "scores"}
GOLDEN_NAMES = (NAMES, NAMES | {FINDER + name for name in NAMES})
"""Names of the tensors of a self-test: without and with networks that look first."""

Inputs = npt.NDArray[np.float32]


def golden_test(ensemble: Ensemble) -> dict[str, torch.Tensor]:
    """Make the self-test of an ensemble.

    Inputs are noise of several scales in the network's own input space: they hold nothing of any
    patient, and need no preprocessing library to repeat.
    """
    made: dict[str, torch.Tensor] = {}
    for prefix, one in _parts(ensemble):
        inputs = _inputs(one)
        made[f"{prefix}inputs"] = torch.from_numpy(inputs)
        made[f"{prefix}scores"] = torch.from_numpy(_scores(one, inputs))
    return made


def run_golden_test(ensemble: Ensemble, golden: dict[str, torch.Tensor]) -> float:
    """Repeat the self-test; return the largest difference.

    Raises
    ------
    BundleError
        The scores differ by more than the tolerance.
    """
    missing = {prefix for prefix, _ in _parts(ensemble) if f"{prefix}inputs" not in golden}
    if missing:
        raise BundleError("The bundle's self-test leaves out networks.", got=sorted(golden))
    return max(
        _repeat(one, golden[f"{prefix}inputs"].numpy(), golden[f"{prefix}scores"].numpy())
        for prefix, one in _parts(ensemble)
    )


def _parts(ensemble: Ensemble) -> Iterator[tuple[str, Ensemble]]:
    """Give what answers, and what looks first where there is such, with prefixes of names."""
    yield "", ensemble
    finder = ensemble.finder()
    if finder is not None:
        yield FINDER, finder


def _repeat(ensemble: Ensemble, inputs: Inputs, expected: Floats) -> float:
    scores = _scores(ensemble, inputs)
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


def _inputs(ensemble: Ensemble) -> Inputs:
    rng = np.random.default_rng(SEED)
    network = ensemble.recipe.network
    size = (network.channels, *network.size)
    cases = CASES if TASKS[ensemble.recipe.task.kind].answer == "case" else 1
    images = rng.normal(size=(cases, *size)).astype(np.float32)
    scales = np.linspace(0.25, 1.5, CASES, dtype=np.float32)[-cases:]
    return images * scales.reshape(-1, *(1,) * len(size))


def _scores(ensemble: Ensemble, inputs: Inputs) -> Floats:
    # In single precision on every machine: where one has bfloat16 another has not.
    exact = replace(ensemble, compute=replace(ensemble.compute, autocast=None))
    return np.ascontiguousarray(SCORES[TASKS[ensemble.recipe.task.kind].answer](exact, inputs))


def _case_scores(ensemble: Ensemble, inputs: Inputs) -> Floats:
    predictor = case_predictor(ensemble)
    return predictor.answer.scores(predictor.run(inputs).mean(axis=0))


@torch.inference_mode()
def _element_scores(ensemble: Ensemble, inputs: Inputs) -> Floats:
    """Return the chances of labels, shape (1, outputs, *blocks)."""
    logits = ensemble_forward(ensemble.networks, ensemble.compute)(torch.from_numpy(inputs))
    chances = logits.softmax(1) if ensemble.recipe.task.scheme.is_exclusive else logits.sigmoid()
    found: Floats = chances.double().cpu().numpy()
    for axis in range(2, found.ndim):
        found = _run_means(found, axis, BLOCK)
    return found


@torch.inference_mode()
def _box_scores(ensemble: Ensemble, inputs: Inputs) -> Floats:
    """Return what cells answer before anything is chosen of it, shape (1, K + 2 · D, runs).

    Log-odds, and logarithms of the distances to the low and high edges in strides, both as means
    over networks and over runs of neighbouring cells. Which boxes are kept of these may turn on
    the last digit; these numbers do not.
    """
    recipe = ensemble.recipe
    sums = torch.zeros(())
    for network in ensemble.networks:
        outputs = ensemble_forward([network], ensemble.compute)(torch.from_numpy(inputs))
        cells = split_cells(outputs, len(recipe.task.labels), len(recipe.network.size))
        reach = torch.cat([cells.centre - cells.low, cells.high - cells.centre], 1) / cells.stride
        parts = torch.cat([cells.logits, reach.sign() * reach.abs().log1p()], 1)
        sums = sums + parts.double().cpu()
    found: Floats = (sums / len(ensemble.networks)).numpy()
    return _run_means(found, 2, ceil(found.shape[2] / RUNS))


def _run_means(values: Floats, axis: int, length: int) -> Floats:
    """Return means over runs of a length along an axis; the last may be shorter."""
    starts = np.arange(0, values.shape[axis], length)
    lengths = np.diff([*starts.tolist(), values.shape[axis]]).astype(np.float64)
    sums = np.add.reduceat(values, starts, axis=axis)
    return np.asarray(
        sums / lengths.reshape([-1 if at == axis else 1 for at in range(values.ndim)])
    )


SCORES: Catalog[Callable[[Ensemble, Inputs], Floats]] = Catalog(
    "self-test", {"case": _case_scores, "element": _element_scores, "box": _box_scores}
)
"""By what a network gives."""
