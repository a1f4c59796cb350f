"""A workflow's own part of the report: its words, figures and tables, escaped."""

import re

import numpy as np

from scanwright.report import Figure, Grid, MeasureOptions, Report, Section, draw, render_html
from scanwright.report import report_split as split_of

from .conftest import invent_binary

HOSTILE = "<script>alert('x')</script>"


def page(*sections: Section) -> str:
    options = MeasureOptions(replicates=20)
    split = split_of("test", invent_binary(40), options, np.random.default_rng(0))
    return render_html(Report("A run", "tells one from the other", (split,), sections=sections))


def section(word: str = "word", *, is_folded: bool = False) -> Section:
    drawing = Figure(
        "own", word, "caption", "what it shows", draw("own", lambda axes: axes.plot([1, 2]))
    )
    grid = Grid("All of them", ("name", "value"), ((word, "3"),), (1,), is_folded)
    return Section("own-part", "Own part", (f"It says {word}.",), (drawing,), (grid,))


def test_a_section_is_shown_whole_and_can_be_jumped_to() -> None:
    text = page(section())
    assert '<a href="#own-part">Own part</a>' in text
    body = text.split('<section id="own-part"')[1].split("</section>")[0]
    for words in (
        "It says word.",
        "<svg ",
        '<th scope="row">word</th>',
        '<td class="number">3</td>',
    ):
        assert words in body


def test_words_of_a_section_are_escaped() -> None:
    text = page(section(HOSTILE))
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


def test_a_long_table_is_opened_by_the_reader() -> None:
    body = page(section(is_folded=True)).split('<section id="own-part"')[1]
    assert re.search(r"<details>\s*<summary>All of them</summary>", body)


def test_no_section_leaves_no_trace() -> None:
    assert "own-part" not in page()
