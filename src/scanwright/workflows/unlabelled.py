"""Images about which nothing is known: those among the labelled ones, and of another folder."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from scanwright.base import SILENT, Progress, sha256_file
from scanwright.data import Entry, Index, IndexOptions, index_data
from scanwright.image import Modality


def unlabelled_entries(
    index: Index, folder: Path | None, modality: str = "", progress: Progress = SILENT
) -> list[Entry]:
    """Return the images without a label that do not belong to the test part.

    Parameters
    ----------
    folder
        A second folder, looked through as it lies; images that the data set names are left out.
    modality
        How the images of the folder were made, where their files do not say.
    """
    found = [entry for entry in index.entries if entry.target is None]
    found += [entry for entry in index.unlabelled if entry.split != "test"]
    if folder is not None:
        found += _of_folder(folder, index, modality, progress)
    return found


def without_copies(entries: Sequence[Entry], known: Sequence[Entry]) -> list[Entry]:
    """Leave out images whose files are, byte for byte, those of known ones."""
    if not entries:
        return []
    sizes = {path.stat().st_size for entry in known for path in entry.reference.files}
    alike = {
        path for entry in entries for path in entry.reference.files
        if path.stat().st_size in sizes
    }  # fmt: skip
    if not alike:
        return list(entries)
    lengths = {path.stat().st_size for path in alike}
    hashes = {
        sha256_file(path)
        for entry in known
        for path in entry.reference.files
        if path.stat().st_size in lengths
    }
    return [
        entry
        for entry in entries
        if not any(path in alike and sha256_file(path) in hashes for path in entry.reference.files)
    ]


def _of_folder(folder: Path, index: Index, modality: str, progress: Progress) -> Iterator[Entry]:
    """Yield the images of a second folder that the data set does not name already."""
    plain = IndexOptions.parse({"unlabelled": True, "modality": modality}, "unlabelled")
    assert isinstance(plain, IndexOptions)
    everything = (*index.entries, *index.unlabelled)
    taken = {path.resolve() for entry in everything for path in entry.reference.files}
    names = {entry.name for entry in everything}
    kinds = {entry.modality for entry in index.entries}
    for entry in index_data(folder, plain, progress).entries:
        if any(path.resolve() in taken for path in entry.reference.files):
            continue
        name = entry.name
        while name in names:
            name = f"{folder.name}/{name}"
        names.add(name)
        is_alike = entry.modality is Modality.UNKNOWN and len(kinds) == 1
        kind = next(iter(kinds)) if is_alike else entry.modality
        yield replace(entry, name=name, modality=kind)
