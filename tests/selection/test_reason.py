from dataclasses import replace

from scanwright.selection import Choice, reason_of
from tests.selection.builders import made_pool

PLAIN = Choice(0, 0.9, 0.1, 1.0, False, False, False, 1, False)


def said(choice: Choice, kind: str = "exclusive", strategy: str = "mixed") -> str:
    pool = made_pool(3, kind=kind)  # type: ignore[arg-type]  # a word given by the test
    labels = {"exclusive": ("a", "b", "c"), "independent": ("x", "y"), "number": ("age",)}[kind]
    return reason_of(choice, pool, labels, strategy=strategy, twin="the labelled image t.png")


def test_the_two_most_probable_labels_are_named() -> None:
    words = said(PLAIN)
    assert words.startswith("the network says ")
    assert words.count("%") == 2
    assert said(replace(PLAIN, is_unsure=True)).startswith("unsure: ")


def test_findings_name_the_one_nearest_to_a_tie_and_numbers_their_spread() -> None:
    assert said(PLAIN, "independent").count("%") == 1
    assert "±" in said(PLAIN, "number")
    assert said(replace(PLAIN, doubt=None), "number") == "the best of those left"


def test_everything_that_is_unusual_is_said() -> None:
    odd = replace(PLAIN, is_disputed=True, is_unlike=True, turn=2, is_copy=True, distance=None)
    words = said(odd)
    for part in (
        "nearly the same as the labelled image t.png",
        "networks disagree",
        "unlike the labelled",
        "typical",
        "image 2 of its patient",
    ):
        assert part in words


def test_a_lot_is_called_a_lot() -> None:
    assert said(PLAIN, strategy="random").startswith("drawn by lot")
