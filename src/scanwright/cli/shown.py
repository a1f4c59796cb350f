"""Results of commands as a person or a program wants to read them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from scanwright.data import IndexSummary

if TYPE_CHECKING:
    from scanwright.workflows.demo import DemoResult
    from scanwright.workflows.plan import PlanResult
    from scanwright.workflows.predict import Predictions
    from scanwright.workflows.train import TrainResult

MOST_ROWS = 20
HEADLINE = (
    "dice", "hd95", "nsd", "ap", "ap50", "froc", "false_per_image", "auc", "accuracy",
    "balanced_accuracy", "sensitivity", "specificity", "f1", "brier", "ece", "kappa", "mae", "r2",
)  # fmt: skip


def show_index(summary: IndexSummary, *, as_json: bool) -> None:
    """Show what is in a data set."""
    if as_json:
        _print_json(summary.to_plain())
        return
    console = Console(highlight=False)
    console.print(summary.described, markup=False)
    console.print(_index_facts(summary))
    _show_labels(summary, console)
    _show_boxes(summary, console)
    for column, counts in summary.subgroups.items():
        console.print(f"{column}: {_counts(counts)}", markup=False)
    for note in summary.notes:
        console.print(f"note: {note}", markup=False)
    if summary.skipped:
        console.print(f"cannot be used ({len(summary.skipped)}):")
        for skipped in summary.skipped[:MOST_ROWS]:
            console.print(f"  {skipped.source}: {skipped.reason}", markup=False, soft_wrap=True)
        if len(summary.skipped) > MOST_ROWS:
            console.print(f"  and {len(summary.skipped) - MOST_ROWS} more; --json lists all")


def _index_facts(summary: IndexSummary) -> Table:
    facts = Table(show_header=False, box=None, pad_edge=False)
    facts.add_row("cases", str(summary.cases))
    facts.add_row("patients", str(summary.patients or "not named"))
    if summary.unlabelled:
        facts.add_row("without label", f"{summary.unlabelled} more (see scanwright suggest)")
    facts.add_row("files", ", ".join(f"{count} {name}" for name, count in summary.files.items()))
    for rank, sizes in summary.sizes.items():
        facts.add_row(f"size ({rank}-D)", _range_words(sizes.to_plain()))
    for rank, spacing in summary.spacing_mm.items():
        facts.add_row(f"spacing ({rank}-D)", _range_words(spacing.to_plain()) + " mm")
    facts.add_row("modality", _counts(summary.modalities))
    facts.add_row("channels", _counts(summary.channels))
    facts.add_row("number type", _counts(summary.dtypes))
    if summary.sites:
        facts.add_row("sites", _counts(summary.sites))
    facts.add_row("task", f"{summary.task.kind}: {', '.join(summary.task.labels)}")
    if summary.number_range is not None:
        facts.add_row("values", " / ".join(f"{value:g}" for value in summary.number_range))
    return facts


def _show_labels(summary: IndexSummary, console: Console) -> None:
    parts = sorted({part for counts in summary.labels.values() for part in counts})
    if not parts:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("label")
    for part in parts:
        table.add_column(part or "cases", justify="right")
    for label, counts in summary.labels.items():
        table.add_row(label, *(str(counts.get(part, 0)) for part in parts))
    console.print(table)


def _show_boxes(summary: IndexSummary, console: Console) -> None:
    if not summary.boxes:
        return
    in_mm = any(one.longest_mm for one in summary.boxes.values())
    table = Table(box=None, pad_edge=False)
    heads = ("boxes of", "boxes", "images", "longest edge, px (10/50/90 %)")
    for head in (*heads, *["mm (10/50/90 %)"] * in_mm):
        table.add_column(head, justify="left" if head == heads[0] else "right")
    for label, one in summary.boxes.items():
        edges = (one.longest_px, *[one.longest_mm or ()] * in_mm)
        words = (" / ".join(f"{length:.3g}" for length in lengths) for lengths in edges)
        table.add_row(label, str(one.boxes), str(one.images), *words)
    console.print(table)


def show_plan(result: "PlanResult", *, as_json: bool) -> None:
    """Show a recipe as TOML, reasons included."""
    if as_json:
        _print_json(result.recipe.model_dump(mode="json"))
        return
    print(result.recipe.to_toml(), end="")


def show_run(result: "TrainResult", *, as_json: bool) -> None:
    """Show the scores of a run and where everything lies."""
    if as_json:
        _print_json(
            {
                "folder": str(result.folder),
                "bundle": result.digest,
                "seconds": round(result.seconds, 1),
                "scores": result.scores,
                "notes": list(result.notes),
            }
        )
        return
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("metric")
    for split in result.scores:
        table.add_column(split, justify="right")
        table.add_column("95 % interval")
    for name in HEADLINE:
        if any(name in metrics for metrics in result.scores.values()):
            cells = [_cell(metrics.get(name)) for metrics in result.scores.values()]
            table.add_row(name, *(word for pair in cells for word in pair))
    console.print(table)
    for note in result.notes:
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    for name, words in (("bundle", "to predict with"), ("report.html", "to read")):
        console.print(f"{result.folder / name}  ({words})", markup=False, soft_wrap=True)


def _cell(score: dict[str, float | None] | None) -> tuple[str, str]:
    if score is None or score.get("value") is None:
        return "–", ""
    low, high = score.get("low"), score.get("high")
    interval = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
    return f"{score['value']:.3f}", interval


def show_predictions(
    predictions: "Predictions", files: Sequence[Path] = (), *, as_json: bool
) -> None:
    """Show predictions, and the files into which they were written."""
    if as_json:
        print(predictions.to_json(), end="")
        return
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    shown = [
        predictions.rows.shown(answer, predictions.labels)
        for answer in predictions.answers[:MOST_ROWS]
    ]
    heads = list(dict.fromkeys(head for row in shown for head in row))
    for head in ("case", *heads, "warnings"):
        table.add_column(head, overflow="fold")
    for answer, row in zip(predictions.answers, shown, strict=False):
        cells = (row.get(head, "") for head in heads)
        table.add_row(answer.case, *cells, "; ".join(answer.warnings))
    console.print(table)
    if len(predictions.answers) > MOST_ROWS:
        console.print(f"and {len(predictions.answers) - MOST_ROWS} more; -o FILE.csv writes all")
    for refused in predictions.refused[:MOST_ROWS]:
        console.print(f"refused {refused.source}: {refused.reason}", markup=False, soft_wrap=True)
    counts = (
        f"{len(predictions.answers)} answered, {len(predictions.refused)} refused, "
        f"{len(predictions.skipped)} skipped (no images)"
    )
    console.print(counts)
    for file in files:
        console.print(str(file), markup=False, soft_wrap=True)


def show_demo(result: "DemoResult", *, as_json: bool) -> None:
    """Show what the demonstration made."""
    show_run(result.run, as_json=as_json)
    if not as_json:
        console = Console(highlight=False)
        console.print(f"{result.data}  (the simulated DICOM files)", markup=False, soft_wrap=True)
        page = (result.run.folder / "report.html").resolve()
        console.print(f"open in a browser: {page}", markup=False, soft_wrap=True)


def _range_words(plain: object) -> str:
    if not isinstance(plain, dict):
        return str(plain)
    return ", ".join(f"{name} {_by(value)}" for name, value in plain.items())


def _by(value: object) -> str:
    if isinstance(value, list | tuple):
        return " × ".join(f"{item:.4g}" if isinstance(item, float) else str(item) for item in value)
    return str(value)


def _counts(counts: object) -> str:
    assert isinstance(counts, dict)
    shown = sorted(counts.items(), key=lambda item: -item[1])[:12]
    return ", ".join(f"{name} ({count})" for name, count in shown)


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
