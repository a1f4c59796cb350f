"""Audit a data set: findings, a page to read, and a proposed table; without torch."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from scanwright.auditing import (
    CHECKS,
    Audit,
    Finding,
    Severity,
    Survey,
    examine,
    in_order,
    propose_table,
    take_survey,
)
from scanwright.base import (
    SILENT,
    InputError,
    LabelError,
    Options,
    Plain,
    Progress,
    option,
    write_atomic,
)
from scanwright.data import (
    Entry,
    Index,
    IndexOptions,
    SplitOptions,
    index_data,
    read_case,
    split_index,
)
from scanwright.report import AuditPage, Fact, Panel, Thumbnail, picture_uri, render_audit

MOST_GROUPS = 12
"""Groups of a finding that are shown as pictures; the JSON names all."""
MOST_SIDE_BY_SIDE = 4
WIDEST = 152
"""Longer side of a thumbnail in pixels."""


class AuditOptions(Options):
    """What a user asks of an audit."""

    index: IndexOptions = option(IndexOptions(), help="How the data set is recognised.")
    without: tuple[str, ...] = option((), help="Checks to leave out, by name.")


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit found, and what can be written of it.

    Parameters
    ----------
    index
        The data set as it was read.
    audit
        The findings.
    survey
        A look at each image.
    """

    index: Index
    audit: Audit
    survey: Survey

    def to_plain(self) -> dict[str, Plain]:
        """Return the audit for JSON."""
        return {"data": self.index.described, **self.audit.to_plain()}

    def write(self, folder: Path, progress: Progress = SILENT) -> tuple[Path, ...]:
        """Write the page, the JSON and the proposed table.

        Returns
        -------
        audit.html, audit.json and proposed.csv in `folder`.
        """
        contents = {
            "audit.html": self.page(folder, progress),
            "audit.json": json.dumps(self.to_plain(), indent=2, ensure_ascii=False) + "\n",
            "proposed.csv": propose_table(self.index, self.audit),
        }
        for name, content in contents.items():
            write_atomic(folder / name, content)
        return tuple(folder / name for name in contents)

    def page(self, folder: Path, progress: Progress = SILENT) -> str:
        """Return the page, with the cases of each finding side by side."""
        pictures = _Pictures({entry.name: entry for entry in self.index.entries})
        findings = self.audit.findings
        progress.begin("drawing the page", len(findings), "findings")
        panels = []
        for number, finding in enumerate(findings):
            panels.append(_panel(finding, f"finding-{number + 1}", pictures))
            progress.step(1)
        progress.end()
        return render_audit(
            AuditPage(
                title=self.index.root.name,
                headline=self.audit.headline + ".",
                panels=tuple(panels),
                passed=tuple(Fact(one.title, one.reason) for one in self.audit.passed),
                data=_facts(self.index),
                advice=self.advice(folder),
                created=datetime.now(UTC).strftime("%Y-%m-%d"),
            )
        )

    def advice(self, folder: Path) -> tuple[str, ...]:
        """Return what to do next, in sentences; `folder` holds the proposed table."""
        drops = {name for finding in self.audit.findings for name in finding.drop}
        grouped = {name for group in self.audit.alike for name in group}
        said = []
        if drops or grouped:
            said.append(
                f"proposed.csv lists every case: {len(drops)} are marked “drop” with the reason, "
                f"{len(grouped)} near duplicates bear one patient per group. Nothing was changed: "
                "correct the table where you know better."
            )
        if _is_archive(self.index):
            said.append(
                "An archive cannot be followed by a table: train drops shared copies of it itself."
            )
        elif drops or grouped or self.index.task.spellings:
            root = self.index.root
            place = root.parent if root.is_file() else root
            kind = self.index.task.kind
            said.append(
                f"To train on the proposal: scanwright train {place} --labels "
                f"{folder / 'proposed.csv'}" + (f" --task {kind}" if kind != "classes" else "")
            )
        if self.audit.count(Severity.ALARM):
            said.append("See to the alarms first: figures measured before that are not to be used.")
        return tuple(said)


def audit(
    data: str | Path, options: AuditOptions | None = None, progress: Progress = SILENT
) -> AuditResult:
    """Look at every image of a data set and at its labels, and say what is wrong.

    Raises
    ------
    InputError
        Nothing is there that is known.
    """
    options = options or AuditOptions()
    for name in options.without:
        _ = CHECKS[name]
    index, refused = _index(str(data), options.index, progress)
    return audit_index(index, options, progress, more=refused)


def audit_index(
    index: Index,
    options: AuditOptions,
    progress: Progress = SILENT,
    *,
    more: tuple[Finding, ...] = (),
) -> AuditResult:
    """Audit a data set that is indexed already."""
    does_read = "lettering" not in options.without
    survey = take_survey(index, progress, does_read=does_read)
    found = examine(survey, progress, without=options.without)
    more = (*more, *_split_finding(index))
    return AuditResult(index, replace(found, findings=in_order((*found.findings, *more))), survey)


def _index(
    data: str, options: IndexOptions, progress: Progress
) -> tuple[Index, tuple[Finding, ...]]:
    """Index a data set; where only the labels are at fault, its images without them."""
    merging = options.model_copy(update={"merge_spellings": True})
    try:
        return index_data(data, merging, progress), ()
    except LabelError as error:
        if options.unlabelled or not Path(data).is_dir():
            raise
        try:
            plain = merging.model_copy(update={"unlabelled": True, "labels": None})
            index = index_data(data, plain, progress)
        except InputError:
            raise error from None
        return index, (_refused("unlabelled", error),)


def _split_finding(index: Index) -> tuple[Finding, ...]:
    """Say what training would refuse, beyond what the checks say."""
    if all(entry.target is None for entry in index.entries):
        return ()
    try:
        split_index(index, SplitOptions(shared="drop"))
    except InputError as error:
        return (_refused("split", error),)
    return ()


def _refused(kind: str, error: InputError) -> Finding:
    return Finding(
        kind,
        Severity.ALARM,
        f"Training would stop: {error.what}" + (f" ({error.got})" if error.got else ""),
        "The images were looked at without labels." if kind == "unlabelled"
        else "No split can be drawn.",
        str(error.next or "Correct the labels."),
    )  # fmt: skip


class _Pictures:
    """Thumbnails by the name of the case, each read once."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self._entries = entries
        self._made: dict[str, str] = {}

    def of(self, name: str, words: str) -> Thumbnail:
        """Return the thumbnail of a case; without a picture where it cannot be read."""
        if name not in self._made:
            self._made[name] = self._draw(name)
        return Thumbnail(self._made[name], (name, words) if words else (name,), f"Case {name}.")

    def _draw(self, name: str) -> str:
        entry = self._entries.get(name)
        if entry is None:
            return ""
        try:
            image = read_case(entry).image
        except InputError:
            return ""
        return picture_uri(image, WIDEST) if image.rank >= 2 else ""


def _panel(finding: Finding, name: str, pictures: _Pictures) -> Panel:
    groups = tuple(
        tuple(pictures.of(case, finding.words.get(case, "")) for case in group[:MOST_SIDE_BY_SIDE])
        for group in finding.groups[:MOST_GROUPS]
    )
    title = CHECKS[finding.kind].title if finding.kind in CHECKS else "What training refuses"
    return Panel(
        name=name,
        title=title,
        tone=finding.severity.value,
        what=finding.what,
        meaning=finding.meaning,
        advice=finding.advice,
        numbers=tuple(Fact(key, _number(value)) for key, value in finding.numbers.items()),
        groups=groups,
        count=len(finding.groups),
        drop=len(finding.drop),
    )


def _number(value: Plain) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _facts(index: Index) -> tuple[Fact, ...]:
    labels = index.task.labels
    return (
        Fact("Recognised as", index.described),
        Fact("Cases", f"{len(index):,}"),
        Fact("Label", f"{index.task.kind}: {', '.join(labels)}" if labels else "none"),
        Fact("Inputs that cannot be used", f"{len(index.skipped):,}"),
    )


def _is_archive(index: Index) -> bool:
    return any("::" in entry.source for entry in index.entries[:1])
