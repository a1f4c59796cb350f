"""Engines: the compiled one and the one of tensors agree in everything they do."""

import numpy as np
import torch

from scanwright.augmentation.engine import CompiledEngine, TensorEngine, engine_for
from scanwright.augmentation.weights import gaussian_band

ROWS = np.array([0, 2])


def values() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(size=(3, 60)).astype(np.float32))


def test_single_floats_in_memory_are_compiled_and_others_are_not() -> None:
    assert isinstance(engine_for(values()), CompiledEngine)
    assert isinstance(engine_for(values().double()), TensorEngine)


def test_engines_agree() -> None:
    lines = np.array([[2.0, 1.0, -1.0, 1.0], [0.5, 0.0, -np.inf, np.inf]])
    curves = np.array([[0.7, 0.0], [2.0, 1.0]])
    bands = [gaussian_band(n, np.array([0.8, 1.2])) for n in (6, 10)]
    results = []
    for engine in (CompiledEngine(), TensorEngine()):
        given = values()
        np.testing.assert_allclose(
            engine.measure(given, ROWS), TensorEngine().measure(given, ROWS), rtol=1e-4, atol=1e-6
        )
        engine.scale(given, ROWS, lines)
        engine.bend(given, ROWS, curves, keeps_mean=False)
        engine.bend(given, ROWS, curves[::-1].copy(), keeps_mean=True)
        engine.sum_neighbours(given.view(3, 6, 10), ROWS, bands)
        results.append(given)
    torch.testing.assert_close(results[0], results[1], atol=1e-5, rtol=1e-5)
    assert torch.equal(results[0][1], values()[1])
