"""All files under a folder, links followed once, with hidden files told apart."""

import os
from dataclasses import dataclass
from pathlib import Path

HIDDEN_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class Tree:
    """What lies under a folder.

    Parameters
    ----------
    root
        The folder.
    files
        Files to look at, in the order of their names.
    hidden
        Files that programs leave behind → why they are passed over.
    unreadable
        Folders and links that cannot be followed → why.
    """

    root: Path
    files: tuple[Path, ...]
    hidden: dict[Path, str]
    unreadable: dict[Path, str]


def list_files(root: Path) -> Tree:
    """List all files below `root`; a folder reached twice through links is visited once."""
    files: list[Path] = []
    hidden: dict[Path, str] = {}
    unreadable: dict[Path, str] = {}
    visited: set[tuple[int, int]] = set()
    waiting = [(root, False)]
    while waiting:
        folder, is_hidden = waiting.pop()
        try:
            status = folder.stat()
            places = sorted(os.scandir(folder), key=lambda place: place.name)
        except OSError as error:
            unreadable[folder] = f"the folder cannot be opened ({error.strerror})"
            continue
        if (status.st_dev, status.st_ino) in visited:
            continue
        visited.add((status.st_dev, status.st_ino))
        for place in places:
            path = Path(place.path)
            below = is_hidden or is_hidden_name(place.name)
            if _is_folder(place):
                waiting.append((path, below))
            elif below:
                hidden[path] = "hidden file"
            elif not path.is_file():
                unreadable[path] = "a broken link" if place.is_symlink() else "not a regular file"
            else:
                files.append(path)
    return Tree(root, tuple(sorted(files)), hidden, unreadable)


def _is_folder(place: os.DirEntry[str]) -> bool:
    # A link to itself makes DirEntry.is_dir raise; Path.is_dir answers no.
    return place.is_dir(follow_symlinks=False) or (place.is_symlink() and Path(place).is_dir())


def is_hidden_name(name: str) -> bool:
    """Whether a file or folder is one that programs leave behind (".DS_Store", "Thumbs.db")."""
    return name.startswith(".") or name.lower() in HIDDEN_NAMES


def relative_name(path: Path, root: Path) -> str:
    """Return the path below `root`, with slashes, printable; the whole path if it lies outside."""
    place = path.relative_to(root) if path.is_relative_to(root) else path
    return place.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")
