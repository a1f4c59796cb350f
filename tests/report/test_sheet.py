"""The page of images before and after."""

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.report import (
    BeforeAfter,
    Change,
    Sheet,
    joint_histogram,
    picture_uri,
    render_sheet,
)


def one(name: str = "a.png") -> BeforeAfter:
    array = np.random.default_rng(0).random((1, 20, 30))
    pictures = {"before": picture_uri(array), "after": picture_uri(1 - array)}
    changes = (Change("noise", "1.0", "0.2"),)
    return BeforeAfter(name, pictures, joint_histogram(array, array / 2), changes, ("a note",))


def test_a_sheet_stands_alone_and_says_everything() -> None:
    sheet = Sheet("Before", ("2 images",), (("clahe", "contrast"),), (one(),), (("b", "why not"),))
    page = render_sheet(sheet)
    for word in ("Before", "2 images", "clahe", "contrast", "a.png", "0.2", "a note", "why not"):
        assert word in page
    assert page.count("<img ") == 2
    assert "<script" not in page
    assert "http" not in page.replace('<meta http-equiv="Content-Security-Policy"', "")


def test_hostile_names_stay_names() -> None:
    page = render_sheet(Sheet("<b>x", (), (), (one("<img src=x onerror=y>"),)))
    assert "<img src=x" not in page
    assert "<b>x" not in page


def test_pictures_are_pictures() -> None:
    bad = BeforeAfter("a", {"before": "https://example.org/a.png"}, ((0.0,), (0.0,)))
    with pytest.raises(InputError, match="PNG data URI"):
        render_sheet(Sheet("t", (), (), (bad,)))


def test_histograms_share_their_range() -> None:
    before, after = joint_histogram(np.zeros(9), np.full(9, 10.0))
    assert before[0] == 1
    assert before[-1] == 0
    assert after[-1] == 1
    flat = joint_histogram(np.full(4, np.nan), np.zeros(4))
    assert sum(flat[0]) == sum(flat[1]) == 0
    same = joint_histogram(np.ones(4), np.ones(4))
    assert max(same[0]) == 1
