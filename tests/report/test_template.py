"""What all pages share: escaped words, pictures from within, numbers as text."""

import pytest

from scanwright.base import InputError
from scanwright.report.template import PICTURE_START, figure_text, page_template


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.9314, "0.931"), (-0.5, "\u22120.500"), (12.3456, "12.35"), (0.0, "0.000")],
)
def test_numbers_in_tables(value: float | None, text: str) -> None:
    assert figure_text(value) == text


def test_words_are_escaped_and_only_drawings_are_not() -> None:
    page = page_template("page.html.j2").environment.from_string("{{ a }} {{ b | drawing }}")
    assert page.render(a="<i>", b="<svg/>") == "&lt;i&gt; <svg/>"


def test_a_picture_from_elsewhere_is_refused() -> None:
    page = page_template("page.html.j2").environment.from_string("{{ a | picture }}")
    assert page.render(a=PICTURE_START + "AAAA") == PICTURE_START + "AAAA"
    with pytest.raises(InputError):
        page.render(a="https://example.org/a.png")
