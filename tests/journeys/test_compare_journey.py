"""From a finished run to the question whether it was worth it, by the command line."""

import json
from pathlib import Path

import pytest
from tests.journeys.conftest import SHORT, Command, assert_clear

pytestmark = pytest.mark.slow


def test_a_run_is_compared_and_the_verdict_is_shown(
    scans: Path, scanwright: Command, tmp_path: Path
) -> None:
    trained = scanwright("train", scans, "-o", "run", *SHORT, "--json")
    assert trained.returncode == 0, trained.stderr
    times = ("--budget", "20s", "--curve-budget", "60s")
    shown = scanwright("compare", scans, "--run", "run", "-o", "out", *times)
    assert shown.returncode == 0, shown.stderr
    assert "classical model" in shown.stdout
    assert "report: out/report.html" in shown.stdout
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Learning curve" in page
    assert str(tmp_path) not in page
    kept = json.loads((tmp_path / "out" / "comparison.json").read_text())
    own = [point["cases"] for point in kept["learning_curve"]["CNN"]]
    assert own == [point["cases"] for point in kept["learning_curve"]["classical model"]]
    assert len(own) > 2
    assert kept["growth"]["cases"] == own[-3:]
    assert kept["growth"]["sentence"] in page
    assert any("anew for 24 steps" in note for note in kept["notes"])

    same = scanwright("compare", "run", "run", "-o", "same", "--json")
    assert same.returncode == 0, same.stderr
    found = json.loads(same.stdout)
    assert found["verdict"]["choice"] == "open"
    assert found == json.loads((tmp_path / "same" / "comparison.json").read_text())
    refused = scanwright("compare", "run", "run", "-o", "no", "--curve-budget", "10s")
    assert_clear(refused, 3, "no learning curve is trained", "--run RUN")


def test_what_is_no_run_is_refused_clearly(scans: Path, scanwright: Command) -> None:
    done = scanwright("compare", scans, "--run", scans, "-o", "out")
    assert_clear(done, 3, "no finished run", "scanwright train")
