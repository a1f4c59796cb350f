"""The command line as a whole: help, versions, codes, JSON errors."""

import json
import sys

import pytest
from typer.testing import CliRunner

from scanwright import __version__
from scanwright.base import EXIT_CODES
from scanwright.cli.main import app, run

COMMANDS = ("index", "plan", "train", "predict", "demo")


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["scanwright", *words])
    with pytest.raises(SystemExit) as ended:
        run()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_help_names_every_command_and_every_exit_code() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout
    for command in COMMANDS:
        assert command in shown
    for code in EXIT_CODES:
        assert str(code) in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"scanwright {command}" in result.stdout
    assert "--json" in result.stdout
    assert "--debug" in result.stdout


def test_the_version_is_printed() -> None:
    assert __version__ in CliRunner().invoke(app, ["--version"]).stdout


def test_an_unknown_command_ends_with_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "trian") == 2


def test_an_error_is_json_for_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = call(monkeypatch, "index", "no-such-folder", "--json")
    error = json.loads(capsys.readouterr().out)["error"]
    assert code == error["exit_code"] == 3
    assert error["what"]


def test_debug_shows_where_an_error_arose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["scanwright", "index", "no-such-folder", "--debug"])
    with pytest.raises(Exception, match="no such file"):
        run()
