"""What label schemes allow, and what they say of themselves."""

import pytest

from scanwright.base import LabelError
from scanwright.image import LabelScheme


def test_plain_classes_count_from_one() -> None:
    scheme = LabelScheme.of_classes(["liver", "tumour"])
    assert scheme.values == ((1,), (2,))
    assert scheme.is_exclusive
    assert scheme.known == {0, 1, 2}


def test_overlapping_regions_are_not_exclusive() -> None:
    scheme = LabelScheme(("whole", "core"), ((1, 2), (2,)), ignore=4)
    assert not scheme.is_exclusive
    assert scheme.known == {0, 1, 2, 4}


@pytest.mark.parametrize(
    ("names", "values", "ignore"),
    [
        ((), (), None),
        (("a", "a"), ((1,), (2,)), None),
        (("",), ((1,),), None),
        (("a", "b"), ((1,),), None),
        (("a",), ((),), None),
        (("a",), ((-1,),), None),
        (("a",), ((70000,),), None),
        (("a",), ((1,),), 1),
    ],
)
def test_an_impossible_scheme_is_refused(
    names: tuple[str, ...], values: tuple[tuple[int, ...], ...], ignore: int | None
) -> None:
    with pytest.raises(LabelError):
        LabelScheme(names, values, ignore)
