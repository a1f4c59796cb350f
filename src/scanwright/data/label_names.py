"""What the values of masks are called: from JSON, a list of names, or a table."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from scanwright.base import FileError, LabelError
from scanwright.data.columns import simple_name
from scanwright.data.table import read_table
from scanwright.image import LabelScheme

STEMS = ("labels", "label_names", "labelnames", "classes", "class_names", "dataset")
"""Names, without ending, of a file beside the masks that names their values."""
SUFFIXES = (".json", ".txt", ".csv")
IGNORED_NAMES = frozenset({"ignore", "ignored", "void", "unknown", "unlabelled", "unlabeled"})
"""Names of a value that says nothing is known there; "ignore" is nnU-Net's."""
VALUE_NAMES = ("value", "id", "index", "label", "number", "code", "labelvalue", "labelid")
NAME_NAMES = ("name", "labelname", "class", "classname", "structure", "organ", "label", "region")
ITK_SNAP = re.compile(r'^\s*(\d+)(?:\s+[\d.]+){3,}.*"([^"]*)"\s*$')
NUMBERED = re.compile(r"^\s*(\d+)\s*[:=,;\t ]\s*(\S.*?)\s*$")


def find_label_names(folder: Path) -> Path | None:
    """Return the file in a folder that names the values of masks, or None."""
    files = {file.name.lower(): file for file in sorted(folder.iterdir()) if file.is_file()}
    for stem in STEMS:
        for suffix in SUFFIXES:
            file = files.get(stem + suffix)
            if file is not None and _names_values(file):
                return file
    return None


def read_label_names(path: Path) -> LabelScheme:
    """Read what the values of masks are called.

    Raises
    ------
    FileError
        The file cannot be read.
    LabelError
        It does not name values.
    """
    if path.suffix.lower() == ".json":
        return scheme_of(_labels_in(read_json(path)), path)
    if path.suffix.lower() == ".csv":
        table = read_table(path)
        value, name = _columns(table.columns)
        if not (value and name):
            raise LabelError("The table names no values.", got=table.columns, where=path)
        pairs = zip(table.column(value), table.column(name), strict=True)
        return scheme_of(dict(pairs), path)
    return scheme_of(_listed(_text(path)), path)


def scheme_of(labels: object, where: object) -> LabelScheme:
    """Return the scheme that names and values spell.

    Parameters
    ----------
    labels
        Name → value, or several values of a region; or value → name; or the names of the values
        1, 2 and so on. Value 0 is background whatever its name.

    Raises
    ------
    LabelError
        They are none of these, or no value but 0 has a name.

    >>> scheme_of({"background": 0, "tumour": [1, 2], "core": 2, "ignore": 3}, "").ignore
    3
    """
    if isinstance(labels, Mapping):
        named = _pairs(labels, where)
    elif isinstance(labels, Sequence) and not isinstance(labels, str):
        names = [str(one) for one in labels]
        first = 0 if names and simple_name(names[0]) == "background" else 1
        named = [(name, (value,)) for value, name in enumerate(names, start=first)]
    else:
        raise _no_labels(labels, where)
    ignored = [values for name, values in named if name.lower() in IGNORED_NAMES]
    known = [
        (name, values)
        for name, values in named
        if values != (0,) and name.lower() not in IGNORED_NAMES
    ]
    if not known or len(ignored) > 1 or any(len(values) > 1 for values in ignored):
        raise _no_labels(labels, where)
    names_, values_ = zip(*known, strict=True)
    return LabelScheme(names_, values_, ignored[0][0] if ignored else None)


def read_json(path: Path) -> Mapping[str, object]:
    """Read a JSON file that holds an object, or a list as `{"labels": list}`.

    Raises
    ------
    FileError
        It is no JSON, or something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise FileError("The JSON file cannot be read.", got=error, where=path) from error
    if isinstance(content, list):
        return {"labels": content}
    if not isinstance(content, dict):
        raise FileError("The JSON file holds no object.", got=type(content).__name__, where=path)
    return content


def _text(path: Path) -> str:
    """Return the text of a file, as UTF-8 or else as Latin-1, which reads anything."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _labels_in(content: Mapping[str, object]) -> object:
    return content.get("labels", content)


def _names_values(file: Path) -> bool:
    """Whether a file by a usual name holds what the name says."""
    if file.suffix.lower() == ".csv":
        columns = read_table(file).columns
        return len(columns) <= 6 and all(_columns(columns))
    if file.suffix.lower() == ".txt":
        lines = _text(file).splitlines()
        return 0 < len(lines) <= 300 and not any("/" in line or "\\" in line for line in lines)
    content = read_json(file)
    is_named = "labels" in content or file.stem.lower() != "dataset"
    return is_named and isinstance(_labels_in(content), (dict, list))


def _columns(columns: Sequence[str]) -> tuple[str, str]:
    """Return the columns of value and name, empty where there are none."""
    simple = {simple_name(name): name for name in columns}
    value = next((simple[one] for one in VALUE_NAMES if one in simple), "")
    name = next((simple[one] for one in NAME_NAMES if one in simple and simple[one] != value), "")
    return value, name


def _listed(text: str) -> object:
    """Return the labels of a list: ITK-SNAP's, "1 liver" or "1: liver" lines, or bare names."""
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    for form in (ITK_SNAP, NUMBERED):
        found = [form.match(line) for line in lines]
        if found and all(found):
            return {match[1]: match[2] for match in found if match}
    return [line.strip() for line in lines]


def _pairs(labels: Mapping[object, object], where: object) -> list[tuple[str, tuple[int, ...]]]:
    by_value = [_whole(key) for key in labels]
    if labels and None not in by_value and all(isinstance(one, str) for one in labels.values()):
        return [
            (str(name), (value,))
            for value, name in zip(by_value, labels.values(), strict=True)
            if value is not None
        ]
    named = []
    for name, stored in labels.items():
        parts = stored if isinstance(stored, (list, tuple)) else [stored]
        values = [_whole(one) for one in parts]
        if not values or None in values:
            raise _no_labels(labels, where)
        named.append((str(name), tuple(one for one in values if one is not None)))
    return named


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    is_digits = isinstance(value, str) and value.strip().isdecimal()
    return int(str(value)) if is_digits else None


def _no_labels(labels: object, where: object) -> LabelError:
    shown = str(labels)
    return LabelError(
        "The list of labels names no values of a mask.",
        got=shown if len(shown) <= 120 else shown[:120] + "…",
        legal='{"liver": 1, "tumour": 2}, {"1": "liver"}, or regions {"organ": [1, 2]}',
        where=where,
    )
