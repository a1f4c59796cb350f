"""What a search came to, in words and tables."""

import json
from dataclasses import replace

import pytest

from scanwright.report import Section
from scanwright.search import Importance, Record, Summary, measure_gain
from tests.search.builders import plan, space

DEFAULT = [0.80, 0.82, 0.78, 0.81]


def summary(*found: float) -> Summary:
    made = space()
    values = {**made.default, "optimiser.rate": 2.5e-3}
    records = (
        Record(0, "complete", made.default, (0.5, 0.6, 0.7), 3.0),
        Record(1, "complete", values, (0.5, 0.7, 0.8), 3.0),
        Record(2, "stopped", values, (0.4,), 1.0),
        Record(3, "failed", values, (), 0.1, "Training diverged."),
    )
    return Summary(
        space=made,
        plan=plan(),
        records=records,
        best=records[1] if found else None,
        gain=measure_gain(found, DEFAULT, 0.2) if found else None,
        is_fresh=True,
        merit="auc",
        importances=(Importance("optimiser.rate", 0.6, 0.5, 0.7),),
    )


def test_a_real_gain_is_used_and_says_how_large_it_is() -> None:
    made = summary(0.85, 0.87, 0.82, 0.86)
    assert not made.keeps_default
    assert "+0.0475" in made.sentence()
    assert "its settings are used" in made.sentence()
    assert "trial 1 of 4" in made.reason()
    recipe = made.space.recipe_of({**made.space.default, "optimiser.rate": 2.5e-3}, made.reason())
    assert "found by search" in recipe.reasons["optimiser.rate"]


def test_noise_keeps_the_default_and_says_so() -> None:
    made = summary(0.95, 0.72, 0.90, 0.71)
    assert made.keeps_default
    assert "no more than noise" in made.sentence()
    assert "tried and not used" in made.section().grids[0].caption


def test_without_a_better_trial_the_default_is_kept_and_says_so() -> None:
    made = summary()
    assert made.keeps_default
    assert "None of 4 trials" in made.sentence()
    assert [grid.caption.split()[0] for grid in made.section().grids] == ["All", "What"]


def test_a_budget_for_the_default_alone_is_called_too_small() -> None:
    made = summary()
    alone = replace(made, records=made.records[:1])
    assert alone.keeps_default
    assert "larger --budget" in alone.sentence()


def test_other_seeds_are_not_called_other_folds() -> None:
    made = replace(summary(0.85, 0.87, 0.82, 0.86), is_fresh=False)
    assert "other seeds" in made.sentence()


def test_the_section_shows_every_trial_and_what_changed() -> None:
    section = summary(0.85, 0.87, 0.82, 0.86).section()
    changes, trials, limits = section.grids
    assert changes.rows == (("optimiser.rate", "0.001", "0.0025"),)
    assert [row[0] for row in trials.rows] == ["0", "1", "2", "3"]
    assert trials.rows[3][1] == "Training diverged."
    assert len(limits.rows) == len(space().dimensions)
    assert all(len(row) == len(grid.head) for grid in section.grids for row in grid.rows)
    assert len(section.figures) == 2


@pytest.mark.parametrize("found", [(), (0.85, 0.87, 0.82, 0.86), (0.8,)])
def test_it_travels_as_json(found: tuple[float, ...]) -> None:
    made = summary() if not found else replace(
        summary(*found), gain=measure_gain(found, DEFAULT[: len(found)], 0.2)
    )  # fmt: skip
    text = json.dumps(made.to_plain(), allow_nan=False)
    assert json.loads(text)["keeps_default"] == made.keeps_default
    section = made.section()
    assert Section.from_plain(json.loads(json.dumps(section.to_plain()))) == section
