"""Enhanced images to files: in the format of their source where that can hold them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scanwright.base import FileError, InputError
from scanwright.image import Image
from scanwright.io import derive_dicom, derive_dicom_series, recognise, write
from scanwright.workflows.enhance_steps import Steps

SUFFIXES = (".nii.gz", ".tar.gz")
LOSSY = frozenset({"jpeg"})
ALONE_3D, ALONE_2D, ALONE_FLOAT = ".nii.gz", ".png", ".tiff"
"""Formats that take over where a source's own cannot hold the result."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where an image went.

    Parameters
    ----------
    paths
        The files.
    reason
        Why the format is another one than the source's; empty where it is not.
    """

    paths: tuple[Path, ...]
    reason: str = ""


@dataclass(slots=True)
class Places:
    """Names of output files, none given twice and none that is there unless that is allowed.

    Parameters
    ----------
    root
        Where the input's folder goes.
    overwrite
        Whether files that are there may be replaced.
    """

    root: Path
    overwrite: bool = False
    _taken: set[Path] = field(default_factory=set)

    def claim(self, path: Path, source: Path) -> Path:
        """Return the path, or one beside it where another source has it.

        Raises
        ------
        InputError
            The file is there, and may not be replaced.
        """
        if path in self._taken:
            path = path.with_name(source.name + "".join(_suffix(path)))
        if path.is_file() and not self.overwrite:
            raise InputError(
                "The output is there already.", next="name another one, or add --overwrite",
                where=path,
            )  # fmt: skip
        self._taken.add(path)
        return path


def write_enhanced(
    image: Image, sources: Sequence[Path], target: Path, steps: Steps, places: Places
) -> Written:
    """Write one enhanced image.

    Parameters
    ----------
    image
        With the number type that it is to be stored in; see `as_stored`.
    sources
        The file, or the files of the DICOM series, that it was made from.
    target
        The path that the source's own format would get; a folder for a series.

    Raises
    ------
    FileError
        No format can hold it, or the place cannot be written.
    InputError
        The place is taken.
    """
    kind = recognise(sources[0])
    words = "scanwright enhance: " + json.dumps(steps.pipeline.to_plain())
    reason = ""
    try:
        if kind == "dicom":
            return _write_dicom(image, sources, places.claim(target, sources[0]), words)
        if kind not in LOSSY:
            path = places.claim(target, sources[0])
            write(image, path)
            return Written((path,))
        reason = "JPEG would lose what was gained"
    except FileError as error:
        reason = error.what.rstrip(".") + (f" ({error.got})" if error.got else "")
    return _write_other(image, sources[0], target, places, reason)


def _write_dicom(image: Image, sources: Sequence[Path], target: Path, words: str) -> Written:
    if len(sources) > 1 or image.rank == 3:
        return Written(derive_dicom_series(image, target, sources, words))
    derive_dicom(image, target, sources[0], words)
    return Written((target,))


def _write_other(image: Image, source: Path, target: Path, places: Places, reason: str) -> Written:
    if image.rank == 3:
        choices = [ALONE_3D]
    elif image.array.dtype.kind == "f" or image.array.dtype == np.int16:
        choices = [ALONE_FLOAT, ALONE_3D]
    else:
        choices = [ALONE_2D, ALONE_FLOAT, ALONE_3D]
    stem = target.name.removesuffix("".join(_suffix(target)))
    for place, suffix in enumerate(choices):
        path = target.with_name(stem + suffix)
        if path.name != source.name and source.with_name(path.name).exists():
            path = target.with_name(source.name + suffix)  # the other file keeps its name
        path = places.claim(path, source)
        try:
            write(image, path)
        except FileError:
            if place == len(choices) - 1:
                raise
        else:
            return Written((path,), f"{reason}; written as {suffix.lstrip('.')}")
    raise AssertionError("some choice was tried")


def as_stored(image: Image, source: Image, steps: Steps) -> Image:
    """Return an enhanced image with the number type of its source, where its scale allows.

    Integers are rounded and kept inside their type; what is no number becomes the lowest value.
    """
    dtype = source.array.dtype
    array = image.array
    if dtype.kind not in "ui" or not steps.keeps_scale:
        return image.with_array(array.astype(np.float32) if array.dtype.kind == "f" else array)
    if array.dtype == dtype:
        return image
    limits = np.iinfo(dtype)
    lowest = float(source.array.min())
    finite = np.nan_to_num(array, nan=lowest, posinf=float(limits.max), neginf=lowest)
    return image.with_array(np.clip(np.rint(finite), limits.min, limits.max).astype(dtype))


def _suffix(path: Path) -> tuple[str, ...]:
    name = path.name.lower()
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return (path.name[-len(suffix) :],)
    return (path.suffix,)
