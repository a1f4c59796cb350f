import json
from pathlib import Path

from tests.workflows.run_folder import plain_run

from scanwright.report import MeasureOptions
from scanwright.workflows.compare_output import comparison_page, write_comparison
from scanwright.workflows.compare_runs import compare_runs

MEASURE = MeasureOptions(replicates=100)


def test_page_and_json_say_the_same(tmp_path: Path) -> None:
    good = plain_run(tmp_path / "good", 240, gap=2.0)
    poor = plain_run(tmp_path / "poor", 240, gap=0.1, seed=1)
    compared = compare_runs(good, poor, MEASURE)
    plain = write_comparison(compared, tmp_path / "out", MEASURE)
    kept = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert kept == plain
    assert kept["verdict"]["choice"] == "good"
    assert kept["verdict"]["split"] == "test"
    assert kept["verdict"]["low"] > 0
    assert set(kept["splits"]) == {"test", "validation"}
    assert kept["splits"]["test"]["cases"] == 80
    assert kept["seconds"]["good"] == {"training": 9.5, "per_image": None}
    page = (tmp_path / "out" / "report.html").read_text()
    assert "good or poor" in page
    assert compared.verdict.sentence in page.replace("&#39;", "'")


def test_sections_come_with_figures_and_costs(tmp_path: Path) -> None:
    first, second = plain_run(tmp_path / "a", 60), plain_run(tmp_path / "b", 60, seed=2)
    page = comparison_page(compare_runs(first, second, MEASURE), MEASURE)
    assert [section.name for section in page.sections] == ["test", "validation", "cost"]
    assert page.sections[0].figures[0].name == "roc-test"
    cells = [cell for row in page.sections[2].grids[0].rows for cell in row]
    assert "9.5 s" in cells
    assert "not known" in cells
