"""A comparison as a page to read, and as JSON for programs."""

import json
from pathlib import Path

from scanwright.base import Plain, write_atomic
from scanwright.metrics import Interval
from scanwright.report import (
    Contender,
    Difference,
    Grid,
    MeasureOptions,
    Page,
    Section,
    both_roc_figure,
    difference_grid,
    importance_figure,
    learning_figure_of,
    main_score,
    render_page,
    score_grid,
)
from scanwright.workflows.compare import Compared, Match, Seconds
from scanwright.workflows.learning import CLASSICAL, NETWORK

ROLES = {
    "test": "The test part was seen by neither model, nor by any choice.",
    "validation": "Each case was answered by models that had not learnt from it. The network's "
    "schedule and threshold were chosen on these cases, so that it looks somewhat too good here.",
}
"""What each split is good for."""

BY = {
    "segmentation": "the mean Dice of their classes",
    "detection": "missed findings and false boxes together",
}
"""By which figure cases are told apart."""


def write_comparison(compared: Compared, folder: Path, measure: MeasureOptions) -> dict[str, Plain]:
    """Write report.html and comparison.json into a folder; return what the latter holds."""
    plain = comparison_plain(compared, measure)
    write_atomic(folder / "report.html", render_page(comparison_page(compared, measure)))
    content = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomic(folder / "comparison.json", content)
    return plain


def comparison_page(compared: Compared, measure: MeasureOptions) -> Page:
    """Return the page."""
    sections = [_match_section(match, measure) for match in compared.matches]
    sections.append(_cost_section(compared))
    learning = compared.learning
    if learning.curves:
        title = compared.matches[0].verdict.gap.title
        figures = [learning_figure_of(learning.curves, f"{title}, out of fold")]
        losses = [(one.family, one.loss, one.spread) for one in compared.importance]
        figures.append(importance_figure(losses, title))
        words = [f"The classical model: {compared.chosen}; from {compared.features} features."]
        if learning.growth is not None:
            words.insert(0, learning.growth.sentence)
        sections.append(Section("why", "How it comes about", tuple(words), tuple(figures)))
    if compared.notes:
        notes = tuple(f"{note[0].upper()}{note[1:]}." for note in compared.notes)
        sections.append(Section("notes", "What to beware of", notes))
    first, second = (one.name for one in compared.matches[0].contenders[:2])
    return Page(
        title=f"{compared.title}: {first} or {second}",
        kicker="scanwright compare",
        headline=compared.verdict.sentence,
        sections=tuple(sections),
    )


def comparison_plain(compared: Compared, measure: MeasureOptions) -> dict[str, Plain]:
    """Return the comparison for JSON."""
    verdict = compared.verdict
    matches: dict[str, Plain] = {
        match.split: {
            "cases": match.contenders[0].outcomes.count,
            "patients": match.contenders[0].outcomes.patient_count,
            "scores": {one.name: _main(one, measure) for one in match.contenders},
            "differences": {row.name: _difference(row) for row in match.differences},
            "classes": {
                label: {row.name: _difference(row) for row in rows}
                for label, rows in match.parts.items()
            },
            "apart": [
                {"case": case, "first": one, "second": other} for case, one, other in match.apart
            ],
        }
        for match in compared.matches
    }
    curves: dict[str, Plain] = {
        curve.name: [
            {"cases": cases, "value": score.value, "low": score.low, "high": score.high}
            for cases, score in zip(curve.cases, curve.scores, strict=True)
        ]
        for curve in compared.learning.curves
    }
    return {
        "verdict": {
            "choice": _chosen(compared),
            "sentence": verdict.sentence,
            "split": compared.matches[0].split,
            "metric": verdict.metric,
            **_difference(verdict.gap),
        },
        "splits": matches,
        "seconds": {name: _seconds(cost) for name, cost in compared.seconds.items()},
        "classical": {"chosen": compared.chosen, "features": compared.features},
        "learning_curve": curves,
        "growth": _growth(compared),
        "importance": {one.family: one.loss for one in compared.importance},
        "notes": list(compared.notes),
    }


def _chosen(compared: Compared) -> str:
    first, second = (one.name for one in compared.matches[0].contenders[:2])
    return {"first": first, "second": second, "open": "open"}[compared.verdict.choice]


def _main(one: Contender, measure: MeasureOptions) -> dict[str, Plain]:
    score = main_score(one.outcomes, measure)
    return {"metric": score.name, "value": score.value, "low": score.low, "high": score.high}


def _difference(row: Difference) -> dict[str, Plain]:
    return {
        "first": row.first,
        "second": row.second,
        "difference": row.gap.value,
        "low": row.gap.low,
        "high": row.gap.high,
        "p": row.p_value,
        "test": row.test,
    }


def _growth(compared: Compared) -> Plain:
    growth = compared.learning.growth
    if growth is None:
        return None
    crossing = growth.crossing
    return {
        "metric": growth.metric,
        "sentence": growth.sentence,
        "cases": list(growth.cases),
        "gain_per_doubling": {
            NETWORK: _interval(growth.first),
            CLASSICAL: _interval(growth.second),
            "difference": _interval(growth.gap),
        },
        "crossing": None
        if crossing is None
        else {
            "cases": crossing.cases,
            "low": crossing.low,
            "high": crossing.high,
            "is_seen": crossing.is_seen,
            "share_of_resamples": crossing.share,
        },
    }


def _interval(found: Interval) -> dict[str, Plain]:
    return {"value": found.value, "low": found.low, "high": found.high}


def _seconds(cost: Seconds) -> dict[str, Plain]:
    return {"training": cost.training, "per_image": cost.per_image}


def _match_section(match: Match, measure: MeasureOptions) -> Section:
    first, second = match.contenders[:2]
    figure = both_roc_figure(match.split, match.contenders)
    return Section(
        match.split,
        f"Scores, {match.split}",
        (match.verdict.sentence, ROLES[match.split]),
        (figure,) if figure is not None else (),
        (
            score_grid(match.contenders, match.split, measure),
            difference_grid(match.differences, first.name, second.name),
            *_part_grids(match),
        ),
    )


def _part_grids(match: Match) -> tuple[Grid, ...]:
    """Return the differences class by class, and the cases in which two models differ most."""
    if not match.parts:
        return ()
    first, second = (one.name for one in match.contenders[:2])
    grids = {
        label: difference_grid(rows, first, second) for label, rows in match.parts.items() if rows
    }
    head = ("Class", *next(iter(grids.values())).head) if grids else ("Class",)
    rows = tuple((label, *row) for label, grid in grids.items() for row in grid.rows)
    apart = tuple(
        (case, f"{one:.3f}", f"{other:.3f}", f"{one - other:+.3f}".replace("-", "\u2212"))
        for case, one, other in match.apart
    )
    return (
        Grid(f"{first} minus {second}, class by class", head, rows, (2, 3, 4, 5)),
        Grid(
            f"Cases in which the two differ most, by {BY[match.contenders[0].outcomes.kind]}",
            ("Case", first, second, "Difference"),
            apart,
            (1, 2, 3),
        ),
    )


def _cost_section(compared: Compared) -> Section:
    rows = tuple(
        (name, _time_words(cost.training), _time_words(cost.per_image))
        for name, cost in compared.seconds.items()
    )
    head = ("Model", "Learning, all networks or folds", "One image")
    grid = Grid("Wall time on this machine", head, rows, (1, 2))
    words = "Learning adds up what ran side by side; choosing settings is part of it."
    return Section("cost", "What each costs", (words,), (), (grid,))


def _time_words(seconds: float | None) -> str:
    if seconds is None:
        return "not known"
    if seconds < 1:
        return f"{1000 * seconds:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 600 else f"{seconds / 60:.3g} min"
