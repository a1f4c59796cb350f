import numpy as np
import pytest
from PIL import Image as Sheet

from scanwright.auditing import NotChecked, examine
from scanwright.auditing.likeness import (
    check_like_contradictions,
    check_likeness,
    check_shared_likeness,
)
from tests.auditing.builders import survey_of


def textures(count: int) -> list[np.ndarray]:
    """Draw textures that have nothing in common."""
    rng = np.random.default_rng(0)
    return [
        np.asarray(
            Sheet.fromarray(rng.integers(0, 255, (12, 12)).astype(np.uint8)).resize(
                (96, 96), Sheet.Resampling.BICUBIC
            )
        )[None]
        for _ in range(count)
    ]


def with_copy(**facts):
    arrays = textures(12)
    smaller = Sheet.fromarray(arrays[3][0]).resize((70, 70), Sheet.Resampling.BOX)
    arrays[8] = np.asarray(smaller)[None]
    arrays[9] = arrays[1]
    return survey_of(arrays, "aaabaaaaaaab", compare=True, **facts)


def test_a_rescaled_copy_is_a_pair_and_an_exact_one_is_another_checks_matter() -> None:
    (found,) = check_likeness(with_copy())
    assert ("case 003", "case 008") in found.groups
    assert found.numbers["pairs"] == 1
    audit = examine(with_copy())
    assert set(audit.alike) == {("case 001", "case 009"), ("case 003", "case 008")}


def test_pairs_under_two_labels_and_on_two_sides() -> None:
    split = ["train"] * 8 + ["test"] * 4
    survey = with_copy(split=split)
    (found,) = check_like_contradictions(survey)
    assert set(found.drop) == {"case 003"}
    (shared,) = check_shared_likeness(survey)
    assert set(shared.drop) == {"case 003"}


def test_without_a_search_there_is_no_answer() -> None:
    with pytest.raises(NotChecked):
        check_likeness(survey_of(textures(3)))
    with pytest.raises(NotChecked, match="no split"):
        check_shared_likeness(with_copy())
