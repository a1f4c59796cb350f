"""The report as one HTML file that needs nothing else: no script, no network, no other file."""

from scanwright.report.report import Report
from scanwright.report.template import page_template
from scanwright.report.verdict import judge


def render_html(report: Report) -> str:
    """Return the report as a page: self-contained, escaped, printable, light and dark.

    Every word of the user is escaped, and the page's own policy forbids scripts and any access
    to the network, so that a hostile class name stays a name.

    Raises
    ------
    InputError
        A thumbnail is no PNG data URI.
    """
    page = page_template("report.html.j2")
    return page.render(report=report, main=report.main, verdict=judge(report))
