"""The page of an audit: one panel per finding, its cases side by side; needs nothing else."""

from dataclasses import dataclass

from scanwright.report.report import Fact
from scanwright.report.template import page_template
from scanwright.report.thumbnail import Thumbnail


@dataclass(frozen=True, slots=True)
class Panel:
    """One finding as a reader sees it.

    Parameters
    ----------
    name
        Unique on the page; its anchor.
    title
        What was looked for.
    tone
        "alarm", "warning" or "note".
    what, meaning, advice
        What was found, why it matters, what to do.
    numbers
        Measured values.
    groups
        Pictures that belong side by side, the most telling groups first.
    count
        Number of groups in all, shown or not.
    drop
        Cases proposed to be left out.
    """

    name: str
    title: str
    tone: str
    what: str
    meaning: str
    advice: str
    numbers: tuple[Fact, ...] = ()
    groups: tuple[tuple[Thumbnail, ...], ...] = ()
    count: int = 0
    drop: int = 0


@dataclass(frozen=True, slots=True)
class AuditPage:
    """All about one audit.

    Parameters
    ----------
    title
        Of the data set.
    headline
        The audit in one sentence.
    panels
        The findings, the worst first.
    passed
        Check → why it was not run; empty where it found nothing.
    data
        Facts about the data set.
    advice
        What to do next, in sentences.
    created
        Date, as it shall be printed.
    """

    title: str
    headline: str
    panels: tuple[Panel, ...]
    passed: tuple[Fact, ...] = ()
    data: tuple[Fact, ...] = ()
    advice: tuple[str, ...] = ()
    created: str = ""


def render_audit(page: AuditPage) -> str:
    """Return the audit as a page: self-contained, escaped, printable, light and dark.

    Raises
    ------
    InputError
        A thumbnail is no PNG data URI.
    """
    return page_template("audit.html.j2").render(page=page)
