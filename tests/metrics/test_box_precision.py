"""Average precision and recall of boxes against pycocotools."""

import importlib.util
import json
import sys

import numpy as np
import pytest

from scanwright.metrics import (
    COCO_OVERLAPS,
    OVERLAPS,
    BoxMatchOptions,
    CaseBoxes,
    Resamples,
    UndefinedMetric,
    bind_box_average_precision,
    bind_box_average_recall,
    bootstrap,
    match_boxes,
)
from tests.metrics.box_builders import AREAS, GOLDEN, SETTINGS, ask_coco, invent

NONE = np.zeros((0, 2, 2))


def ours(name: str) -> dict[str, np.ndarray]:
    """What pycocotools gives, in its form: overlaps, classes, areas, most boxes; -1 undefined."""
    cases, classes = invent(name), SETTINGS[name][1]
    binds = {"precision": bind_box_average_precision, "recall": bind_box_average_recall}
    found = {part: np.zeros((len(OVERLAPS), classes, 4, 3)) for part in binds}
    for area, volumes in enumerate(AREAS):
        matches = match_boxes(cases, classes, BoxMatchOptions(volumes=tuple(volumes)))
        for label in range(classes):
            alone = matches.alone(label)
            for part, bind in binds.items():
                for count, most in enumerate((1, 10, 100)):
                    column = [
                        bind(alone, [least], most=most)(np.ones((1, len(cases))))[0]
                        for least in OVERLAPS
                    ]
                    found[part][:, label, area, count] = np.nan_to_num(column, nan=-1.0)
    return found


def test_precision_and_recall_are_those_of_pycocotools() -> None:
    # By class, overlap, range of areas and most boxes; 1e-9, for only the order of sums differs.
    golden = json.loads(GOLDEN.read_text())
    for name in SETTINGS:
        for part, values in ours(name).items():
            np.testing.assert_allclose(values, golden[name][part], atol=1e-9)


@pytest.mark.skipif(importlib.util.find_spec("pycocotools") is None, reason="no pycocotools")
def test_the_values_kept_are_those_of_pycocotools_here() -> None:
    kept = json.loads(GOLDEN.read_text())
    for name, parts in ask_coco(sys.executable).items():
        for part, values in parts.items():
            np.testing.assert_allclose(values, kept[name][part], atol=1e-12)


def test_the_mean_leaves_out_classes_without_a_true_box_as_pycocotools_does() -> None:
    golden = json.loads(GOLDEN.read_text())
    for name, (_, classes, *_) in SETTINGS.items():
        table = np.array(golden[name]["precision"])[1:, :, 0, 2]
        matches = match_boxes(invent(name), classes + 2)
        value = bind_box_average_precision(matches).value()
        assert value == pytest.approx(table[table > -1].mean(), abs=1e-9)


def test_a_case_that_counts_twice_is_the_same_as_two_such_cases() -> None:
    for name, (_, classes, *_) in SETTINGS.items():
        # No two scores may be alike: equal ones stand in another order among copies.
        cases = [
            CaseBoxes(
                *(c.truth, c.truth_classes, c.guess, c.guess_classes),
                c.scores + i * 1e-5 + np.arange(len(c.scores)) * 1e-8,
                c.crowd,
            )
            for i, c in enumerate(invent(name))
        ]
        weights = np.random.default_rng(3).poisson(1, len(cases))
        copied = [case for case, count in zip(cases, weights, strict=True) for _ in range(count)]
        for bind in (bind_box_average_precision, bind_box_average_recall):
            once, many = (match_boxes(part, classes) for part in (cases, copied))
            assert bind(once).value(weights) == pytest.approx(bind(many).value(), abs=1e-9)


def test_perfect_boxes_have_a_precision_of_one_in_three_dimensions_too() -> None:
    boxes = np.array([[[0, 4], [0, 5], [0, 6]], [[10, 14], [10, 15], [0, 2]]], dtype=float)
    case = CaseBoxes(boxes, [0, 1], boxes, [0, 1], [0.2, 0.9])
    matches = match_boxes([case], 2)
    # 1 but for what pycocotools adds to every denominator.
    assert bind_box_average_precision(matches).value() == pytest.approx(1, abs=1e-12)
    assert bind_box_average_recall(matches, COCO_OVERLAPS).value() == 1


def test_without_a_box_found_precision_is_zero_and_without_a_true_one_undefined() -> None:
    truth = np.array([[[0.0, 1.0], [0.0, 1.0]]])
    matches = match_boxes([CaseBoxes(truth, [0], NONE, [], [])], 1)
    assert bind_box_average_precision(matches).value() == 0
    matches = match_boxes([CaseBoxes(NONE, [], truth, [0], [1.0])], 1)
    with pytest.raises(UndefinedMetric, match="not defined"):
        bind_box_average_precision(matches).value()


def test_a_bootstrap_over_patients_holds_the_value() -> None:
    cases = invent("classes")
    resamples = Resamples.draw(range(len(cases)), 300, np.random.default_rng(0))
    found = bootstrap(bind_box_average_precision(match_boxes(cases, 4)), resamples)
    assert found.low < found.value < found.high
    assert found.high - found.low > 0.02
