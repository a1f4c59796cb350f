"""A case as it is and as it is found."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from tests.workflows.box_run import answers_of, make_spots

from scanwright.data import index_data
from scanwright.image import edges_of


def test_truth_and_findings_lie_on_the_same_grid(tmp_path: Path) -> None:
    entries = index_data(str(make_spots(tmp_path, 3))).entries
    answers = answers_of(entries)
    assert [len(answer.truth.boxes) for answer in answers] == [0, 1, 1]
    for answer in answers:
        assert answer.prediction.edges.tolist() == edges_of(answer.truth.boxes, 2).tolist()
    with pytest.raises(FrozenInstanceError):
        answers[0].entry = entries[1]  # type: ignore[misc]  # that it cannot be is what is tested
