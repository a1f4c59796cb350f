"""A split as a whole: every kind of task gets its scores, figures and errors."""

import numpy as np

from scanwright.image import Image
from scanwright.report import MeasureOptions, Outcomes, Report, report_split

from .conftest import QUICK, invent_binary, invent_classes


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


def test_names_of_cases_are_shown_only_when_asked_for(rng):
    named = Outcomes(
        "classes", ("no", "yes"), [0, 1], [[0.1, 0.9], [0.8, 0.2]], cases=("Doe", "Roe")
    )
    hidden = report_split("test", named, QUICK, rng)
    assert "Doe" not in repr(hidden.errors)
    shown = report_split("test", named, MeasureOptions(replicates=30, show_names=True), rng)
    assert "Doe" in repr(shown.errors)


def test_the_test_split_comes_before_the_others(rng):
    splits = tuple(
        report_split(name, invent_classes(), QUICK, rng) for name in ("validation", "test")
    )
    assert Report("t", "p", splits).main.name == "test"
    assert Report("t", "p", splits[:1]).main.name == "validation"


def test_one_class_alone_makes_a_split(rng):
    outcomes = Outcomes("classes", ("normal", "ill"), np.zeros(9, int), np.tile([0.7, 0.3], (9, 1)))
    split = report_split("validation", outcomes, QUICK, rng)
    assert split.scores.scores["auc"].value is None
    assert split.errors == ()
