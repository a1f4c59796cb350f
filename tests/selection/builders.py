"""Pools of candidates made from numbers."""

import numpy as np

from scanwright.selection import Pool, ScoreKind


def made_pool(
    count: int = 12,
    known: int = 4,
    *,
    kind: ScoreKind = "exclusive",
    members: int = 3,
    seed: int = 0,
    patients: tuple[str, ...] = (),
    alike: tuple[int, ...] = (),
    settled: frozenset[int] = frozenset(),
) -> Pool:
    """Return candidates with random scores and features."""
    rng = np.random.default_rng(seed)
    outputs = {"exclusive": 3, "independent": 2, "number": 1}[kind]
    scores = rng.random((members, count, outputs))
    if kind == "exclusive":
        scores /= scores.sum(axis=2, keepdims=True)
    return Pool(
        names=tuple(f"case {n:03d}" for n in range(count)),
        scores=scores,
        features=rng.normal(size=(count, 5)),
        known=rng.normal(size=(known, 5)),
        kind=kind,
        patients=patients,
        alike=alike,
        settled=settled,
    )
