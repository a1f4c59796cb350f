"""The page: self-contained, escaped, accessible, whole for every kind of task."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.report import (
    Comparison,
    Fact,
    LearningCurve,
    LeftOut,
    Outcomes,
    Report,
    Setting,
    Thumbnail,
    compare_outcomes,
    learning_figure,
    picture_uri,
    render_html,
    report_split,
)

from .conftest import QUICK, bare_split, invent_binary

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>' {{ 7 * 7 }}"
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Collects tags and attributes and checks that tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def full_report(word):
    rng = np.random.default_rng(0)
    outcomes = invent_binary(shift=1)
    hostile = Outcomes(
        "classes",
        ("normal", word),
        outcomes.truth,
        outcomes.scores,
        cases=tuple(f"{word} {index}" for index in range(outcomes.count)),
        patients=outcomes.patients,
        columns={word: tuple(f"{word}{index % 2}" for index in range(outcomes.count))},
        rule=word,
        thresholds=(0.5,),
    )
    splits = tuple(report_split(name, hostile, QUICK, rng) for name in ("test", "validation"))
    curve = LearningCurve(word, [1, 2], [2, 1], [2, 1], [0.5, 0.6], [0.1, 0.1], 2)
    uri = picture_uri(np.random.default_rng(0).random((1, 30, 30)))
    return Report(
        word,
        word,
        splits,
        (Setting(word, word, word),),
        (Fact(word, word),),
        (LeftOut(word, 2, (word,)),),
        learning_figure([curve, curve]),
        (Thumbnail(uri, (word,), word),),
        (Comparison("test", word, word, compare_outcomes(hostile, hostile, QUICK, rng)),),
        (Fact(word, word),),
        (Fact(word, word),),
        (word,),
        word,
    )


@pytest.fixture(scope="module")
def plain():
    return render_html(full_report("plain"))


def test_every_kind_of_task_makes_a_page(any_split):
    page = Page(render_html(Report("title", "does something", (any_split,))))
    assert {"main", "nav", "header", "footer", "h1"} <= set(page.tags)
    assert page.tags.count("svg") == len(any_split.figures)


def test_hostile_words_stay_words():
    page = Page(render_html(full_report(HOSTILE)))
    assert "script" not in page.tags
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert any("<script>alert(1)</script>" in words for words in page.words)
    assert not any("49" in words and "{{" not in words and "alert" in words for words in page.words)
    assert len([tag for tag in page.tags if tag == "img"]) == 1


def test_nothing_is_fetched_from_elsewhere(plain):
    for tag, name, value in Page(plain).attributes:
        if name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            assert value.startswith(("#", "data:image/png;base64,")), (tag, name, value)
    style = re.sub(r"data:[^\"')]+", "", plain)
    assert not re.search(r"url\((?!#)|@import", style)
    outside = set(re.findall(r"https?://[^\s\"'<]+", plain))
    assert outside <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "default-src 'none'" in plain


def test_ids_are_unique_and_links_are_met(plain):
    page = Page(plain)
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    links = {value[1:] for _, name, value in page.attributes if "href" in name and value[0] == "#"}
    assert links <= set(ids)


def test_pictures_have_words_and_tables_have_heads(plain):
    page = Page(plain)
    alts = [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")]
    assert len(alts) == page.tags.count("img")
    assert all(alts)
    assert page.tags.count("caption") == page.tags.count("table")
    assert plain.count('role="img" aria-label="') == page.tags.count("svg")
    scopes = [value for tag, name, value in page.attributes if (tag, name) == ("th", "scope")]
    assert len(scopes) == page.tags.count("th")
    assert ("html", "lang", "en") in page.attributes


def test_sections_without_content_are_left_out(rng):
    outcomes = Outcomes("classes", ("no", "yes"), [0, 1], np.eye(2))
    text = render_html(Report("t", "p", (bare_split("test", outcomes, rng),)))
    for name in ("comparison", "subgroups", "errors", "training", "data", "origin"):
        assert f'id="{name}"' not in text
        assert f'href="#{name}"' not in text


def test_only_png_data_is_taken_as_a_picture(rng):
    split = bare_split("test", invent_binary(), rng)
    bad = Thumbnail("javascript:alert(1)", ("x",), "x")
    with pytest.raises(InputError):
        render_html(Report("t", "p", (split,), samples=(bad,)))
