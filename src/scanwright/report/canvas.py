"""Paper and pens for figures: matplotlib without its global state, SVG as text."""

import io
import re
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT, RULE, PAPER = "#1c2024", "#60646c", "#d9d9e0", "#fdfdfe"
"""Text, secondary text, lines and ground."""

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c8c8c")
"""Told apart by colour-blind readers: Okabe & Ito 2008, with violet and grey added."""

VARIABLES = {
    INK: "ink",
    FAINT: "faint",
    RULE: "rule",
    PAPER: "paper",
    **{colour: f"series-{index + 1}" for index, colour in enumerate(SERIES)},
}
"""Colours that a page may set anew (for its dark form) by a CSS variable of this name."""

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"

SETTINGS: dict[Any, Any] = {  # Any: matplotlib types its hundreds of keys as literals
    "svg.fonttype": "none",
    "svg.hashsalt": "scanwright",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.9,
    "lines.solid_capstyle": "round",
}

LONGEST_LABEL = 26


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with the words that go with it.

    Parameters
    ----------
    name
        Short and unique within a report; the drawing's ids begin with it.
    title, caption
        Above and below it; the caption says how to read it.
    alt
        What it shows, for who cannot see it.
    svg
        The drawing as an SVG element, text as text.
    is_wide
        Whether it needs the whole width of a page.
    """

    name: str
    title: str
    caption: str
    alt: str
    svg: str = field(repr=False)
    is_wide: bool = False


def draw(
    name: str,
    paint: Callable[..., None],
    *,
    size: tuple[float, float] = (5.2, 4.2),
    panels: tuple[int, int] = (1, 1),
    heights: tuple[float, ...] | None = None,
) -> str:
    """Return the SVG that `paint` draws.

    Parameters
    ----------
    paint
        Is handed the axes, one argument per panel, row by row.
    size
        Width and height in inches of 96 CSS pixels.
    panels
        Rows and columns.
    heights
        Relative heights of the rows.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure as Sheet
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with mpl.rc_context(SETTINGS), warnings.catch_warnings():
        # The reader's browser has the letters that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        layout = ConstrainedLayoutEngine(w_pad=0.08)
        sheet = Sheet(figsize=size, layout=layout, facecolor="none")
        grid = {"height_ratios": heights} if heights else None
        axes: list[Axes] = list(sheet.subplots(*panels, squeeze=False, gridspec_kw=grid).ravel())
        for one in axes:
            one.set_facecolor("none")
        paint(*axes)
        stream = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        sheet.savefig(stream, format="svg", metadata=nothing)
    return _clean(stream.getvalue(), name)


def shorten(label: str, longest: int = LONGEST_LABEL) -> str:
    """Return a label fit for a figure: on one line, without control characters, not too long."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in label)
    words = " ".join(kept.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _clean(svg: str, name: str) -> str:
    """Return the bare element, its ids unique in a page, its colours open to the page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style type=\"text/css\">.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<=\bid=")(?=[^"]+")', f"{name}-", svg)
    svg = re.sub(r'(?<=href="#)|(?<=url\(#)', f"{name}-", svg)
    svg = svg.replace("'DejaVu Sans'", FONTS).replace("DejaVu Sans", FONTS)
    for colour, variable in VARIABLES.items():
        svg = re.sub(f"(?i)(?<=: ){colour}", f"var(--{variable}, {colour})", svg)
    joins = 'style="stroke-linejoin: round; stroke-linecap: butt" '
    return svg.replace("<svg ", f"<svg {joins}", 1).strip()
