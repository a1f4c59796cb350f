"""From a spoilt folder to its audit, to the proposed table, to a network trained on that."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.journeys.conftest import SHORT, Command, assert_clear

from scanwright.image import Image
from scanwright.io import write

pytestmark = pytest.mark.slow


def test_audit_then_train_on_the_proposal(scans: Path, scanwright: Command, tmp_path: Path) -> None:
    (scans / "upright" / "twin.png").write_bytes((scans / "lying" / "000.png").read_bytes())
    write(Image.from_array(np.full((1, 24, 24), 9, np.uint8)), scans / "lying" / "flat.png")
    (scans / "lying").rename(scans / "was")
    (scans / "was").rename(scans / "Lying")
    done = scanwright("audit", scans, "-o", "found", "--without", "lettering")
    assert done.returncode == 0, done.stderr
    assert "under two labels" in done.stdout
    assert "one flat value" in done.stdout
    table = tmp_path / "found" / "proposed.csv"
    assert str(Path("found") / "proposed.csv") in done.stdout
    trained = scanwright("train", scans, "--labels", table, "-o", "run", *SHORT)
    assert trained.returncode == 0, trained.stderr
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "Data audit" in report
    assert "the table says drop" in report


def test_audit_for_programs(scans: Path, scanwright: Command) -> None:
    done = scanwright("audit", scans, "-o", "found", "--json")
    assert done.returncode == 0, done.stderr
    plain = json.loads(done.stdout)
    assert plain["cases"] == 80
    assert {"kind", "severity", "what"} <= set(plain["findings"][0])


def test_an_unknown_check_is_one_clear_message(scans: Path, scanwright: Command) -> None:
    assert_clear(scanwright("audit", scans, "--without", "letering"), 4, "did you mean")
