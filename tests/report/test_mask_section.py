"""Best, median and worst case."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.report import MaskResults, MeasureOptions, Outcomes, mask_section, ranked_cases
from scanwright.report.mask_section import case_dice

from .builders import mask_outcomes, mask_picture
from .conftest import invent_numbers

OPTIONS = MeasureOptions(replicates=20)


def with_dice(values: list[list[float]]) -> Outcomes:
    table = np.array(values)
    masks = MaskResults(
        dict.fromkeys(("dice", "hd95", "nsd", "sensitivity", "precision"), table), unit="mm²"
    )
    volumes = np.isfinite(table).astype(float)
    labels = tuple("abc"[: table.shape[1]])
    return Outcomes("segmentation", labels, volumes, volumes, masks=masks)


def test_cases_are_ranked_by_their_mean_over_classes() -> None:
    found = with_dice([[0.5, 0.7], [0.9, np.nan], [np.nan, np.nan], [0.1, 0.2], [0.8, 0.8]])
    np.testing.assert_allclose(case_dice(found), [0.6, 0.9, np.nan, 0.15, 0.8])
    assert ranked_cases(found) == {"best": 1, "median": 0, "worst": 3}


def test_few_cases_are_not_shown_twice() -> None:
    assert ranked_cases(with_dice([[0.5]])) == {"best": 0}
    assert ranked_cases(with_dice([[0.5], [0.6]])) == {"best": 1, "median": 0}
    assert ranked_cases(with_dice([[np.nan]])) == {}


def test_a_section_shows_pictures_and_a_table() -> None:
    asked = []

    def picture(index: int) -> object:
        asked.append(index)
        return mask_picture(index)

    found = mask_outcomes()
    section = mask_section("test", found, OPTIONS, picture)  # type: ignore[arg-type]
    assert asked == list(ranked_cases(found).values())
    assert [figure.name for figure in section.figures] == ["test-best", "test-median", "test-worst"]
    (table,) = section.grids
    assert len(table.rows) == 24
    assert table.rows[0][2] == "0.000"
    assert {row[3] for row in table.rows[:2]} == {"∞"}
    assert table.head[-2:] == ("True (ml)", "Predicted (ml)")
    dice = [float(row[2]) for row in table.rows]
    assert dice == sorted(dice)


def test_names_are_shown_only_when_asked_for() -> None:
    outcomes = replace(mask_outcomes(), cases=tuple(f"SMITH^{n}" for n in range(12)))
    hidden = mask_section("test", outcomes, OPTIONS, mask_picture)
    assert "SMITH" not in str(hidden)
    shown = mask_section("test", outcomes, MeasureOptions(show_names=True), mask_picture)
    assert "SMITH^3" in str(shown)


def test_without_images_there_is_the_table_alone() -> None:
    section = mask_section("test", with_dice([[0.5], [np.nan]]), OPTIONS)
    assert section.figures == ()
    assert len(section.grids[0].rows) == 1


def test_other_outcomes_have_no_masks() -> None:
    with pytest.raises(InputError):
        mask_section("test", invent_numbers(), OPTIONS)
