"""A split as a whole: every kind of task gets its scores, figures and errors."""

import numpy as np
import pytest

from scanwright.image import Image
from scanwright.report import MeasureOptions, Outcomes, Report, report_split

from .conftest import QUICK, bare_split, invent_binary, invent_classes


def test_every_kind_has_scores_and_figures(any_split):
    assert any_split.scores.scores
    assert any_split.figures
    names = [figure.name for figure in any_split.figures]
    assert len(set(names)) == len(names)
    assert all(figure.alt and figure.caption for figure in any_split.figures)


def test_errors_carry_pictures_where_there_are_some(rng):
    outcomes = invent_binary(shift=0.3)
    image = Image.from_array(np.random.default_rng(0).random((1, 20, 20)))
    split = report_split("test", outcomes, QUICK, rng, lambda i: image if i % 2 else None)
    kinds = {bool(picture.uri) for picture in split.errors}
    assert kinds == {True, False}
    assert all(picture.is_wrong for picture in split.errors)


@pytest.mark.parametrize("is_asked", [False, True])
def test_names_of_cases_are_shown_only_when_asked_for(is_asked, rng):
    scores = [[0.1, 0.9], [0.8, 0.2]]
    named = Outcomes("findings", ("air", "mass"), [[1, 0], [0, 1]], scores, cases=("Doe", "Roe"))
    split = report_split("test", named, MeasureOptions(replicates=30, show_names=is_asked), rng)
    assert ("Doe" in repr(split.errors)) is is_asked


def test_the_test_split_comes_before_the_others(rng):
    splits = tuple(bare_split(name, invent_classes(), rng) for name in ("validation", "test"))
    assert Report("t", "p", splits).main.name == "test"
    assert Report("t", "p", splits[:1]).main.name == "validation"


def test_one_class_alone_makes_a_split(rng):
    outcomes = Outcomes("classes", ("normal", "ill"), np.zeros(9, int), np.tile([0.7, 0.3], (9, 1)))
    split = report_split("validation", outcomes, QUICK, rng)
    assert split.scores.scores["auc"].value is None
    assert split.errors == ()
