"""A page of its own made of sections, as one HTML file that needs nothing else."""

from dataclasses import dataclass

from scanwright.report.section import Section
from scanwright.report.template import page_template


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Parameters
    ----------
    kicker
        The command that made it.
    headline
        One sentence that says the result.
    sections
        Its parts.
    """

    title: str
    kicker: str
    headline: str
    sections: tuple[Section, ...]


def render_page(page: Page) -> str:
    """Return the page: self-contained, escaped, without script or network, light and dark."""
    return page_template("page.html.j2").render(page=page)
