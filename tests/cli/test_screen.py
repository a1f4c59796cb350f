"""Errors and progress as a person sees them."""

import json

import pytest

from scanwright.base import FileError
from scanwright.cli.screen import Screen, show_error


def test_an_error_shows_its_five_parts(capsys: pytest.CaptureFixture[str]) -> None:
    error = FileError(
        "It is cut.", got="3 bytes", legal="4 bytes", next="copy again", where="a.png"
    )
    show_error(error, as_json=False, code=3)
    shown = capsys.readouterr().err
    for part in ("It is cut.", "3 bytes", "4 bytes", "copy again", "a.png"):
        assert part in shown


def test_an_unexpected_error_asks_for_debug(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(KeyError("x"), as_json=False, code=1)
    assert "--debug" in capsys.readouterr().err


def test_an_error_as_json_holds_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(MemoryError(), as_json=True, code=6)
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 6


def test_stages_are_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen() as screen:
        screen.begin("reading", 3, "files")
        screen.step(1)
        screen.end()
    assert "reading: 3 files" in capsys.readouterr().err


def test_a_quiet_screen_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen(quiet=True) as screen:
        screen.begin("reading", 3)
        screen.step(3)
        screen.end()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == ""
