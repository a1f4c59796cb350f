import pytest

from scanwright.base import RecipeError
from scanwright.classical import FEATURES, RIVALS, FeatureOptions, RivalOptions
from scanwright.classical.options import EVERYTHING


def test_every_family_that_can_be_asked_for_exists() -> None:
    assert set(EVERYTHING) == set(FEATURES)


def test_every_default_model_exists() -> None:
    assert set(RivalOptions().families) <= set(RIVALS)


@pytest.mark.parametrize(("rank", "longest"), [(1, 512), (2, 160), (3, 48)])
def test_the_longest_edge_depends_on_the_rank(rank: int, longest: int) -> None:
    assert FeatureOptions().longest_of(rank) == longest
    assert FeatureOptions(longest=33).longest_of(rank) == 33


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(RecipeError, match="illegal"):
        FeatureOptions.parse({"families": ("colour",)}, "features")
