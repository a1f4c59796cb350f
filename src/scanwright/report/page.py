"""A page of its own made of sections, as one HTML file that needs nothing else."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from scanwright.report.section import Section

if TYPE_CHECKING:
    from jinja2 import Environment


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
    return _environment().get_template("page.html.j2").render(page=page)


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("scanwright.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Drawings are made by us; the words in them were escaped when they were drawn.
    environment.filters["drawing"] = Markup
    return environment
