from pathlib import Path

import numpy as np

from scanwright.workflows.training_part import NetworkPoint, TrainingPart

PART = TrainingPart(0.5, ((("a", "b", "c"), ("d",)), (("d",), ("a",))))


def test_cases_are_counted_over_folds() -> None:
    assert PART.cases == 2
    assert PART.names == ["a", "b", "c", "d", "d", "a"]
    assert PART.to_plain() == [0.5, [[["a", "b", "c"], ["d"]], [["d"], ["a"]]]]


def test_answers_are_read_as_they_were_written(tmp_path: Path) -> None:
    scores = np.random.default_rng(0).random((2, 3))
    point = NetworkPoint(0.5, 2, 40, ("d", "a"), scores, (0.3, 0.5, 0.1), is_cut=True)
    point.write(tmp_path / "point.json")
    read = NetworkPoint.read(tmp_path / "point.json", PART)
    assert np.array_equal(read.scores, scores)
    assert (read.share, read.cases, read.steps) == (0.5, 2, 40)
    assert read.is_cut
    assert (read.names, read.thresholds) == (point.names, point.thresholds)
