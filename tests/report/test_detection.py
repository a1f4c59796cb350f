"""From true and found boxes to outcomes."""

import numpy as np
import pytest

from scanwright.base import InputError, LabelError
from scanwright.image import Box, BoxesTarget, BoxPrediction, Geometry
from scanwright.report import DetectionOutcomes, detected_case, thresholds_of

from .builders import invent_detection

LABELS = ("cyst", "nodule")


def predicted(thresholds: tuple[float, ...] = ()) -> BoxPrediction:
    edges = np.array([[[1.5, 5.5], [2.5, 6.5]], [[0.5, 2.5], [0.5, 2.5]]])
    about = (Geometry.pixels(2), (16, 20), LABELS)
    return BoxPrediction("a", *about, edges, [1, 0], [0.9, 0.3], thresholds)


def test_a_case_is_made_from_its_truth_and_a_prediction() -> None:
    truth = BoxesTarget((Box((1.5, 2.5), (5.5, 6.5), "nodule"),))
    case = detected_case("a", truth, predicted())
    assert case.boxes.truth_classes.tolist() == [1]
    assert case.boxes.whole == 320
    found = DetectionOutcomes(LABELS, (case,), (0.5, 0.5)).outcomes
    assert found.truth.tolist() == [[0, 1]]
    assert found.scores.tolist() == [[0.3, 0.9]]
    assert found.decided.tolist() == [[0, 1]]
    assert found.boxes is not None
    assert found.boxes.reported.tolist() == [False, True]
    assert found.boxes.is_found.tolist() == [True]
    assert [claims.tolist() for claims in found.claims(1)] == [[1], [0.9], [1]]


def test_without_thresholds_every_box_is_shown() -> None:
    found = DetectionOutcomes(LABELS, (detected_case("a", BoxesTarget(()), predicted()),)).outcomes
    assert found.boxes is not None
    assert found.boxes.reported.all()
    assert found.decided.tolist() == [[1, 1]]


def test_a_label_that_the_network_does_not_know_is_named() -> None:
    truth = BoxesTarget((Box((1.5, 2.5), (5.5, 6.5), "stone"),))
    with pytest.raises(LabelError, match="does not know") as told:
        detected_case("a", truth, predicted())
    assert "stone" in str(told.value)


def test_no_case_is_an_error() -> None:
    with pytest.raises(InputError, match="no case"):
        DetectionOutcomes(LABELS, ())


def test_all_cases_share_their_thresholds() -> None:
    cuts = (0.2, 0.4)
    assert thresholds_of([predicted(cuts), predicted(cuts)]) == cuts
    assert thresholds_of([]) == ()
    with pytest.raises(InputError, match="same thresholds"):
        thresholds_of([predicted(cuts), predicted()])


def test_facts_and_patients_follow_the_cases() -> None:
    found = invent_detection().outcomes
    part = found.subset(np.array([at % 2 == 0 for at in range(found.count)]))
    assert set(part.columns["site"]) == {"A"}
    assert part.patient_count == 20
    assert part.boxes is not None
    assert part.boxes.matches.cases == 20
    assert part.boxes.matches.true_counts(0).tolist() == part.truth[:, 0].tolist()
