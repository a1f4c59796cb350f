"""The matrices, against the published ones and against loops that read like the definitions."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from scanwright.classical.levels import LevelGrid, Levels, half_directions
from scanwright.classical.texture import (
    Counts,
    cooccurrence,
    dependences,
    run_lengths,
    tone_differences,
    zone_sizes,
)
from tests.classical.ibsi_phantom import MERGED_PLANES, PHANTOM

LEVELS = arrays(
    np.int64, array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.integers(0, 3)
)


def inside(place: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return all(0 <= at < edge for at, edge in zip(place, shape, strict=True))


def level_at(levels: Levels, place: tuple[int, ...]) -> int:
    return int(levels[place]) if inside(place, levels.shape) else 0


def moved(place: tuple[int, ...], step: tuple[int, ...], times: int = 1) -> tuple[int, ...]:
    return tuple(at + times * by for at, by in zip(place, step, strict=True))


def all_steps(rank: int) -> list[tuple[int, ...]]:
    return [step for step in product((-1, 0, 1), repeat=rank) if any(step)]


def plain_cooccurrence(levels: Levels, count: int) -> Counts:
    matrix = np.zeros((count, count), dtype=np.int64)
    for place in np.ndindex(levels.shape):
        for step in all_steps(levels.ndim):
            here, there = level_at(levels, place), level_at(levels, moved(place, step))
            if here and there:
                matrix[here - 1, there - 1] += 1
    return matrix


def plain_runs(levels: Levels) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for step in half_directions(levels.ndim):
        for place in np.ndindex(levels.shape):
            here = level_at(levels, place)
            if not here or level_at(levels, moved(place, step, -1)) == here:
                continue
            length = 1
            while level_at(levels, moved(place, step, length)) == here:
                length += 1
            found[here, length] = found.get((here, length), 0) + 1
    return found


def plain_zones(levels: Levels) -> dict[tuple[int, int], int]:
    left = {place for place in np.ndindex(levels.shape) if levels[place]}
    found: dict[tuple[int, int], int] = {}
    while left:
        start = min(left)
        level, size, edge = int(levels[start]), 0, [start]
        left.remove(start)
        while edge:
            place = edge.pop()
            size += 1
            for step in all_steps(levels.ndim):
                other = moved(place, step)
                if other in left and levels[other] == level:
                    left.remove(other)
                    edge.append(other)
        found[level, size] = found.get((level, size), 0) + 1
    return found


def as_dict(matrix: Counts) -> dict[tuple[int, int], int]:
    return {(i + 1, j + 1): int(matrix[i, j]) for i, j in np.argwhere(matrix)}


@pytest.mark.parametrize("plane", range(4))
def test_cooccurrence_of_planes_is_the_published_matrix(plane: int) -> None:
    found = as_dict(cooccurrence(LevelGrid.of(PHANTOM[plane])))
    assert {cell: count for cell, count in found.items() if cell[0] <= cell[1]} == MERGED_PLANES[
        plane
    ]


@given(LEVELS)
def test_cooccurrence_is_that_of_the_definition(levels: Levels) -> None:
    found = cooccurrence(LevelGrid.of(levels, 3))
    assert np.array_equal(found, plain_cooccurrence(levels, 3))
    assert np.array_equal(found, found.T)


@given(LEVELS)
def test_run_lengths_are_those_of_the_definition(levels: Levels) -> None:
    assert as_dict(run_lengths(LevelGrid.of(levels, 3))) == plain_runs(levels)


@given(LEVELS)
def test_zones_are_those_of_the_definition(levels: Levels) -> None:
    assert as_dict(zone_sizes(levels, 3)) == plain_zones(levels)


@given(LEVELS)
def test_tone_differences_are_those_of_the_definition(levels: Levels) -> None:
    counts, sums = np.zeros(3, dtype=np.int64), np.zeros(3)
    for place in np.ndindex(levels.shape):
        here = level_at(levels, place)
        around = [level_at(levels, moved(place, step)) for step in all_steps(levels.ndim)]
        known = [level for level in around if level]
        if here and known:
            counts[here - 1] += 1
            sums[here - 1] += abs(here - sum(known) / len(known))
    found_counts, found_sums = tone_differences(LevelGrid.of(levels, 3))
    assert np.array_equal(found_counts, counts)
    assert np.allclose(found_sums, sums)


@given(LEVELS, st.integers(0, 1))
def test_dependences_are_those_of_the_definition(levels: Levels, coarseness: int) -> None:
    expected: dict[tuple[int, int], int] = {}
    for place in np.ndindex(levels.shape):
        here = level_at(levels, place)
        if here:
            around = [level_at(levels, moved(place, step)) for step in all_steps(levels.ndim)]
            alike = 1 + sum(bool(level) and abs(level - here) <= coarseness for level in around)
            expected[here, alike] = expected.get((here, alike), 0) + 1
    assert as_dict(dependences(LevelGrid.of(levels, 3), coarseness)) == expected


def test_a_plane_and_a_volume_of_one_plane_have_the_same_runs_within_it() -> None:
    plane = PHANTOM[0]
    flat = run_lengths(LevelGrid.of(plane), [(0, 1)])
    thick = run_lengths(LevelGrid.of(plane[None]), [(0, 0, 1)])
    assert np.array_equal(flat, thick)


def test_a_single_direction_counts_each_pair_once_each_way() -> None:
    row = np.array([[1, 2, 2]])
    assert cooccurrence(LevelGrid.of(row), [(0, 1)]).tolist() == [[0, 1], [1, 2]]
