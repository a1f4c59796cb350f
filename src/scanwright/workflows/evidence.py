"""From measured splits to a report: what was decided, on which data, by what, and its warnings."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from scanwright import __version__
from scanwright.auditing import Finding
from scanwright.data import Entry, Index, Skipped
from scanwright.recipe import TASKS, Recipe
from scanwright.report import (
    Fact,
    Figure,
    LearningCurve,
    LeftOut,
    Report,
    Section,
    Setting,
    SplitReport,
    Thumbnail,
    learning_figure,
    metrics_csv,
    predictions_csv,
    render_html,
    scores_json,
)
from scanwright.training import Trained
from scanwright.workflows.precheck import audit_section, doubts_of_run, warnings_of
from scanwright.workflows.prepare import Prepared

MERITS: Mapping[str, str] = {"auc": "AUC", "r2": "R²", "dice": "Dice", "ap": "AP"}
"""What validation during training is judged by, as figures call it."""

PACKAGES = ("torch", "numpy", "pydicom", "scikit-image")
MODALITIES: Mapping[str, str] = {
    "ct": "CT", "mri": "MRI", "other": "", "ultrasound": "ultrasound", "unknown": "",
    "x-ray": "X-ray",
}  # fmt: skip
"""How images of a modality are called in a sentence."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores and everything written beside a bundle."""

    scores: dict[str, Any]
    notes: tuple[str, ...]
    report: Report
    tables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, report: Report, tables: Mapping[str, str] | None = None) -> "Evaluation":
        """Return the evaluation of a report, and what further tables it has, by file name."""
        scores = json.loads(scores_json(report.splits))
        return cls(scores, report.warnings, report, dict(tables or {}))

    def files(self, digest: str, seconds: float) -> dict[str, str]:
        """Return the contents of the report and its tables by file name."""
        provenance = (
            *self.report.provenance,
            Fact("Bundle (SHA-256 of its manifest)", digest),
            Fact("Wall time", f"{seconds:.0f} s"),
        )
        report = replace(
            self.report, provenance=provenance, created=datetime.now(UTC).strftime("%Y-%m-%d")
        )
        return {
            "report.html": render_html(report),
            "scores.json": scores_json(report.splits),
            "metrics.csv": metrics_csv(report.splits),
            "predictions.csv": predictions_csv(report.splits),
            **self.tables,
        }


@dataclass(frozen=True, slots=True)
class Extras:
    """What a report shows besides what was measured.

    Parameters
    ----------
    samples
        Training cases as the network sees them.
    skipped
        (case, reason) of cases that could not be prepared.
    sections
        Further parts, before the audit.
    """

    samples: tuple[Thumbnail, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()


def report_of(
    prepared: Prepared,
    members: Sequence[Trained],
    splits: Sequence[SplitReport],
    notes: tuple[str, ...],
    extras: Extras,
) -> Report:
    """Put together the report of a run from its measured splits."""
    recipe = prepared.recipe
    audited = prepared.audit
    warnings = (*warnings_of(audited), *prepared.plan.notes, *prepared.index.notes, *notes)
    if not prepared.test:
        warnings = ("There is no test part: nothing here was kept apart from choices.", *warnings)
    labels = (
        " from ".join(recipe.task.labels)
        if recipe.task.kind == "classes" and len(recipe.task.labels) == 2
        else ", ".join(recipe.task.labels)
    )
    audit = (audit_section(audited, _doubts(splits)),) if audited.cases else ()
    return Report(
        title=f"{prepared.index.root.name}: {', '.join(recipe.task.labels[:6])}",
        purpose=_purpose(recipe, labels, prepared.fingerprint.modality),
        splits=tuple(splits),
        decisions=_settings(recipe),
        data=_facts(prepared),
        left_out=_left_out(prepared, extras.skipped),
        learning=_learning(members, recipe.task.kind),
        samples=extras.samples,
        environment=_environment(prepared),
        provenance=(
            Fact("Recipe (SHA-256)", recipe.digest()),
            Fact("Data (SHA-256 of split, sizes and times)", prepared.data_key),
        ),
        warnings=warnings,
        sections=(*extras.sections, *audit),
    )


def columns_of(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return the facts by which results are broken down, one word per entry."""
    columns: dict[str, tuple[str, ...]] = {}
    if len({entry.site for entry in entries}) > 1:
        columns["site"] = tuple(entry.site for entry in entries)
    names = sorted({name for entry in entries for name in entry.subgroups})
    for name in names:
        columns[name] = tuple(entry.subgroups.get(name, "") for entry in entries)
    return columns


def _doubts(splits: Sequence[SplitReport]) -> tuple[Finding, ...]:
    held = [split.outcomes for split in splits if split.name == "validation"]
    return doubts_of_run(held[0]) if held else ()


def _purpose(recipe: Recipe, labels: str, modality: str) -> str:
    on = f"{MODALITIES[modality]} images".lstrip()
    verbs: Mapping[str, str] = {
        "segmentation": f"outlines {labels} in {on}",
        "detection": f"finds {labels} in {on}",
        "classes": f"tells {labels} in {on}",
        "findings": f"finds {labels} in {on}",
        "grade": f"grades {on} from {recipe.task.labels[0]} to {recipe.task.labels[-1]}",
        "number": f"estimates {labels} from {on}",
    }
    return verbs[recipe.task.kind]


def _settings(recipe: Recipe) -> tuple[Setting, ...]:
    flat: dict[str, object] = {}
    for group, value in recipe.model_dump(mode="json", exclude={"reasons", "format"}).items():
        if isinstance(value, dict):
            flat.update({f"{group}.{name}": item for name, item in value.items()})
        elif isinstance(value, list) and value:
            flat.update({f"{group}.{place}": _step_words(step) for place, step in enumerate(value)})
        elif isinstance(value, list):
            # That nothing was chosen is a decision too, and has its reason.
            flat[group] = []
    reasons = recipe.reasons
    ordered = sorted(flat, key=lambda name: (name not in reasons, name))
    return tuple(Setting(name, _words(flat[name]), reasons.get(name, "")) for name in ordered)


def _step_words(step: dict[str, object]) -> str:
    options = ", ".join(f"{name} {_words(value)}" for name, value in step.items() if name != "kind")
    return f"{step['kind']} ({options})" if options else str(step["kind"])


def _words(value: object) -> str:
    if isinstance(value, list | tuple):
        return " × ".join(_words(item) for item in value) or "none"
    if value is None:
        return "by rule"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _facts(prepared: Prepared) -> tuple[Fact, ...]:
    fingerprint = prepared.fingerprint
    fold = prepared.plan.folds[0]
    counts = ", ".join(f"{label}: {count}" for label, count in fingerprint.counts.items())
    spacing = ", ".join(f"{middle:.3g}" for _, middle, _ in fingerprint.spacing_mm)
    return (
        Fact("Recognised as", prepared.index.described),
        Fact("Cases", f"{len(prepared.everything())}"),
        Fact("Patients", str(fingerprint.patients or "not named: each case stands for itself")),
        Fact("Split", prepared.plan.how),
        Fact("Test cases", str(len(fold.test))),
        Fact("Labels to learn from", counts or "numbers"),
        Fact("Modality", fingerprint.modality),
        Fact("Median size", _words(list(fingerprint.median_size))),
        Fact("Median spacing", f"{spacing} mm" if spacing else "not known"),
    )


def _left_out(prepared: Prepared, skipped: Sequence[tuple[str, str]]) -> tuple[LeftOut, ...]:
    index: Index = prepared.index
    parts: list[Skipped] = [*index.skipped, *prepared.plan.dropped, *prepared.plan.skipped]
    parts += [Skipped(name, reason) for name, reason in skipped]
    grouped: dict[str, list[str]] = {}
    for one in parts:
        grouped.setdefault(one.reason.split(" | ")[0], []).append(one.source)
    return tuple(
        LeftOut(reason, len(sources), tuple(sources[:3])) for reason, sources in grouped.items()
    )


def _learning(members: Sequence[Trained], kind: str) -> Figure | None:
    curves = [
        LearningCurve(
            member=f"network {member.index + 1}",
            epochs=tuple(float(row["epoch"]) for row in member.history),
            train_loss=tuple(float(row["train_loss"]) for row in member.history),
            validation_loss=tuple(float(row["validation_loss"]) for row in member.history),
            validation_score=tuple(float(row["merit"]) for row in member.history),
            rate=tuple(float(row["rate"]) for row in member.history),
        )
        for member in members
        if member.history
    ]
    return learning_figure(curves, MERITS[TASKS[kind].merit]) if curves else None


def _environment(prepared: Prepared) -> tuple[Fact, ...]:
    machine = prepared.machine
    compute = prepared.compute
    number = "bfloat16 where it is safe" if compute.autocast is not None else "float32"
    return (
        Fact("scanwright", __version__),
        Fact("Python", platform.python_version()),
        *(Fact(name, version(name)) for name in PACKAGES),
        Fact("System", machine.system),
        Fact("Processor", f"{machine.processor}, {compute.threads} threads"),
        Fact("Device", f"{compute.device.type}, {number}"),
    )
