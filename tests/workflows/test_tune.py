"""A whole search by the Python interface: nested, resumable, honest about its gain."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scanwright.base import InputError, RecipeError
from scanwright.data import IndexOptions
from scanwright.image import Image
from scanwright.io import write
from scanwright.recipe import read_recipe
from scanwright.workflows.prepare import RunOptions
from scanwright.workflows.tune import TuneOptions, tune

pytestmark = pytest.mark.slow

HELD = {
    "network.name": "tutorial",
    "network.width": 0.25,
    "network.zero_last": False,
    "network.size": (16, 16),
    "training.members": 1,
    "training.workers": 1,
    "training.threads": 1,
    "training.validations": 1,
    "schedule.steps": (30,),
    "split.folds": 4,
}
VARY = ("optimiser.rate", "network.dropout", "training.batch")


def options(**more: Any) -> TuneOptions:  # Any: options by name
    index = more.pop("index", IndexOptions())
    run = RunOptions(index=index, settings=HELD, device="cpu", budget_seconds=600)
    return TuneOptions(**{"run": run, "trials": 4, "share": 1.0, "vary": VARY, **more})


def scans(folder: Path, test_seed: int = 0, *, is_swapped: bool = False) -> Path:
    """Write a table of pictures with its own test part, drawn from a seed of its own."""
    folder.mkdir(parents=True)
    rows = []
    for index in range(60):
        part = "test" if index >= 44 else "train"
        rng = np.random.default_rng([test_seed if part == "test" else 0, index])
        label = index % 2
        array = rng.normal(90, 25, (1, 20, 20))
        array[:, 6:14, 8:12] += 35 * label
        write(Image.from_array(np.clip(array, 0, 255).astype(np.uint8)), folder / f"{index}.png")
        shown = 1 - label if is_swapped and part == "test" else label
        rows.append({"path": f"{index}.png", "label": "ab"[shown], "split": part})
    with (folder / "labels.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=["path", "label", "split"])
        table.writeheader()
        table.writerows(rows)
    return folder


def found(run: Path) -> dict[str, Any]:
    """Return what the search found, times left out."""
    plain: dict[str, Any] = json.loads((run / "tune" / "summary.json").read_text())
    plain.pop("plan")
    for trial in plain["trials"]:
        del trial["seconds"]
    if plain["best"]:
        del plain["best"]["seconds"]
    return plain


def trials_of(run: Path) -> list[dict[str, str]]:
    """Return the table of trials, times left out."""
    with (run / "tune" / "trials.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    return [{name: cell for name, cell in row.items() if name != "seconds"} for row in rows]


def test_the_test_part_changes_nothing_in_a_search(tmp_path: Path) -> None:
    results = []
    for name, seed in (("one", 1), ("other", 2)):
        data = scans(tmp_path / name, seed, is_swapped=seed == 2)
        tune(data, tmp_path / f"run {name}", options())
        results.append(found(tmp_path / f"run {name}"))
        results[-1]["recipe"] = (tmp_path / f"run {name}" / "tune" / "recipe.toml").read_text()
    assert results[0] == results[1]
    scores = [
        json.loads((tmp_path / f"run {n}" / "scores.json").read_text()) for n in ("one", "other")
    ]
    assert scores[0]["test"] != scores[1]["test"]
    assert scores[0]["validation"] == scores[1]["validation"]


def test_a_search_leaves_a_run_with_its_report_and_is_not_done_twice(tmp_path: Path) -> None:
    data = scans(tmp_path / "data")
    result = tune(data, tmp_path / "run", options())
    assert result.run is not None
    assert not result.run.was_finished
    run = tmp_path / "run"
    for name in ("bundle/manifest.json", "scores.json", "recipe.toml", "tune/trials.csv"):
        assert (run / name).exists()
    assert not (run / "tune" / "stores").exists()
    page = (run / "report.html").read_text()
    section = page.split('<section id="search"')[1].split("</section>")[0]
    assert str(result.summary["sentence"]) in section.replace("&#43;", "+")
    for words in ("How the search went", "Which settings mattered", "optimiser.rate"):
        assert words in section
    assert [row["trial"] for row in trials_of(run)] == ["0", "1", "2", "3"]
    assert read_recipe(run / "tune" / "best.toml").optimiser.rate > 0
    again = tune(data, run, options())
    assert again.run is not None
    assert again.run.was_finished
    assert again.summary == result.summary


def test_the_default_is_kept_where_nothing_better_is_found(tmp_path: Path) -> None:
    result = tune(scans(tmp_path / "data"), tmp_path / "run", options(trials=1))
    assert "larger --budget" in str(result.summary["sentence"])
    trained = read_recipe(tmp_path / "run" / "recipe.toml")
    assert result.summary["keeps_default"]
    assert trained.optimiser.rate == 2e-3


def test_an_interrupt_keeps_what_was_found_and_the_search_goes_on(tmp_path: Path) -> None:
    class Impatient:
        """Progress that interrupts once, after two trials."""

        trials = 0

        def begin(self, stage: str, total: float, unit: str = "") -> None:
            self.stage = stage

        def step(self, amount: float = 1, note: str = "") -> None:
            self.trials += self.stage == "searching" and bool(note)
            if self.trials == 2:
                self.trials += 1
                raise KeyboardInterrupt

        def end(self) -> None:
            self.stage = ""

    data = scans(tmp_path / "data")
    tune(data, tmp_path / "whole", options(helps=True))
    with pytest.raises(KeyboardInterrupt):
        tune(data, tmp_path / "cut", options(helps=True), Impatient())
    assert len(trials_of(tmp_path / "cut")) == 2
    assert read_recipe(tmp_path / "cut" / "tune" / "best.toml")
    tune(data, tmp_path / "cut", options(helps=True))
    assert trials_of(tmp_path / "cut") == trials_of(tmp_path / "whole")


@pytest.mark.parametrize("kind", ["findings", "grade", "number"])
def test_every_kind_of_task_is_tuned(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for index in range(48):
        level = index % 3
        array = rng.normal(80, 12, (1, 20, 20))
        array[:, 6:14, 6:14] += 40 * level
        write(Image.from_array(np.clip(array, 0, 255).astype(np.uint8)), tmp_path / f"{index}.png")
        values = {
            "findings": {"some": int(level > 0), "much": int(level > 1)},
            "grade": {"grade": level},
            "number": {"level": 10.0 * level + float(rng.normal())},
        }
        rows.append({"path": f"{index}.png", **values[kind]})
    with (tmp_path / "labels.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    columns = tuple(name for name in rows[0] if name != "path")
    index_options = IndexOptions(label_column=columns, task=kind)  # type: ignore[arg-type]  # a word
    is_number = kind == "number"
    asked = options(trials=2, index=index_options, helps=not is_number)
    result = tune(tmp_path, tmp_path / "run", asked)
    assert [row["state"] for row in trials_of(tmp_path / "run")] == ["complete"] * 2
    if is_number:
        assert result.run is not None
        assert result.summary["merit"] == "r2"


def test_another_search_is_not_mixed_with_the_one_that_is_there(tmp_path: Path) -> None:
    data = scans(tmp_path / "data")
    tune(data, tmp_path / "run", options(trials=1, helps=True))
    with pytest.raises(InputError, match="other settings"):
        tune(data, tmp_path / "run", options(trials=2, helps=True))


def test_a_search_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    data = scans(tmp_path / "data")
    with pytest.raises(RecipeError, match="storage"):
        tune(data, tmp_path / "run", options(storage="mysql://host/db"))
    assert not (tmp_path / "run").exists()
