import numpy as np
import pytest

from scanwright.auditing import NotChecked, doubt_labels
from scanwright.auditing.doubts import check_labels
from scanwright.data import TaskHint
from scanwright.image import NumberTarget
from tests.auditing.builders import anatomy, bodies, survey_of


def test_planted_wrong_labels_are_listed_and_not_dropped() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(150) % 2
    arrays = [anatomy(rng, lesion=bool(one)) for one in truth]
    wrong = {3, 40, 77}
    labels = ["ill" if bool(one) != (n in wrong) else "well" for n, one in enumerate(truth)]
    (found,) = check_labels(survey_of(arrays, labels))
    assert {f"case {n:03d}" for n in wrong} <= set(found.cases)
    assert len(found.words) <= 6
    assert not found.drop


def test_predictions_of_any_model_serve_and_poor_ones_are_not_believed() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(200) % 2
    scores = np.clip(0.08 + 0.84 * truth + rng.normal(0, 0.05, 200), 0.01, 0.99)
    given = truth.copy()
    given[:4] = 1 - given[:4]
    names = tuple(f"c{n}" for n in range(200))
    probabilities = np.column_stack([1 - scores, scores])
    (found,) = doubt_labels(names, ("no", "yes"), probabilities, given, "the network")
    assert len(found.words) >= 3
    assert set(found.words) <= {"c0", "c1", "c2", "c3"}
    with pytest.raises(NotChecked, match="poorly"):
        doubt_labels(names, ("no", "yes"), probabilities[rng.permutation(200)], given, "x")


def test_tasks_without_classes_are_not_checked() -> None:
    targets = [NumberTarget(float(n)) for n in range(3)]
    with pytest.raises(NotChecked):
        check_labels(survey_of(bodies(3), task=TaskHint("number", ("age",)), targets=targets))
    with pytest.raises(NotChecked, match="independent"):
        check_labels(survey_of(bodies(4), "abab"))
