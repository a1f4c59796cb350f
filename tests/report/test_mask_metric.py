"""Means over classes and cases, and the words that go with them."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.metrics import MaskOptions, UndefinedMetric
from scanwright.report import MaskResults, Outcomes, metric_set

from .builders import mask_outcomes


def outcomes(dice: list[list[float]], **about: object) -> Outcomes:
    table = np.array(dice)
    labels = tuple("abcd"[: table.shape[1]])
    masks = MaskResults({"dice": table, "hd95": table}, **about)  # type: ignore[arg-type]
    volumes = np.ones_like(table)
    return Outcomes("segmentation", labels, volumes, volumes, masks=masks)


def value_of(name: str, found: Outcomes) -> float:
    (row,) = (row for row in metric_set(found) if row.name == name)
    return row.bind(found).value()


def test_a_mean_is_taken_over_cases_then_over_classes() -> None:
    found = outcomes([[1.0, 0.5], [0.5, np.nan], [0.0, np.nan]])
    assert value_of("dice", found) == pytest.approx((0.5 + 0.5) / 2)


def test_a_class_that_is_nowhere_defined_is_left_out() -> None:
    assert value_of("dice", outcomes([[0.4, np.nan], [0.6, np.nan]])) == pytest.approx(0.5)
    with pytest.raises(UndefinedMetric):
        value_of("dice", outcomes([[np.nan, np.nan]]))


def test_distances_to_nothing_are_left_out_and_counted() -> None:
    found = outcomes([[1.0, np.inf], [3.0, 4.0]])
    assert value_of("hd95", found) == pytest.approx((2 + 4) / 2)
    (row,) = (row for row in metric_set(found) if row.name == "hd95")
    assert "Left out: 1 of 4 masks" in row.definition


def test_weights_count_cases_several_times() -> None:
    found = outcomes([[1.0, 0.5], [0.0, np.nan]])
    (row, _) = metric_set(found)
    values = row.bind(found)(np.array([[3.0, 1.0], [0.0, 2.0]]))
    assert values[0] == pytest.approx((0.75 + 0.5) / 2)
    assert np.isnan(values[1])  # class b was not drawn


def test_definitions_name_surface_tolerance_and_unit() -> None:
    options = MaskOptions(surface="surface elements", tolerances_mm=(1.5, 4.0), lesion_overlap=0.2)
    base = mask_outcomes()
    assert base.masks is not None
    values = {"hd95": base.truth, "nsd": base.truth, "nsd_4mm": base.truth, "lesion_f1": base.truth}
    masks = MaskResults(values, options, length_unit="pixels")
    rows = {row.name: row for row in metric_set(replace(base, masks=masks))}
    assert rows["hd95"].title == "HD95 (pixels)"
    assert "surface-distance" in rows["hd95"].definition
    assert rows["nsd"].title == "NSD at 1.5 pixels"
    assert "within 4 pixels" in rows["nsd_4mm"].definition
    assert "20 %" in rows["lesion_f1"].definition
    assert "MONAI" in {row.name: row for row in metric_set(base)}["assd"].definition


def test_rates_rest_on_the_patients_that_have_a_mask() -> None:
    found = outcomes([[1.0], [1.0], [np.nan]])
    (row, distance) = metric_set(found)
    assert row.support is not None
    assert row.support(found) == 2
    assert distance.support is None
