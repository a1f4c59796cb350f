from scanwright.bundle.card import USE_LIMITS, model_card
from tests.bundle.builders import make_bundle


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
