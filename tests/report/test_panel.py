import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.report import AuditPage, Fact, Panel, Thumbnail, picture_uri, render_audit


def page(**changes: object) -> AuditPage:
    uri = picture_uri(np.arange(64, dtype=np.uint8).reshape(1, 8, 8))
    pictures = (Thumbnail(uri, ("<b>one", "two"), "A case."), Thumbnail("", ("none",), "None."))
    panel = Panel("f1", "Copies", "alarm", "<script>x</script>", "why", "do", groups=(pictures,),
                  count=7, drop=3)  # fmt: skip
    passed = (Fact("Rotated", ""), Fact("Sites", "none named"))
    return AuditPage("Set", "headline", (panel,), passed, **changes)  # type: ignore[arg-type]  # fields by name


def test_the_page_shows_findings_side_by_side_and_is_escaped() -> None:
    html = render_audit(page())
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert html.count("<figure>") == 2
    assert "1 of 7 shown" in html
    assert "3 to be left out" in html
    assert "Sites: none named" in html


def test_the_page_needs_nothing_else() -> None:
    html = render_audit(page())
    assert "default-src 'none'" in html
    assert "http://" not in html
    assert "https://" not in html


def test_a_picture_that_is_no_png_is_refused() -> None:
    panel = Panel("f", "t", "note", "w", "m", "a",
                  groups=((Thumbnail("javascript:x", ("n",), "a"),),))  # fmt: skip
    with pytest.raises(InputError):
        render_audit(AuditPage("Set", "headline", (panel,)))


def test_a_clean_set_says_so() -> None:
    assert "No check found anything" in render_audit(AuditPage("Set", "fine", ()))
