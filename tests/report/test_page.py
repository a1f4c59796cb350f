from scanwright.report import Grid, Page, Section, render_page


def page(word: str = "fine") -> str:
    grid = Grid(f"caption {word}", ("Name", "Value"), ((word, "1"),), (1,))
    section = Section("part", f"A part {word}", (f"All is {word}.",), (), (grid,))
    return render_page(Page(f"title {word}", "scanwright compare", f"headline {word}", (section,)))


def test_everything_said_is_on_the_page() -> None:
    found = page()
    for words in ("title fine", "headline fine", "A part fine", "All is fine.", "caption fine"):
        assert words in found
    assert '<td class="number">1</td>' in found


def test_hostile_words_stay_words() -> None:
    found = page("<script>alert(1)</script>")
    assert "<script>" not in found
    assert "&lt;script&gt;" in found


def test_the_page_needs_nothing_else() -> None:
    found = page()
    assert "default-src 'none'" in found
    for loader in ("<script", "<link", "src=", "@import"):
        assert loader not in found
