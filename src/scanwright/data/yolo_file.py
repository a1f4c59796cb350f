"""One text file of boxes as YOLO writes them, and the file that names the classes.

A line is a class and four shares of the image's size: centre x, centre y, width, height; or a class
and the points of an outline, x y x y and so on.
Format: https://docs.ultralytics.com/datasets/detect and .../segment.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from scanwright.base import FileError, LabelError
from scanwright.data.box_given import GivenBoxes, given_boxes

BOX_NUMBERS = 5
FEWEST_OUTLINE_NUMBERS = 7
FARTHEST = 2.0
"""A share beyond this is none: the numbers are pixels."""
LARGEST_BYTES = 1 << 26
NAMES_FILES = ("data.yaml", "data.yml", "dataset.yaml", "obj.names", "classes.txt", "classes.names")
"""What files that name the classes are called, the most telling first."""


def looks_like_yolo(path: Path) -> bool | None:
    """Whether the first line of a text file is one of YOLO's; None where it is empty."""
    try:
        with path.open("rb") as file:
            words = next((line.split() for line in file if line.strip()), [])
    except OSError:
        return False
    if not words:
        return None
    try:
        _line([float(word) for word in words], has_points=False)
    except ValueError:
        return False
    return True


def read_yolo(path: Path, names: Sequence[str], *, has_points: bool = False) -> GivenBoxes:
    """Read the boxes of one image.

    Parameters
    ----------
    names
        What the classes are called, by their numbers; empty to call them by their numbers.
    has_points
        Whether key points follow each box, which are passed over.

    Raises
    ------
    FileError
        The file cannot be read.
    LabelError
        A line is neither a box nor an outline; the message gives its number.
    """
    rows: list[tuple[float, float, float, float]] = []
    labels: list[str] = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            values = [float(word) for word in line.split()]
            rows.append(_line(values, has_points=has_points))
            labels.append(_name(values[0], names))
        except ValueError as error:
            what = str(error) if "could not convert" not in str(error) else "it holds words"
            raise LabelError(
                f"Line {number} is neither a box nor an outline: {what}.",
                got=line.strip()[:60],
                legal="class, centre x, centre y, width, height in shares of the image's size",
                where=path,
            ) from error
    given = given_boxes(rows, labels, 2)
    return GivenBoxes(given.edges, given.labels, "shares")


def read_names(path: Path) -> tuple[str, ...]:
    """Read the names of the classes, in the order of their numbers; empty where there are none.

    Raises
    ------
    FileError
        The file cannot be read.
    """
    text = _text(path)
    if path.suffix.lower() not in (".yaml", ".yml"):
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    return _names_of_yaml(text)


def has_key_points(path: Path) -> bool:
    """Whether a YAML file says that key points follow each box."""
    return re.search(r"^kpt_shape\s*:", _text(path), re.MULTILINE) is not None


def _line(values: Sequence[float], *, has_points: bool) -> tuple[float, float, float, float]:
    """Return the low y and x and the high y and x of a line's numbers.

    Raises
    ------
    ValueError
        They are no line of YOLO's; the message says why.
    """
    if not values or values[0] != int(values[0]) or values[0] < 0:
        raise ValueError("it does not begin with the number of a class")
    if any(abs(value) > FARTHEST for value in values[1:BOX_NUMBERS]):
        raise ValueError("its numbers are no shares of the image's size")
    if len(values) == BOX_NUMBERS or (has_points and len(values) > BOX_NUMBERS):
        x, y, width, height = values[1:BOX_NUMBERS]
        return y - height / 2, x - width / 2, y + height / 2, x + width / 2
    if len(values) < FEWEST_OUTLINE_NUMBERS or len(values) % 2 == 0:
        raise ValueError(f"it holds {len(values)} numbers")
    across, down = values[1::2], values[2::2]
    return min(down), min(across), max(down), max(across)


def _name(number: float, names: Sequence[str]) -> str:
    if not names:
        return str(int(number))
    if number >= len(names):
        raise ValueError(f"class {int(number)} has no name among {len(names)}")
    return names[int(number)]


def _names_of_yaml(text: str) -> tuple[str, ...]:
    """Return what stands under `names` in YAML: a list or numbered names, on one line or many."""
    found = re.search(
        r"^names\s*:[ \t]*(.*(?:\n(?:(?:[ \t]+|-|\]|\}).*)?(?=\n|$))*)", text, re.MULTILINE
    )
    if found is None:
        return ()
    block = "\n".join(_without_comment(line) for line in found[1].splitlines()).strip()
    if block[:1] in ("[", "{"):
        parts = re.findall(r"""(?:"[^"]*"|'[^']*'|[^,'"\[\]{}])+""", block[1:].rstrip("]} \n"))
    else:
        parts = [line.strip().removeprefix("- ") for line in block.splitlines()]
    numbered = [re.fullmatch(r"(\d+)\s*:\s*(.+)", part.strip(), re.DOTALL) for part in parts]
    kept = [part for part in parts if part.strip()]
    if kept and all(match for match, part in zip(numbered, parts, strict=True) if part.strip()):
        named = {int(match[1]): _plain(match[2]) for match in numbered if match}
        return tuple(named.get(number, str(number)) for number in range(max(named) + 1))
    return tuple(_plain(part) for part in kept)


def _without_comment(line: str) -> str:
    return re.sub(r"(?:^|\s)#[^'\"]*$", "", line)


def _plain(word: str) -> str:
    word = word.strip()
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise FileError("The file of boxes is too large.", legal="up to 64 MiB", where=path)
        return path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise FileError("The file cannot be read.", got=error.strerror, where=path) from error
