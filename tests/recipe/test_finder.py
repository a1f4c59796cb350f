import pytest

from scanwright.base import RecipeError
from scanwright.recipe import FinderChoice

STEPS = ({"kind": "zscore"}, {"kind": "resample", "spacing_mm": [3.0, 1.0, 1.0]})


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(1.0, (3.0, 1.0, 1.0)), (2.0, (3.0, 2.0, 2.0)), (4.0, (4.0, 4.0, 4.0))],
)
def test_the_finest_axes_are_made_coarser_first(factor: float, expected: tuple[float, ...]) -> None:
    assert FinderChoice(factor=factor).spacing_of((3.0, 1.0, 1.0)) == expected


def test_only_the_spacing_of_the_steps_changes() -> None:
    steps = FinderChoice(factor=2.0).preprocessing(STEPS)
    assert steps[0] == {"kind": "zscore"}
    assert steps[1] == {"kind": "resample", "spacing_mm": [3.0, 2.0, 2.0]}
    assert STEPS[1]["spacing_mm"] == [3.0, 1.0, 1.0]


def test_what_is_not_used_is_not_checked() -> None:
    assert not FinderChoice().is_used
    FinderChoice(size=(8,)).check(3, 1, ())


@pytest.mark.parametrize(
    ("choice", "where"),
    [
        ({"size": (8, 8)}, "finder.size"),
        ({"size": (16, 16, 4)}, "finder.size"),
        ({"name": "resnet18"}, "finder.name"),
        ({"steps": (5, 5)}, "finder.steps"),
    ],
)
def test_what_does_not_fit_is_refused(choice: dict[str, object], where: str) -> None:
    finder = FinderChoice.parse({"share": 0.1, **choice}, "finder")
    assert isinstance(finder, FinderChoice)
    with pytest.raises(RecipeError) as caught:
        finder.check(3, 1, STEPS)
    assert caught.value.where == where


def test_without_a_spacing_there_is_no_finder() -> None:
    with pytest.raises(RecipeError, match="spacing"):
        FinderChoice(share=0.1).check(3, 1, STEPS[:1])
