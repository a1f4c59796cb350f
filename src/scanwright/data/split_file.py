"""Folds that a file gives: nnU-Net's splits_final.json, or a table of cases and folds."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from scanwright.base import FileError, SplitError
from scanwright.data.columns import FOLD_NAMES, simple_name
from scanwright.data.index import Index
from scanwright.data.side_table import case_key
from scanwright.data.table import is_empty, read_table

CASE_NAMES = ("case", "caseid", "name", "id", "file", "filename", "path", "image", "patient")
MOST_SHOWN = 3


def follow_folds(index: Index, path: Path) -> Index:
    """Return the index with the folds of a file; the split then follows them.

    Cases that the file does not name are left out, and said, but for those of a test part.

    Raises
    ------
    FileError
        The file cannot be read or holds no folds.
    SplitError
        It names cases that are not there, or puts one into two folds.
    """
    fold_of = read_folds(path)
    by_key: dict[str, str] = {}
    for entry in index.entries:
        for key in (case_key(entry.name), case_key(entry.name).rpartition("/")[2]):
            by_key.setdefault(key, entry.name)
    named = {
        by_key[case_key(case)]: fold for case, fold in fold_of.items() if case_key(case) in by_key
    }
    lost = [case for case in fold_of if case_key(case) not in by_key]
    if not named or lost:
        raise SplitError(
            "The split names cases that the data set does not hold.",
            got=f"{len(lost)} of {len(fold_of)}: {', '.join(lost[:MOST_SHOWN])}",
            legal=f"names such as {', '.join(entry.name for entry in index.entries[:2])}",
            where=path,
        )
    entries = tuple(
        replace(entry, fold=named[entry.name], split="")
        for entry in index.entries
        if entry.name in named
    )
    left = tuple(entry for entry in index.entries if entry.name not in named)
    notes = [f"{len(set(named.values()))} folds as given by {path.name}"]
    out = sum(entry.split != "test" for entry in left)
    if out:
        notes.append(f"{out} cases are in no fold of {path.name} and are left out")
    return replace(
        index,
        entries=(*entries, *(replace(entry, fold="") for entry in left)),
        notes=(*index.notes, *notes),
        follows_folds=True,
    )


def read_folds(path: Path) -> Mapping[str, str]:
    """Return case → name of the fold in which it is held out.

    Raises
    ------
    FileError
        The file cannot be read or holds no folds.
    SplitError
        A case is in two folds.
    """
    if path.suffix.lower() == ".json":
        return _from_json(path)
    table = read_table(path)
    simple = {simple_name(name): name for name in table.columns}
    case = next((simple[name] for name in CASE_NAMES if name in simple), "")
    fold = next((simple[name] for name in FOLD_NAMES if name in simple), "")
    if not (case and fold):
        raise FileError(
            "The table holds no folds.",
            got=", ".join(table.columns[:8]),
            legal='a column "case" and a column "fold"',
            where=path,
        )
    folds: dict[str, str] = {}
    for name, number in zip(table.column(case), table.column(fold), strict=True):
        if not is_empty(name) and not is_empty(number):
            _put(folds, name, number, path)
    return folds


def _from_json(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise FileError("The split cannot be read.", got=error, where=path) from error
    folds: dict[str, str] = {}
    is_list = isinstance(content, list) and all(isinstance(one, dict) for one in content)
    held = [one.get("val", one.get("validation")) for one in content] if is_list else [None]
    if not held or not all(isinstance(one, list) for one in held):
        raise FileError(
            "The file holds no folds.",
            legal='[{"train": [...], "val": [...]}, ...], as nnU-Net writes splits_final.json',
            where=path,
        )
    for number, names in enumerate(held):
        for name in names or ():
            _put(folds, str(name), str(number), path)
    return folds


def _put(folds: dict[str, str], case: str, fold: str, path: Path) -> None:
    if folds.setdefault(case, fold) != fold:
        raise SplitError(
            "A case is held out in two folds.",
            got=f"{case} in {folds[case]} and {fold}",
            legal="each case in one",
            where=path,
        )
