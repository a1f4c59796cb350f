import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.recipe import Recipe, TrainingChoice
from scanwright.recipe.rarity import FEW, RARE, rarity_for
from tests.recipe.builders import fingerprint
from tests.recipe.test_rules import write_recipe


def rules(**counts: int) -> Recipe:
    return write_recipe(fingerprint(labels=tuple(counts), counts=counts, train=500))


def test_rare_classes_get_balanced_batches_and_the_reason_says_how_rare() -> None:
    made = rules(healthy=400, ill=20)
    assert (made.training.resample, made.training.draw) == (1.0, "stratified")
    assert made.decision.shift
    assert made.decision.rule == "youden"
    assert "1 : 20" in made.reasons["training.resample"]
    assert '"ill" has 20 cases' in made.reasons["training.resample"]
    assert {"training.draw", "decision.shift"} <= set(made.reasons)
    made.check()


def test_mild_imbalance_is_left_alone_and_the_reason_says_so() -> None:
    made = rules(healthy=300, ill=100)
    plain = TrainingChoice()
    assert made.training.resample == plain.resample
    assert made.training.draw == plain.draw
    assert not made.decision.shift
    assert "1 : 3" in made.reasons["training.resample"]


@given(st.integers(1, 400), st.integers(1, 400))
def test_the_ratio_alone_decides_whichever_class_is_rare(one: int, other: int) -> None:
    made = rarity_for(fingerprint(counts={"healthy": one, "ill": other}))
    is_rare = max(one, other) / min(one, other) >= RARE
    assert bool(made.training) is is_rare
    assert made.reasons["training.resample"]


def test_hardly_any_case_is_said() -> None:
    assert "teach little" in rules(healthy=400, ill=FEW - 1).reasons["training.resample"]
    assert "teach little" not in rules(healthy=400, ill=FEW).reasons["training.resample"]


def test_of_more_classes_scores_are_read_by_how_frequent_a_label_is() -> None:
    made = rules(a=300, b=100, c=10)
    assert made.decision.rule == "prior"
    assert made.reasons["decision.rule"]
    assert made.training.resample == 1


@pytest.mark.parametrize("kind", ["findings", "grade"])
def test_what_was_not_measured_is_left_to_the_user(kind: str) -> None:
    made = rarity_for(fingerprint(kind=kind, counts={"a": 400, "b": 10}))
    assert not made.training
    assert "by hand" in made.reasons["training.resample"]


def test_numbers_have_no_classes() -> None:
    assert not rarity_for(fingerprint(kind="number", labels=("age",), counts={})).reasons
