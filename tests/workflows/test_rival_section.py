import re
from pathlib import Path

import pytest
from tests.journeys.conftest import make_scans
from tests.workflows.run_folder import QUICK

from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.train import train

pytestmark = pytest.mark.slow


def section_of(scans: Path, run: Path, **changes: object) -> str:
    """Train in no time and return the words of the section, or nothing."""
    settings = {**QUICK, "training.members": 1, "schedule.steps": (8,), **changes}
    train(str(scans), run, RunOptions(settings=settings, device="cpu", budget_seconds=120))
    page = (run / "report.html").read_text()
    found = re.search(r'<section id="classical".*?</section>', page, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found[0]) if found else ""


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scans(tmp_path_factory.mktemp("rival") / "scans", per_class=20)


def test_the_report_says_whether_a_classical_model_would_do(scans: Path, tmp_path: Path) -> None:
    words = section_of(scans, tmp_path / "run", **{"comparison.classical": 0.3})
    assert "Is the network worth it?" in words
    assert "classical model" in words
    assert "DeLong" in words


def test_nothing_is_said_where_nothing_was_asked(scans: Path, tmp_path: Path) -> None:
    assert section_of(scans, tmp_path / "run", **{"comparison.classical": 0.0}) == ""


def test_too_little_time_is_said(scans: Path, tmp_path: Path) -> None:
    words = section_of(scans, tmp_path / "run", **{"comparison.classical": 1e-5})
    assert "Left out" in words
