"""What a model is asked about: files and folders in, cases to read out, nothing lost in silence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path

from scanwright.base import SILENT, InputError, Progress, ScanwrightError
from scanwright.data import ChannelsReference, FileReference, Reference, SeriesReference
from scanwright.image import Case
from scanwright.inference import InputLimits
from scanwright.io import recognise, scan_series

VOLUME = 3
"""Rank of the images that a DICOM series makes."""
CHANNEL = re.compile(r"^(?P<case>.+)_(?P<channel>\d{4})(?P<ending>\.nii\.gz|\.[^.]+)$")
"""Name of a file that holds one channel of a case, as nnU-Net names them."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An input without an answer, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that a model is asked about.

    Parameters
    ----------
    name
        The file, the folder of a series, or the common name of the channels.
    stem
        For files about it; no two cases have one.
    """

    name: str
    stem: str
    reference: Reference


@dataclass(slots=True)
class Inputs:
    """Looks through files and folders.

    Parameters
    ----------
    limits
        What the model takes: volumes from DICOM series, channels from several files.
    refused, skipped
        Files that cannot be read, and files that are no images.
    """

    limits: InputLimits
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Refused] = field(default_factory=list)

    def find(self, paths: Sequence[Path]) -> list[Asked]:
        """Return the cases in some files and folders.

        Raises
        ------
        InputError
            One does not exist.
        """
        taken: set[str] = set()
        named = []
        for asked in [asked for path in paths for asked in self._in(path)]:
            stems = chain([asked.stem], (f"{asked.stem}-{number}" for number in count(2)))
            stem = next(stem for stem in stems if stem not in taken)
            taken.add(stem)
            named.append(replace(asked, stem=stem))
        return named

    def read(
        self, found: Sequence[Asked], progress: Progress = SILENT
    ) -> Iterator[tuple[Asked, Case]]:
        """Read cases one at a time; those that cannot be read or do not fit are refused."""
        for asked in found:
            progress.step(1)
            try:
                image = asked.reference.read()
                case = Case(asked.name, {"image": image}, source=asked.name)
                self.limits.check(case)
            except ScanwrightError as error:
                self.refuse(asked.name, error)
            else:
                yield asked, case

    def refuse(self, source: str, error: ScanwrightError) -> None:
        """Note that there is no answer about something, and why."""
        self.refused.append(Refused(source, error.sentence()))

    def _in(self, path: Path) -> Iterator[Asked]:
        if not path.exists():
            raise InputError("There is no such file or folder.", where=path)
        if path.is_file():
            yield _of_file(path)
            return
        files = sorted(file for file in path.rglob("*") if file.is_file())
        taken: set[Path] = set()
        if self.limits.rank == VOLUME:
            for series in scan_series(path).series:
                taken.update(series.paths)
                folder = series.paths[0].parent
                yield Asked(str(folder), folder.name, SeriesReference(tuple(series.paths)))
        left = [file for file in files if file not in taken and not file.name.startswith(".")]
        images = [file for file in left if self._is_image(file)]
        yield from self._with_channels(images)

    def _is_image(self, file: Path) -> bool:
        try:
            known = recognise(file)
        except ScanwrightError as error:
            self.refuse(str(file), error)
            return False
        if known is None:
            self.skipped.append(Refused(str(file), "not an image of a known format"))
        return known is not None

    def _with_channels(self, images: Sequence[Path]) -> Iterator[Asked]:
        """Put files together that are channels of one case, where the model takes several."""
        wanted = set(self.limits.channels)
        groups: dict[Path, list[Path]] = {}
        for file in images:
            match = CHANNEL.match(file.name)
            is_part = match is not None and 1 not in wanted
            case = file.with_name(match["case"]) if match and is_part else file
            groups.setdefault(case, []).append(file)
        for case, files in groups.items():
            if len(files) in wanted and case not in files:
                parts = tuple(FileReference(file) for file in files)
                names = tuple(f"channel {number + 1}" for number in range(len(files)))
                yield Asked(str(case), case.name, ChannelsReference(parts, names))
            else:
                yield from (_of_file(file) for file in files)


def _of_file(path: Path) -> Asked:
    stem = path.name.removesuffix(".gz")
    return Asked(str(path), stem.removesuffix(Path(stem).suffix) or "case", FileReference(path))
