"""From trained members to evidence: scores with intervals, a report, tables."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, cast

import numpy as np

from scanwright import __version__
from scanwright.bundle import answer_of
from scanwright.data import Entry, Index, Skipped, Store, read_case
from scanwright.image import Floats, Image
from scanwright.inference import Decision
from scanwright.recipe import TASKS, Recipe, Truth
from scanwright.report import (
    Fact,
    Kind,
    LearningCurve,
    LeftOut,
    MeasureOptions,
    Outcomes,
    Report,
    Setting,
    SplitReport,
    Thumbnail,
    learning_figure,
    metrics_csv,
    picture_uri,
    predictions_csv,
    render_html,
    report_split,
    scores_json,
)
from scanwright.training import Fit, Trained, outputs_of, outputs_on
from scanwright.workflows.precheck import audit_section, doubts_of_run, warnings_of
from scanwright.workflows.prepare import Prepared, rows_of

PACKAGES = ("torch", "numpy", "pydicom", "scikit-image")
SAMPLES = 6


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores and everything written beside a bundle."""

    scores: dict[str, Any]
    notes: tuple[str, ...]
    report: Report

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
        }


def evaluate_run(
    prepared: Prepared,
    store: Store,
    fit: Fit,
    members: Sequence[Trained],
    decision: Decision,
    *,
    notes: tuple[str, ...],
) -> Evaluation:
    """Measure validation, then look at the test part, once."""
    progress = fit.progress
    progress.begin("evaluating", 2, "splits")
    recipe = prepared.recipe
    answer = answer_of(recipe, decision)
    validation = outputs_of(fit, members, recipe.inference.views)
    by_row = {
        store.rows[entry.name]: entry for entry in prepared.everything() if entry.name in store.rows
    }
    splits = [
        _split_report(
            "validation",
            prepared,
            [by_row[row] for row in validation.rows.tolist()],
            answer.scores(validation.values),
            decision,
        )
    ]
    progress.step(1)
    test = rows_of(prepared.test, store)
    if len(test):
        views = recipe.inference.views
        outputs = np.mean([outputs_on(fit, m, test, views) for m in members], axis=0)
        entries = [by_row[row] for row in test.tolist()]
        scores = answer.scores(outputs)
        splits.insert(0, _split_report("test", prepared, entries, scores, decision))
    progress.step(1)
    progress.end()
    report = _report(prepared, store, members, splits, notes)
    return Evaluation(json.loads(scores_json(splits)), report.warnings, report)


def _split_report(
    name: str,
    prepared: Prepared,
    entries: Sequence[Entry],
    scores: Floats,
    decision: Decision,
) -> SplitReport:
    recipe = prepared.recipe
    task = TASKS[recipe.task.kind]
    truth: Truth = task.encode_all([entry.target for entry in entries], recipe.task.labels)
    outcomes = Outcomes(
        kind=cast(Kind, recipe.task.kind),
        labels=recipe.task.labels,
        truth=truth if task.is_scored_by_class else truth[:, 0],
        scores=scores,
        cases=tuple(entry.name for entry in entries),
        patients=tuple(entry.patient or entry.name for entry in entries),
        columns=_columns(entries),
        thresholds=_thresholds(prepared, decision),
        rule=decision.rule,
        decisions=_decisions(recipe, scores, decision),
    )

    def picture(index: int) -> Image | None:
        image = read_case(entries[index]).image
        return image if image.rank >= 2 else None

    rng = np.random.default_rng([recipe.training.seed, 77])
    return report_split(name, outcomes, MeasureOptions(), rng, picture)


def _thresholds(prepared: Prepared, decision: Decision) -> tuple[float, ...]:
    """Return thresholds as outcomes take them: one for two labels, one each for findings."""
    recipe = prepared.recipe
    if recipe.task.kind == "findings":
        return decision.thresholds
    if recipe.task.kind == "classes" and len(recipe.task.labels) == 2:
        return decision.thresholds[-1:]
    return ()


def _decisions(recipe: Recipe, scores: Floats, decision: Decision) -> Truth | None:
    """Return the decided labels where they are not those of the highest scores, shape (N,)."""
    if recipe.task.kind not in ("classes", "grade") or len(recipe.task.labels) == 2:
        return None
    if not any(decision.thresholds):
        return None
    decided = TASKS[recipe.task.kind].decide(scores, np.array(decision.thresholds))
    return np.asarray(decided.argmax(axis=1))


def _columns(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    if len({entry.site for entry in entries}) > 1:
        columns["site"] = tuple(entry.site for entry in entries)
    names = sorted({name for entry in entries for name in entry.subgroups})
    for name in names:
        columns[name] = tuple(entry.subgroups.get(name, "") for entry in entries)
    return columns


def _report(
    prepared: Prepared,
    store: Store,
    members: Sequence[Trained],
    splits: Sequence[SplitReport],
    notes: tuple[str, ...],
) -> Report:
    recipe = prepared.recipe
    audited = prepared.audit
    warnings = (*warnings_of(audited), *prepared.plan.notes, *prepared.index.notes, *notes)
    if not prepared.test:
        warnings = ("There is no test part: nothing here was kept apart from choices.", *warnings)
    labels = (
        " from ".join(recipe.task.labels)
        if len(recipe.task.labels) == 2
        else ", ".join(recipe.task.labels)
    )
    return Report(
        title=f"{prepared.index.root.name}: {', '.join(recipe.task.labels[:6])}",
        purpose=_purpose(recipe, labels, prepared.fingerprint.modality),
        splits=tuple(splits),
        decisions=_settings(recipe),
        data=_facts(prepared),
        left_out=_left_out(prepared, store),
        learning=_learning(members),
        samples=_samples(prepared, store),
        environment=_environment(prepared),
        provenance=(
            Fact("Recipe (SHA-256)", recipe.digest()),
            Fact("Data (SHA-256 of split, sizes and times)", prepared.data_key),
        ),
        warnings=warnings,
        sections=(audit_section(audited, doubts_of_run(_validation(splits))),)
        if audited.cases
        else (),
    )


def _validation(splits: Sequence[SplitReport]) -> Outcomes:
    return next(split.outcomes for split in splits if split.name == "validation")


def _purpose(recipe: Recipe, labels: str, modality: str) -> str:
    on = {"unknown": "images", "other": "images"}.get(modality, f"{modality} images")
    verbs: Mapping[str, str] = {
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
        elif isinstance(value, list):
            flat.update({f"{group}.{place}": _step_words(step) for place, step in enumerate(value)})
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


def _left_out(prepared: Prepared, store: Store) -> tuple[LeftOut, ...]:
    index: Index = prepared.index
    parts: list[Skipped] = [*index.skipped, *prepared.plan.dropped, *prepared.plan.skipped]
    parts += [Skipped(name, reason) for name, reason in store.skipped]
    grouped: dict[str, list[str]] = {}
    for one in parts:
        grouped.setdefault(one.reason.split(" | ")[0], []).append(one.source)
    return tuple(
        LeftOut(reason, len(sources), tuple(sources[:3])) for reason, sources in grouped.items()
    )


def _learning(members: Sequence[Trained]) -> Any:  # Any: a figure or None
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
    return learning_figure(curves) if curves else None


def _samples(prepared: Prepared, store: Store) -> tuple[Thumbnail, ...]:
    """Show some training cases as the network sees them, spread over the labels."""
    seen: dict[str, int] = {}
    chosen: list[Entry] = []
    for entry in prepared.plan.folds[0].train:
        word = str(entry.target)
        if seen.get(word, 0) < max(1, SAMPLES // max(len(prepared.recipe.task.labels), 1)):
            seen[word] = seen.get(word, 0) + 1
            chosen.append(entry)
        if len(chosen) >= SAMPLES:
            break
    shown = []
    for entry in chosen:
        if entry.name in store.rows:
            image = Image.from_array(store.images[store.rows[entry.name]])
            if image.rank >= 2:
                label = _label(entry)
                shown.append(Thumbnail(picture_uri(image), (label,), f"A case of {label}."))
    return tuple(shown)


def _label(entry: Entry) -> str:
    target = entry.target
    for name in ("label", "grade", "value"):
        if hasattr(target, name):
            return str(getattr(target, name))
    return ", ".join(sorted(getattr(target, "labels", ()))) or "no finding"


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
