"""From what a table says of a file to the file itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Resolver:
    """Finds files by path, by path without ending, or by a name that only one file bears.

    Parameters
    ----------
    folders
        Where relative paths start, the first that leads somewhere wins.
    files
        Files that may be named without their folder or ending.
    """

    folders: Sequence[Path]
    files: Iterable[Path] = ()
    _by_name: dict[str, list[Path]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for file in self.files:
            self._by_name.setdefault(file.name, []).append(file)
            bare = _bare(file.name)
            if bare != file.name:
                self._by_name.setdefault(bare, []).append(file)

    def find(self, cell: str) -> Path | str:
        """Return the file or folder that a cell leads to, or why it leads nowhere."""
        for text in dict.fromkeys((cell, cell.replace("\\", "/"))):
            for folder in self.folders:
                path = folder / text
                if text and _exists(path):
                    return path
        named = self._by_name.get(cell.replace("\\", "/").rpartition("/")[2], [])
        if len(named) == 1:
            return named[0]
        if named:
            return f"{len(named)} files bear this name"
        return "there is no such file"

    def leads(self, cell: str) -> bool:
        """Whether a cell leads to exactly one file or folder."""
        return isinstance(self.find(cell), Path)


def _bare(name: str) -> str:
    """Return a file's name without its ending, ".nii.gz" being one."""
    return name.removesuffix(".gz").rpartition(".")[0] or name


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long for the system, or with a null byte
        return False
