"""Figures of masks."""

import numpy as np

from scanwright.report import MaskResults, Outcomes
from scanwright.report.mask_figures import MOST_CLASSES, spread_figure, volume_figure

from .builders import mask_outcomes
from .conftest import invent_numbers


def crowd(classes: int) -> Outcomes:
    rng = np.random.default_rng(0)
    table = rng.random((5, classes))
    masks = MaskResults({"dice": table, "hd95": 10 * table}, unit="mm²", length_unit="pixels")
    labels = tuple(f"class {number}" for number in range(classes))
    return Outcomes("segmentation", labels, table, table + 0.1, masks=masks)


def test_every_class_and_the_units_are_named() -> None:
    found = spread_figure("test", mask_outcomes())
    assert found is not None
    for words in ("liver", "spleen", "Dice", "HD95 (mm)"):
        assert words in found.svg
    assert "2, not drawn" in found.caption
    volumes = volume_figure("test", mask_outcomes())
    assert volumes is not None
    assert "Predicted − true (ml)" in volumes.svg
    assert volumes.title.startswith("Volumes")


def test_of_many_classes_the_weakest_are_drawn() -> None:
    outcomes = crowd(MOST_CLASSES + 10)
    found, volumes = spread_figure("test", outcomes), volume_figure("test", outcomes)
    assert found is not None
    assert volumes is not None
    assert f"The {MOST_CLASSES} classes of lowest Dice" in found.caption
    assert outcomes.masks is not None
    weakest = int(outcomes.masks.values["dice"].mean(axis=0).argmin())
    assert f"class {weakest}" in found.svg
    assert f"class {weakest}" in volumes.svg
    assert "HD95 (pixels)" in found.svg
    assert volumes.title.startswith("Areas")


def test_there_may_be_nothing_to_draw() -> None:
    assert spread_figure("test", invent_numbers()) is None
    assert volume_figure("test", invent_numbers()) is None
    nothing = np.full((2, 1), np.nan)
    masks = MaskResults({"dice": nothing, "hd95": nothing})
    empty = Outcomes("segmentation", ("a",), np.zeros((2, 1)), np.zeros((2, 1)), masks=masks)
    assert volume_figure("test", empty) is None
    assert spread_figure("test", empty) is not None
