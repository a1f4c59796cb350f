import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.selection import ChooseOptions, Pool, choose
from tests.selection.builders import made_pool


def names(pool: Pool, **options: object) -> list[str]:
    chosen = choose(pool, ChooseOptions.model_validate(options))
    return [pool.names[one.place] for one in chosen]


def test_every_patient_comes_once_before_any_comes_twice() -> None:
    pool = made_pool(12, patients=tuple("aaaaaaaabbcd"))
    chosen = choose(pool, ChooseOptions(count=12))
    patients = [pool.patients[one.place] for one in chosen]
    assert sorted(patients[:4]) == ["a", "b", "c", "d"]
    assert sorted(patients[4:6]) == ["a", "b"]
    assert [one.turn for one in chosen][-1] == 8
    assert sorted(one.place for one in chosen) == list(range(12))


def test_images_of_unknown_patients_stand_for_themselves() -> None:
    pool = made_pool(6, patients=("", "", "", "", "", ""))
    assert [one.turn for one in choose(pool, ChooseOptions(count=6))] == [1] * 6


def test_near_duplicates_of_labelled_images_come_last() -> None:
    pool = made_pool(8, alike=(0, -1, 0, -1, -1, 1, -1, -1), settled=frozenset({0}))
    chosen = choose(pool, ChooseOptions(count=8))
    assert {one.place for one in chosen[-2:]} == {0, 2}
    assert [one.is_copy for one in chosen] == [False] * 6 + [True] * 2


def test_of_near_duplicates_only_one_is_worth_its_place() -> None:
    pool = made_pool(6, alike=(3, 3, 3, -1, -1, -1))
    chosen = choose(pool, ChooseOptions(count=6))
    assert [one.is_copy for one in chosen] == [False] * 4 + [True] * 2
    assert {one.place for one in chosen if one.is_copy} < {0, 1, 2}


def test_no_more_is_chosen_than_there_is() -> None:
    assert len(choose(made_pool(3), ChooseOptions(count=50))) == 3
    assert len(choose(made_pool(9), ChooseOptions(count=2))) == 2


def test_uncertainty_takes_the_tie_and_mixed_takes_it_only_where_it_is_new() -> None:
    scores = np.array([[[0.5, 0.5], [0.55, 0.45], [0.99, 0.01]]])
    features = np.array([[0.0, 0], [3, 0], [4, 0]])
    pool = Pool(("near tie", "far tie", "far sure"), scores, features, np.array([[0.1, 0]]))
    assert names(pool, strategy="uncertainty")[0] == "near tie"
    assert names(pool, strategy="diversity")[0] == "far sure"
    assert names(pool, strategy="mixed")[0] == "far tie"


def test_what_is_said_of_a_choice_is_measured() -> None:
    pool = made_pool(20, known=3)
    for one in choose(pool, ChooseOptions(count=5)):
        assert one.doubt is not None
        assert 0 <= one.doubt <= 1
        assert one.disagreement is not None
        assert one.distance is not None
    assert choose(made_pool(5, known=0))[0].distance is None
    assert choose(made_pool(5, members=1))[0].disagreement is None


def test_another_seed_draws_others() -> None:
    pool = made_pool(40)
    assert names(pool, strategy="random", seed=1) != names(pool, strategy="random", seed=2)
    assert names(pool, strategy="random", seed=1) == names(pool, strategy="random", seed=1)


def test_a_strategy_is_refused_where_the_scores_cannot_say_it() -> None:
    with pytest.raises(RecipeError, match="disagree with itself"):
        choose(made_pool(members=1), ChooseOptions(strategy="disagreement"))
    with pytest.raises(RecipeError, match="how unsure"):
        choose(made_pool(members=1, kind="number"), ChooseOptions(strategy="uncertainty"))
    with pytest.raises(RecipeError, match="no margin"):
        choose(made_pool(kind="number"), ChooseOptions(strategy="margin"))
    with pytest.raises(RecipeError, match="did you mean"):
        choose(made_pool(), ChooseOptions(strategy="mixd"))


def test_one_networks_number_still_lets_mixed_choose_what_is_unlike() -> None:
    pool = made_pool(members=1, kind="number")
    assert names(pool, strategy="mixed") == names(pool, strategy="diversity")
