import pytest

from scanwright.base import SILENT, Progress


def test_silence_takes_every_call_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    watcher: Progress = SILENT
    watcher.begin("reading", 3, "files")
    watcher.step(1, note="x")
    watcher.step()
    watcher.end()
    assert capsys.readouterr() == ("", "")
