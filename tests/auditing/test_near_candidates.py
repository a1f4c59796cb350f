import numpy as np

from scanwright.auditing import near_candidates
from scanwright.auditing.near_candidates import find_candidates
from scanwright.base import SILENT
from tests.auditing.textures import COPIES, pictures_of, texture


def stacked(seeds: int, *copies: str) -> np.ndarray:
    arrays = [texture(seed) for seed in range(seeds)]
    arrays += [COPIES[name][1](arrays[n]) for n, name in enumerate(copies)]
    return np.stack([one.values for one in pictures_of(arrays)])


def named(values: np.ndarray, **facts: bool) -> set[tuple[int, int]]:
    found = find_candidates(values, neighbours=3, turned=facts.get("turned", True), progress=SILENT)
    pairs = zip(found.fixed.tolist(), found.moving.tolist(), strict=True)
    return {(min(pair), max(pair)) for pair in pairs}


def test_planted_pairs_are_among_few_candidates() -> None:
    copies = ["cropped", "cut aside", "darkened", "mirrored", "turned by 90", "recompressed"]
    found = named(stacked(40, *copies))
    assert {(n, 40 + n) for n in range(len(copies))} <= found
    assert len(found) < 40


def test_turned_views_are_left_out_when_not_asked() -> None:
    values = stacked(30, "mirrored")
    assert (0, 30) in named(values)
    assert (0, 30) not in named(values, turned=False)


def test_small_blocks_change_nothing(monkeypatch) -> None:  # type: ignore[no-untyped-def]  # pytest's own
    values = stacked(20, "cropped", "mirrored", "darkened")
    whole = named(values)
    monkeypatch.setattr(near_candidates, "ROWS", 5)
    monkeypatch.setattr(near_candidates, "COLUMNS", 7)
    monkeypatch.setattr(near_candidates, "CHUNK", 7)
    assert named(values) == whole


def test_no_picture_is_paired_with_itself_and_each_pair_comes_once_per_group() -> None:
    found = find_candidates(
        stacked(12, "cropped", "darkened"), neighbours=8, turned=False, progress=SILENT
    )
    assert (found.fixed != found.moving).all()
    pairs = {frozenset(p) for p in zip(found.fixed.tolist(), found.moving.tolist(), strict=True)}
    assert len(pairs) == len(found.fixed)
