"""False, missed and true findings, and the table of cases."""

import pytest

from scanwright.base import InputError
from scanwright.image import Image
from scanwright.report import MeasureOptions, box_section

from .builders import box_image, box_outcomes
from .conftest import invent_numbers

OPTIONS = MeasureOptions(replicates=20)


def test_false_missed_and_true_findings_are_shown() -> None:
    asked: list[int] = []

    def image(index: int) -> Image:
        asked.append(index)
        return box_image(index)

    section = box_section("test", box_outcomes(), OPTIONS, image)
    names = [figure.name for figure in section.figures]
    assert names == ["test-false", "test-missed", "test-true"]
    assert len(asked) <= 20
    false = section.figures[0].svg
    assert "overlap 0.00" in false
    assert "pixels" in section.figures[1].svg


def test_cases_with_most_mistakes_come_first() -> None:
    outcomes = box_outcomes()
    (table,) = box_section("test", outcomes, OPTIONS).grids
    mistakes = [int(row[3]) + int(row[4]) for row in table.rows]
    assert mistakes == sorted(mistakes, reverse=True)
    assert len(table.rows) == outcomes.count
    assert sum(int(row[1]) for row in table.rows) == outcomes.truth.sum()


def test_without_images_only_the_table_is_left() -> None:
    section = box_section("test", box_outcomes(), OPTIONS)
    assert section.figures == ()
    assert section.title == "Cases (test)"


def test_names_are_shown_only_when_asked_for() -> None:
    outcomes = box_outcomes()
    hidden = box_section("test", outcomes, OPTIONS, box_image)
    assert "scan" not in hidden.figures[0].svg
    assert "scan" not in str(hidden.grids)
    shown = box_section("test", outcomes, MeasureOptions(show_names=True), box_image)
    assert "scan" in shown.figures[0].svg


def test_other_outcomes_have_no_such_section() -> None:
    with pytest.raises(InputError, match="Only boxes"):
        box_section("test", invent_numbers(), OPTIONS)
