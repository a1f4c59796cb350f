import numpy as np
import pytest

from scanwright.auditing import NotChecked
from scanwright.auditing.damage import (
    check_clipped,
    check_constant,
    check_depth,
    check_not_finite,
    check_scale,
    check_unreadable,
)
from scanwright.data import Skipped
from tests.auditing.builders import bodies, survey_of


def kinds(found) -> list[tuple[str, ...]]:
    return [one.cases for one in found]


def test_flat_and_nearly_empty_images_are_told_from_their_peers() -> None:
    arrays = bodies(12)
    arrays[3] = np.full_like(arrays[3], 9)
    arrays[5] = np.zeros_like(arrays[5])
    arrays[5][0, :3, :3] = 200
    flat, empty = check_constant(survey_of(arrays))
    assert flat.cases == ("case 003",)
    assert set(flat.drop) == {"case 003"}
    assert empty.cases == ("case 005",)
    assert check_constant(survey_of(bodies(5))) == []


def test_nan_is_a_finding() -> None:
    arrays = [one.astype(np.float32) for one in bodies(4)]
    arrays[2][0, 0, 0] = np.nan
    (found,) = check_not_finite(survey_of(arrays))
    assert found.cases == ("case 002",)


def test_saturated_images_are_outliers_of_their_own_set() -> None:
    arrays = bodies(20)
    arrays[7] = np.where(arrays[7] > 60, 255, arrays[7]).astype(np.uint8)
    (found,) = check_clipped(survey_of(arrays))
    assert found.cases == ("case 007",)


def test_sixteen_bits_with_twelve_used_mixed_depths_and_masks() -> None:
    rng = np.random.default_rng(0)
    wide = [rng.integers(0, 4096, (1, 32, 32)).astype(np.uint16) for _ in range(8)]
    (found,) = check_depth(survey_of(wide))
    assert found.numbers == {"stored_bits": 16, "used_bits": 12}
    mask = (rng.random((1, 32, 32)) > 0.5).astype(np.uint8) * 255
    narrow = rng.integers(0, 255, (1, 32, 32)).astype(np.uint8)
    found = check_depth(survey_of([*wide, narrow, mask]))
    assert kinds(found)[1:] == [("case 008", "case 009"), ("case 009",)]
    assert "case 009" in found[-1].drop
    with pytest.raises(NotChecked, match="fractions"):
        check_depth(survey_of([rng.random((1, 8, 8))]))


def test_scales_of_their_own() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.random((1, 16, 16)) * 10.0**n for n in range(5)]
    (found,) = check_scale(survey_of(arrays))
    assert found.numbers["highest"] > 1000 * found.numbers["lowest"]
    assert check_scale(survey_of(arrays[:2] * 3)) == []


def test_unreadable_inputs_are_listed_with_reasons() -> None:
    (found,) = check_unreadable(survey_of(bodies(2), skipped=[Skipped("x.png", "it is empty")]))
    assert found.words == {"x.png": "it is empty"}
    assert check_unreadable(survey_of(bodies(2))) == []
