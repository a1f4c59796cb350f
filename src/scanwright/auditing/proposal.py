"""The proposed table: every case with its label, its group, and whether to keep it, and why."""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from scanwright.auditing.audit import Audit
from scanwright.auditing.box_rows import box_heads, box_rows
from scanwright.auditing.survey import label_words, labels_of
from scanwright.data import ChannelsReference, Entry, Index, Reference
from scanwright.image import NumberTarget

HEAD = ("path", "label", "patient", "split", "decision", "why", "site", "fold")
SEPARATOR = "|"


def propose_table(index: Index, audit: Audit) -> str:
    """Return the proposed table as CSV, one row per case of the index, none left out.

    Where the truth is boxes there is a row for each of them, and one without numbers for a case
    that has none.

    Paths start at the folder of the data set (`train DATA --labels TABLE` follows them). Cases of
    a group of near duplicates bear one patient, so that every split keeps them together; cases
    proposed to be left out stay in the table with the decision "drop" and the reason.
    """
    why = _reasons(audit)
    patients = _patients(index.entries, audit)
    has = [name for name in ("site", "fold") if any(getattr(one, name) for one in index.entries)]
    masks = _mask_columns(index)
    head = [name for name in HEAD[:6] if name != "label" or not masks]
    head[1:1] = masks
    head += has
    edges = box_heads(index.entries)
    head[1:1] = edges
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(head)
    for entry in index.entries:
        reasons = why.get(entry.name, [])
        row = {
            "path": _path(entry, index.root),
            "label": _label(entry, index.task.labels),
            "patient": patients.get(entry.name, entry.patient),
            "split": entry.split,
            "decision": "drop" if reasons else "keep",
            "why": "; ".join(reasons),
            "site": entry.site,
            "fold": entry.fold,
            **{column: _masks(entry, name, index.root) for column, name in masks.items()},
        }
        for box in box_rows(entry, edges) if edges else ({},):
            table.writerow([{**row, **box}[name] for name in head])
    return stream.getvalue()


def _mask_columns(index: Index) -> dict[str, str]:
    """Return column → what its masks outline: one column of label maps, or one for each name."""
    parts = [part for entry in index.entries if entry.mask is not None for part in entry.mask.parts]
    single = sorted({part.names[0] for part in parts if len(part.names) == 1})
    if any(len(part.names) != 1 for part in parts):
        return {"mask": ""}
    return {f"mask of {name}": name for name in single}


def _masks(entry: Entry, name: str, root: Path) -> str:
    """Return the paths of a case's masks of one name, or of all."""
    if entry.mask is None:
        return ""
    parts = [part for part in entry.mask.parts if not name or name in part.names]
    files = [file for part in parts for file in part.reference.files]
    return SEPARATOR.join(_relative(file, root) for file in files)


def _reasons(audit: Audit) -> dict[str, list[str]]:
    """Return case → reasons to leave it out, each once."""
    found: dict[str, list[str]] = defaultdict(list)
    for finding in audit.findings:
        for name, reason in finding.drop.items():
            if reason not in found[name]:
                found[name].append(reason)
    return found


def _patients(entries: Sequence[Entry], audit: Audit) -> dict[str, str]:
    """Return case → name of its group, for cases that belong together."""
    groups = [*audit.alike, *(group for one in audit.findings for group in one.together)]
    leader: dict[str, str] = {}

    def find(node: str) -> str:
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    for group in groups:
        for name in group[1:]:
            one, other = sorted((find(f"case {group[0]}"), find(f"case {name}")))
            leader[other] = one
    for entry in entries:
        # Whoever shares a patient with a case of a group belongs to the group.
        if entry.patient:
            one, other = sorted((find(f"case {entry.name}"), find(f"patient {entry.patient}")))
            leader[other] = one
    members: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        members[find(f"case {entry.name}")].append(entry)
    named: dict[str, str] = {}
    number = 0
    for cases in members.values():
        if len(cases) < 2:
            continue
        known = sorted({case.patient for case in cases if case.patient})
        number += not known
        name = known[0] if known else f"group {number}"
        named |= {case.name: name for case in cases}
    return named


def _path(entry: Entry, root: Path) -> str:
    """Return the path from the folder of the data set; of a series its folder, of channels all."""
    if "::" in entry.source:
        return entry.source
    if isinstance(entry.reference, ChannelsReference):
        places = [_place(part) for part in entry.reference.parts]
    else:
        places = [_place(entry.reference)]
    return SEPARATOR.join(_relative(place, root) for place in places)


def _place(reference: Reference) -> Path:
    files = reference.files
    return files[0] if len(files) == 1 else files[0].parent


def _relative(place: Path, root: Path) -> str:
    folder = root if root.is_dir() else root.parent
    try:
        return place.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(place.resolve())


def _label(entry: Entry, labels: Sequence[str]) -> str:
    if entry.target is None:
        return ""
    if isinstance(entry.target, NumberTarget):
        return repr(entry.target.value)
    named = labels_of(entry, labels)
    return SEPARATOR.join(named) if named else label_words(entry, labels)
