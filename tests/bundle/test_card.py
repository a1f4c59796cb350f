import pytest

from scanwright.bundle.card import GIVES, OWN_LIMITS, USE_LIMITS, model_card
from scanwright.recipe import TASKS
from tests.bundle.builders import make_bundle, make_finding_recipe


def test_the_card_says_what_it_does_with_what_data_how_well_and_what_it_is_not_for() -> None:
    bundle = make_bundle()
    card = model_card(bundle.recipe, bundle.scores, bundle.about)
    for word in ("classes: healthy, ill", "2 × tutorial", "16 × 16", "x-ray", "training cases: 5"):
        assert word in card
    assert "| test | auc | 0.900 | 0.800 to 0.950 |" in card
    for limit in USE_LIMITS:
        assert limit in card


def test_scores_without_an_interval_or_value_are_shown_as_such() -> None:
    scores = {"test": {"auc": {"value": None}, "f1": {"value": 0.5, "low": None, "high": None}}}
    card = model_card(make_bundle().recipe, scores, {})
    assert "| test | auc | not defined |  |" in card
    assert "| test | f1 | 0.500 |  |" in card
    assert "Modality: not stated" in card


def test_splits_and_metrics_come_in_order() -> None:
    scores = {split: {name: {"value": 0.5} for name in "ba"} for split in ("validation", "test")}
    rows = [
        line.split(" | ")[:2]
        for line in model_card(make_bundle().recipe, scores, {}).splitlines()
        if line.startswith(("| test", "| validation"))
    ]
    assert rows == [
        ["| test", "a"],
        ["| test", "b"],
        ["| validation", "a"],
        ["| validation", "b"],
    ]


def test_the_card_of_what_finds_says_what_a_score_means_and_what_no_box_does_not() -> None:
    card = model_card(make_finding_recipe(), {}, {})
    assert "detection: nodule, mass" in card
    assert f"- Gives: {GIVES['box']}" in card
    for limit in (*USE_LIMITS, *OWN_LIMITS["box"]):
        assert f"- {limit}" in card
    assert not any(limit in model_card(make_bundle().recipe, {}, {}) for limit in OWN_LIMITS["box"])


@pytest.mark.parametrize("kind", list(TASKS))
def test_what_a_network_gives_is_said_for_every_task(kind: str) -> None:
    assert GIVES[TASKS[kind].answer]
