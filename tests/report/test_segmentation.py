"""Masks of all cases, and what reports make of them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from scanwright.base import InputError, ShapeError
from scanwright.image import Geometry
from scanwright.metrics import measure_masks
from scanwright.report import (
    Contender,
    MeasureOptions,
    Report,
    SegmentationOutcomes,
    SegmentedCase,
    compare_outcomes,
    decide_between,
    judge,
    main_score,
    mask_section,
    measure_case,
    metrics_csv,
    predictions_csv,
    render_html,
    scores_json,
    segmentation_units,
)

from .builders import GEOMETRY, invent_masks, invent_segmentation, mask_outcomes, mask_picture
from .conftest import full_split

QUICK = MeasureOptions(replicates=60)
NAMES = (
    *("dice", "iou", "sensitivity", "precision", "hd95", "assd", "nsd", "nsd_2mm", "nsd_3mm"),
    *("volume_error", "lesion_f1"),
)


def test_scores_have_values_and_intervals(rng: np.random.Generator) -> None:
    found = invent_segmentation().scores(QUICK, rng)
    assert tuple(found.scores) == NAMES
    assert found.patients == 6
    for score in found.scores.values():
        assert score.value is not None
        assert score.low is not None
        assert score.high is not None
        assert score.low <= score.value <= score.high
    cases = invent_segmentation().cases
    by_class = [
        np.nanmean([case.scores[label].values["dice"] for case in cases]) for label in range(2)
    ]
    assert found.scores["dice"].value == pytest.approx(np.mean(by_class))
    assert [row.label for row in found.per_label] == ["liver", "spleen"]
    assert [row.scores["dice"].value for row in found.per_label] == pytest.approx(by_class)
    assert [row.positives for row in found.per_label] == [12, 11]


def test_one_class_needs_no_table_of_classes(rng: np.random.Generator) -> None:
    cases = tuple(
        SegmentedCase(f"{n}", measure_masks(t == 1, g == 1, GEOMETRY.spacing_mm, classes=1))
        for n, (t, g) in enumerate(map(invent_masks, range(3)))
    )
    assert SegmentationOutcomes(("liver",), cases).scores(QUICK, rng).per_label == ()


def test_a_case_is_measured_on_its_grid() -> None:
    truth, guess = invent_masks(0)
    found = measure_case("a", truth, guess, GEOMETRY, classes=2)
    wanted = measure_masks(truth, guess, (3.0, 1.0, 1.0), classes=2)
    assert [dict(one.values) for one in found.scores] == [dict(one.values) for one in wanted]


def test_units_follow_the_grids() -> None:
    plane = Geometry.detector((0.2, 0.2))
    assert segmentation_units([plane]) == ("mm²", "mm")
    assert segmentation_units([plane, Geometry.pixels(2)]) == ("pixels", "pixels")


def test_outcomes_keep_patients_columns_and_volumes() -> None:
    found = mask_outcomes()
    assert found.patient_count == 6
    assert found.columns["site"][:3] == ("A", "B", "A")
    truth, guess = invent_masks(2)
    assert found.truth[2, 0] == pytest.approx((truth == 1).sum() * 3e-3)
    assert found.decided[2, 1] == pytest.approx((guess == 2).sum() * 3e-3)
    part = found.subset(np.arange(12) == 2)
    assert part.masks is not None
    assert part.masks.values["dice"].shape == (1, 2)


def test_files_and_page_are_made_as_of_any_task() -> None:
    split = full_split("segmentation")
    scores = json.loads(scores_json([split]))["test"]
    assert tuple(scores) == NAMES
    assert set(scores["dice"]) == {"value", "low", "high"}
    assert "label spleen,hd95," in metrics_csv([split]).replace("test,", "")
    first, *rows = predictions_csv([split]).splitlines()
    assert first.endswith("score liver,score spleen")
    assert ",liver|spleen,liver," in rows[3]
    section = mask_section("test", split.outcomes, QUICK, mask_picture)
    report = Report("A run", "outlines two organs on CT", (split,), sections=(section,))
    page = render_html(report)
    assert "its mean Dice was" in page
    assert 'id="test-cases"' in page
    assert "<h3>Each class</h3>" in page
    assert "against the rest" not in page
    assert page.count("<image ") == 9
    verdict = judge(report)
    assert any("missed altogether" in sentence for sentence in verdict.sentences)


def test_two_models_are_compared_on_the_same_masks(rng: np.random.Generator) -> None:
    one = mask_outcomes()
    gaps = compare_outcomes(one, one, QUICK, rng)
    assert [gap.name for gap in gaps] == ["dice", "hd95", "nsd"]
    assert all(gap.gap.value == 0 for gap in gaps)


def test_the_better_of_two_models_is_named(rng: np.random.Generator) -> None:
    one = mask_outcomes()
    assert one.masks is not None
    dice = one.masks.values["dice"]
    worse = replace(one.masks, values={**one.masks.values, "dice": 0.8 * dice})
    pair = [Contender("first net", one), Contender("second net", replace(one, masks=worse))]
    verdict, _ = decide_between(*pair, QUICK, rng)
    assert verdict.choice == "first"
    assert "its mean Dice is higher by" in verdict.sentence
    equal, _ = decide_between(pair[0], pair[0], QUICK, rng)
    assert equal.choice == "open"
    assert main_score(one, QUICK).name == "dice"


def test_bad_cases_are_told() -> None:
    with pytest.raises(InputError):
        SegmentationOutcomes(("liver",), ())
    with pytest.raises(ShapeError):
        SegmentationOutcomes(("liver",), invent_segmentation().cases)
