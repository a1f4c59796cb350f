import json
from dataclasses import replace
from pathlib import Path

from tests.workflows.run_folder import plain_run

from scanwright.metrics import Interval
from scanwright.report import Crossing, Growth, MeasureOptions
from scanwright.workflows.compare_output import comparison_page, write_comparison
from scanwright.workflows.compare_runs import compare_runs
from scanwright.workflows.learning import Learning

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


def test_what_more_cases_would_do_is_kept_in_numbers(tmp_path: Path) -> None:
    first, second = plain_run(tmp_path / "a", 60), plain_run(tmp_path / "b", 60, seed=2)
    compared = compare_runs(first, second, MEASURE)
    plain = write_comparison(compared, tmp_path / "without", MEASURE)
    assert plain["growth"] is None
    gains = (Interval(0.2, 0.1, 0.3), Interval(0.1, 0.0, 0.2), Interval(0.1, -0.1, 0.2))
    crossing = Crossing(90.0, None, 110.0, is_seen=True, share=0.8)
    growth = Growth("auc", (30, 60, 120), *gains, crossing, "Whom more would help is open.")
    told = replace(compared, learning=Learning((), (), growth))
    kept = write_comparison(told, tmp_path / "with", MEASURE)["growth"]
    assert kept == {
        "metric": "auc",
        "sentence": "Whom more would help is open.",
        "cases": [30, 60, 120],
        "gain_per_doubling": {
            "CNN": {"value": 0.2, "low": 0.1, "high": 0.3},
            "classical model": {"value": 0.1, "low": 0.0, "high": 0.2},
            "difference": {"value": 0.1, "low": -0.1, "high": 0.2},
        },
        "crossing": {
            "cases": 90.0, "low": None, "high": 110.0, "is_seen": True, "share_of_resamples": 0.8
        },
    }  # fmt: skip
