"""Outlines and boxes are refused where whole images are asked for, and what is possible is said."""

import pytest

from scanwright.base import InputError
from scanwright.recipe import TASKS
from scanwright.workflows.whole_images import check_whole_images


@pytest.mark.parametrize("kind", [kind for kind, task in TASKS.items() if task.answer == "case"])
def test_answers_about_whole_images_pass(kind: str) -> None:
    check_whole_images(kind, "tune", "train")


@pytest.mark.parametrize(
    ("kind", "answers"), [("segmentation", "about outlines"), ("detection", "about boxes")]
)
def test_others_are_refused_and_told_what_to_do(kind: str, answers: str) -> None:
    with pytest.raises(InputError) as told:
        check_whole_images(kind, "A search of settings", "compare two runs")
    words = str(told.value)
    for part in ("A search of settings is for", answers, kind, "classes", "compare two runs"):
        assert part in words
