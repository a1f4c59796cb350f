"""The canvas: clean SVG that holds hostile words and clashes with no other drawing."""

import re
from xml.etree import ElementTree

import pytest

from scanwright.report.canvas import SERIES, draw, shorten

HOSTILE = '<script>alert("x")</script> --> $x^2$ & 肺炎 \x00\x07 ]]>'


def paint(ax):
    ax.plot([0, 1], [0, 1], "o-", color=SERIES[0], label=shorten(HOSTILE, 80))
    ax.set_xlabel(shorten(HOSTILE, 80))
    ax.legend()


def test_a_drawing_is_wellformed_and_its_words_are_text():
    root = ElementTree.fromstring(draw("one", paint))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = "".join(root.itertext())
    assert '<script>alert("x")</script>' in words
    assert "$x^2$" in words
    assert "肺炎" in words
    assert not root.findall(".//{*}script")


def test_two_drawings_share_no_id_and_every_reference_is_met():
    first, second = draw("one", paint), draw("two", paint)
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (first, second)]
    assert not ids[0] & ids[1]
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', first))
    assert used
    assert used <= ids[0]


def test_a_drawing_is_the_same_each_time_and_leaves_no_trace():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    assert draw("one", paint) == draw("one", paint)
    assert dict(mpl.rcParams) == before


def test_colours_can_be_set_by_the_page():
    svg = draw("one", paint)
    assert f"var(--series-1, {SERIES[0]})" in svg
    assert not re.search(r"(?<!, )#0072b2", svg, re.IGNORECASE)


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("normal", "normal"),
        ("  two\nlines\t", "two lines"),
        ("bell\x07\x00", "bell"),
        ("x" * 40, "x" * 9 + "…"),
        ("right\u202eleft", "right left"),
    ],
)
def test_labels_are_shortened_to_one_clean_line(label, short):
    assert shorten(label, 10) == short
