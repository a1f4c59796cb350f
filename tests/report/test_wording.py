"""Numbers within a sentence."""

from dataclasses import replace

from scanwright.report import Score
from scanwright.report.wording import count_of, in_words, percent, range_of

SCORE = Score("auc", "AUC", "Area.", 0.9, 0.85, 0.94, 10, 10)


def test_shares_are_told_of_a_hundred_and_near_the_ends_of_a_thousand() -> None:
    assert percent(0.5) == "50 of 100"
    assert percent(0.004, "times") == "4 times of 1000"
    assert percent(1.0) == "100 of 100"


def test_one_thing_is_not_told_in_the_plural() -> None:
    assert (count_of(1, "images"), count_of(2, "images")) == ("1 image", "2 images")


def test_names_keep_their_capitals_and_words_lose_them() -> None:
    assert in_words(SCORE) == "AUC"
    assert in_words(replace(SCORE, title="AP at 0.5")) == "AP at 0.5"
    assert in_words(replace(SCORE, title="Mean Dice")) == "mean Dice"


def test_an_interval_is_told_in_hundredths_where_there_is_one() -> None:
    assert range_of(SCORE) == " (85 to 94)"
    assert range_of(replace(SCORE, low=None)) == ""
