"""All files under a folder, links followed once, with hidden files told apart."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

HIDDEN_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
OBJECT_SUFFIXES = ("", ".dcm", ".dicom", ".seg", ".sr", ".ima")
MOST_SAMPLED = 400
"""Files opened to see what a tree holds; each costs about a millisecond."""


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


def sample_objects(files: Iterable[Path], word: str) -> list[Path]:
    """Return the DICOM files most likely to be no image: by a word in their name, or by size.

    Of each folder these are two that bear the word, the smallest three and the largest; where there
    are many folders, the first of each come before the second of any.
    """
    folders: dict[Path, list[Path]] = defaultdict(list)
    for file in files:
        if file.suffix.lower() in OBJECT_SUFFIXES:
            folders[file.parent].append(file)
    rounds = []
    for members in folders.values():
        by_size = sorted(members, key=lambda file: file.stat().st_size)
        named = [file for file in members if word in file.name.lower()]
        order = [*named[:1], by_size[0], by_size[-1], *named[1:2], *by_size[1:3]]
        rounds.append(list(dict.fromkeys(order)))
    turns = (file for turn in zip_longest(*rounds) for file in turn if file is not None)
    return list(islice(turns, MOST_SAMPLED))


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
