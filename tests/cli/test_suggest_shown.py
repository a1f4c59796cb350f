"""A long list is cut on the screen, whole for programs."""

import json

import pytest

from scanwright.cli.suggest import MOST_ROWS, show_suggestions
from scanwright.selection import Choice
from scanwright.workflows.inputs import Refused
from scanwright.workflows.suggest import Suggestion, Suggestions

CHOICE = Choice(0, 0.9, None, 1.25, True, False, False, 1, False)
ROWS = tuple(Suggestion(f"{n}.png", f"/x/{n}.png", "", "[unsure]", CHOICE) for n in range(25))
FOUND = Suggestions(
    "mixed", ROWS, 40, 7, (Refused("bad.png", "too large"),), ("patients are not named",)
)


def test_a_long_list_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_suggestions(FOUND, None, as_json=False)
    shown = capsys.readouterr().out
    assert f"{MOST_ROWS - 1}.png" in shown
    assert f"{MOST_ROWS}.png" not in shown
    assert "and 5 more" in shown
    assert "note: patients are not named" in shown
    assert "refused bad.png: too large" in shown
    assert "25 of 40 images without a label, by mixed, compared with 7 labelled" in shown


def test_programs_get_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_suggestions(FOUND, None, as_json=True)
    plain = json.loads(capsys.readouterr().out)
    assert len(plain["suggestions"]) == 25
    assert plain["suggestions"][0]["disagreement"] is None
    assert plain["suggestions"][0]["distance"] == 1.25
