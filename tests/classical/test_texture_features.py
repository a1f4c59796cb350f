import numpy as np
import pytest

from scanwright.classical.levels import LevelGrid, half_directions
from scanwright.classical.texture import (
    cooccurrence,
    dependences,
    run_lengths,
    tone_differences,
    zone_sizes,
)
from scanwright.classical.texture_features import (
    cooccurrence_features,
    dependence_energy,
    emphasis_features,
    tone_difference_features,
)
from tests.classical import ibsi_phantom as ibsi

GRID = LevelGrid.of(ibsi.PHANTOM)
VOXELS = 74
RUN_WORDS = ("short_run", "long_run", "run_length")
ZONE_WORDS = ("small_zone", "large_zone", "zone_size")
DEPENDENCE_WORDS = ("low_dependence", "high_dependence", "dependence_count")


def check(found: dict[str, float], reference: dict[str, float]) -> None:
    wrong = {
        name: (found[name], value)
        for name, value in reference.items()
        if not ibsi.agrees(found[name], value)
    }
    assert not wrong


def test_the_phantom_is_the_published_one() -> None:
    assert np.count_nonzero(ibsi.PHANTOM) == VOXELS


def test_cooccurrence_features_meet_the_reference() -> None:
    found = cooccurrence_features(cooccurrence(GRID))
    assert set(found) == set(ibsi.COOCCURRENCE)
    check(found, ibsi.COOCCURRENCE)


def test_run_length_features_meet_the_reference() -> None:
    found = emphasis_features(run_lengths(GRID), VOXELS * 13, RUN_WORDS)
    assert set(found) == set(ibsi.RUN_LENGTH)
    check(found, ibsi.RUN_LENGTH)


def test_run_length_features_of_planes_meet_the_reference() -> None:
    rows = []
    for plane in ibsi.PHANTOM:
        grid = LevelGrid.of(plane)
        for direction in half_directions(2):
            matrix = run_lengths(grid, [direction])
            rows.append(emphasis_features(matrix, grid.elements, RUN_WORDS))
    mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    check(mean, ibsi.RUN_LENGTH_PLANES)


def test_size_zone_features_meet_the_reference() -> None:
    found = emphasis_features(zone_sizes(ibsi.PHANTOM), VOXELS, ZONE_WORDS)
    assert set(found) == set(ibsi.SIZE_ZONE)
    check(found, ibsi.SIZE_ZONE)


def test_tone_difference_features_meet_the_reference() -> None:
    found = tone_difference_features(*tone_differences(GRID))
    assert set(found) == set(ibsi.TONE_DIFFERENCE)
    check(found, ibsi.TONE_DIFFERENCE)


def test_dependence_features_meet_the_reference() -> None:
    found = emphasis_features(dependences(GRID), VOXELS, DEPENDENCE_WORDS)
    check(found, ibsi.DEPENDENCE)
    assert found["percentage"] == 1.0


def test_dependence_energy_is_the_sum_of_squared_shares() -> None:
    assert dependence_energy(np.array([[1, 1], [0, 2]])) == pytest.approx(0.375)


def test_a_constant_region_has_finite_features() -> None:
    flat = LevelGrid.of(np.ones((4, 5), dtype=np.int64))
    numbers = [
        *cooccurrence_features(cooccurrence(flat)).values(),
        *emphasis_features(run_lengths(flat), 80, RUN_WORDS).values(),
        *tone_difference_features(*tone_differences(flat)).values(),
    ]
    assert np.isfinite(numbers).all()
    assert cooccurrence_features(cooccurrence(flat))["joint_entropy"] == 0.0


def test_a_single_element_has_finite_features() -> None:
    dot = LevelGrid.of(np.ones((1, 1), dtype=np.int64))
    found = cooccurrence_features(cooccurrence(dot))
    assert np.isfinite(list(found.values())).all()
    assert tone_difference_features(*tone_differences(dot))["coarseness"] == 1e6


def test_joint_entropy_is_that_of_a_textbook_pair() -> None:
    matrix = np.array([[2, 1], [1, 0]])
    p = np.array([0.5, 0.25, 0.25])
    expected = -(p * np.log2(p)).sum()
    assert cooccurrence_features(matrix)["joint_entropy"] == pytest.approx(expected)
