import numpy as np
import pytest

from scanwright.auditing import NotChecked, Severity
from scanwright.auditing.mixture import (
    check_grids,
    check_kinds,
    check_modalities,
    check_strangers,
    loneliness,
    look_features,
)
from scanwright.image import Modality
from tests.auditing.builders import bodies, survey_of
from tests.auditing.test_lettering import speckle


def test_modalities_ranks_and_colours_that_are_mixed() -> None:
    arrays = bodies(6)
    arrays[1] = np.repeat(arrays[1], 3, axis=0)
    arrays[1][0, 10:40, 10:40] = 255
    arrays[2] = np.random.default_rng(0).integers(0, 9, (1, 4, 20, 20)).astype(np.uint8)
    kinds = [Modality.XRAY] * 5 + [Modality.CT]
    found = check_modalities(survey_of(arrays, modality=kinds))
    assert [one.cases for one in found] == [("case 005",), ("case 002",), ("case 001",)]
    assert [one.severity for one in found][1] is Severity.ALARM
    assert check_modalities(survey_of(bodies(3))) == []


def test_sizes_and_spacings_that_are_mixed() -> None:
    arrays = [*bodies(3), *bodies(2, edge=300)]
    spacing = [(1.0, 1.0), (1.0, 1.0), None, (2.5, 2.5), (1.0, 1.0)]
    found = check_grids(survey_of(arrays, spacing_mm=spacing))
    assert len(found) == 3
    assert check_grids(survey_of(bodies(3))) == []


def test_two_kinds_in_one_folder_are_told_apart_by_look() -> None:
    other = [speckle(n, (64, 64))[None] for n in range(15)]
    (found,) = check_kinds(survey_of([*bodies(60), *other]))
    assert set(found.cases) == {f"case {n:03d}" for n in range(60, 75)}
    assert check_kinds(survey_of(bodies(60))) == []
    with pytest.raises(NotChecked):
        check_kinds(survey_of(bodies(5)))


def test_a_single_stranger_is_named() -> None:
    survey = survey_of([*bodies(60), speckle(0, (64, 64))[None]])
    (found,) = check_strangers(survey)
    assert found.cases == ("case 060",)
    assert loneliness(look_features(survey))[:60].max() < 6
