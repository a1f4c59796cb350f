"""How the search went, and which settings mattered, as drawings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scanwright.report import FAINT, INK, SERIES, Figure, draw
from scanwright.search.importance import LEAST_TRIALS, Importance
from scanwright.search.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RUNG_SIZES = (14.0, 26.0, 46.0)


def history_figure(records: Sequence[Record], merit: str) -> Figure | None:
    """Draw each trial's score at the last rung that it reached, and the best so far."""
    scored = [one for one in records if one.rungs]
    if not scored:
        return None
    top = max(len(one.rungs) for one in scored)
    finished = [one for one in scored if one.score is not None]
    best = _best_so_far(finished)

    def paint(axes: "Axes") -> None:
        for rung in range(1, top + 1):
            here = [one for one in scored if len(one.rungs) == rung]
            axes.scatter(
                [one.place for one in here],
                [one.rungs[-1] for one in here],
                s=RUNG_SIZES[min(rung, len(RUNG_SIZES)) - 1],
                color=SERIES[0] if rung == top else FAINT,
                alpha=1.0 if rung == top else 0.6,
                linewidths=0,
                label="whole schedule" if rung == top else f"stopped at rung {rung}",
            )
        if best:
            axes.step(*zip(*best, strict=True), where="post", color=SERIES[1], label="best so far")
        if finished and finished[0].place == 0 and finished[0].score is not None:
            axes.axhline(finished[0].score, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_xlabel("trial (0 is the default recipe)")
        axes.set_ylabel(f"validation {merit}")
        axes.legend(loc="best")

    shown = f"{len(records)} trials, {len(finished)} of them with the whole schedule"
    return Figure(
        name="search-history",
        title="How the search went",
        caption=f"{shown}; the dashed line is the default. Scores of trials that were stopped come "
        "from shorter schedules and are lower for that reason too.",
        alt=f"Validation {merit} of each trial in order; {shown}.",
        svg=draw("search-history", paint, size=(7.2, 3.6)),
    )


def _best_so_far(finished: Sequence[Record]) -> list[tuple[int, float]]:
    best: list[tuple[int, float]] = []
    for one in finished:
        assert one.score is not None
        value = max(one.score, best[-1][1]) if best else one.score
        best.append((one.place, value))
    return best


def importance_figure(rows: Sequence[Importance], trials: int) -> Figure | None:
    """Draw how much of the differences between trials each setting explains."""
    if not rows:
        return None

    def paint(axes: "Axes") -> None:
        shown = list(reversed(rows))
        places = range(len(shown))
        axes.barh(places, [row.value for row in shown], color=SERIES[0], height=0.62)
        for place, row in zip(places, shown, strict=True):
            axes.plot([row.low, row.high], [place, place], color=INK, linewidth=1.2)
        axes.set_yticks(list(places), [row.name for row in shown])
        axes.set_xlim(0, None)
        axes.set_xlabel("share of the variance between trials")
        axes.grid(visible=False, axis="y")

    doubt = " With so few trials the order is a guess." if trials < 5 * LEAST_TRIALS else ""
    return Figure(
        name="search-importance",
        title="Which settings mattered",
        caption=f"fANOVA over the first rung of {trials} trials; the lines span five random "
        f"forests.{doubt}",
        alt="; ".join(f"{row.name} {100 * row.value:.0f} %" for row in rows),
        svg=draw("search-importance", paint, size=(6.4, 0.9 + 0.32 * len(rows))),
    )
