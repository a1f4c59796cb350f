"""Two runs of outlines are held against each other; what is for whole images is refused."""

import json
from pathlib import Path

import pytest
from tests.journeys.conftest import Command, assert_clear
from tests.journeys.test_outline_journey import make_set, short

pytestmark = pytest.mark.slow


def test_two_runs_are_compared_class_by_class(tmp_path: Path, scanwright: Command) -> None:
    data = make_set(tmp_path / "set", (40, 44), ".png")
    for name, steps in (("long", 40), ("brief", 1)):
        done = scanwright("train", data, "-o", name, *short(steps))
        assert done.returncode == 0, done.stderr
    shown = scanwright("compare", "long", "brief", "-o", "which")
    assert shown.returncode == 0, shown.stderr
    assert "Use the long: its mean Dice is higher by" in shown.stdout
    kept = json.loads((tmp_path / "which" / "comparison.json").read_text())
    assert kept["verdict"]["choice"] == "long"
    assert kept["splits"]["test"]["classes"]["label 1"]["dice"]["low"] > 0
    page = (tmp_path / "which" / "report.html").read_text(encoding="utf-8")
    for words in ("class by class", "Cases in which the two differ most", "label 1"):
        assert words in page
    assert str(tmp_path) not in page


@pytest.mark.parametrize("command", ["compare", "tune"])
def test_what_is_for_whole_images_is_refused_at_once(
    command: str, tmp_path: Path, scanwright: Command
) -> None:
    data = make_set(tmp_path / "set", (40, 44), ".png")
    done = scanwright(command, data, "-o", "out", "--budget", "5m")
    assert_clear(done, 3, "outlines", "scanwright compare RUN_A RUN_B")
    assert not (tmp_path / "out").exists()
