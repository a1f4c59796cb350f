"""The room's HTML templates: words of the user escaped, pictures only inside the page."""

from functools import lru_cache
from typing import TYPE_CHECKING

from scanwright.base import InputError
from scanwright.report.breakdown import subgroup_metrics
from scanwright.report.measure import Score
from scanwright.report.metric_row import Metric
from scanwright.report.report import SplitReport
from scanwright.report.verdict import extent

if TYPE_CHECKING:
    from jinja2 import Environment, Template

PICTURE_START = "data:image/png;base64,"


def page_template(name: str) -> "Template":
    """Return a template of this room, with the filters that all its pages share."""
    return _environment().get_template(name)


def figure_text(value: float | None, digits: int = 3) -> str:
    """Return a number for a table: three digits after the point, or three in all if large."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}" if abs(value) < 10 else f"{value:.4g}"
    return text.replace("-", "\u2212")


def interval_text(score: Score, digits: int = 3) -> str:
    """Return "low to high" of a score."""
    if score.low is None or score.high is None:
        return ""
    return f"{figure_text(score.low, digits)} to {figure_text(score.high, digits)}"


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    page = Environment(
        loader=PackageLoader("scanwright.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Drawings are made by us; the words in them were escaped when they were drawn.
    page.filters["drawing"] = Markup
    page.filters["number"] = figure_text
    page.filters["interval"] = interval_text
    page.filters["picture"] = _picture
    page.filters["is_share"] = _is_share
    page.filters["extent"] = extent
    page.globals["has_shares"] = _has_shares
    page.globals["subgroup_columns"] = _subgroup_columns
    return page


def _picture(uri: str) -> str:
    if not uri.startswith(PICTURE_START):
        raise InputError("A picture in a report is a PNG data URI.", got=uri[:30])
    return uri


def _is_share(score: Score) -> bool:
    """Whether a score lies on the scale from 0 to 1, so that its interval can be drawn there."""
    on_scale = ("auc", "f1", "ppv", "npv", "sensitivity", "specificity", "average_precision")
    of_masks = ("dice", "iou", "precision", "lesion_f1")
    of_boxes = ("ap", "ap50", "ap75", "ap10", "froc")
    begins = score.name.startswith(("nsd", "accuracy", "balanced_accuracy"))
    return score.value is not None and (score.name in on_scale + of_masks + of_boxes or begins)


def _has_shares(split: SplitReport) -> bool:
    return any(_is_share(score) for score in split.scores.scores.values())


def _subgroup_columns(split: SplitReport) -> tuple[Metric, ...]:
    return subgroup_metrics(split.outcomes)
