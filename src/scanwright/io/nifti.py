"""NIfTI-1 and NIfTI-2 in one file (.nii, .nii.gz).

NIfTI counts its axes fast → slow and points in RAS; here axes are slow → fast and points in LPS.
Nothing is flipped: the array is transposed, and the affine's rows and columns change with it.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import numpy as np

from scanwright.base import FileError, replacing
from scanwright.image import Array, Floats, Frame, Geometry, Image, axis_directions
from scanwright.io.guard import refuse_to_hold
from scanwright.io.header import Header
from scanwright.io.limits import ReadLimits, check_stored_bytes
from scanwright.io.rescale import native, rescaled, rescaled_dtype

if TYPE_CHECKING:
    import nibabel as nib

GZIP = b"\x1f\x8b"
RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0])
MM_PER_UNIT = {1: 1000.0, 2: 1.0, 3: 0.001}
"""Spatial units of `xyzt_units` (nifti1.h): metre, mm, micrometre; 0 and others mean mm."""
UNIT_MM, UNIT_UNKNOWN = 2, 0
SCANNER = 1
"""Code of an affine that points into the scanner's frame (NIFTI_XFORM_SCANNER_ANAT)."""
LOW_RANK = {b"1-D channels": 1, b"2-D channels": 2}
"""Our marks, in `intent_name`, of channels kept in the fourth axis of a 1-D or 2-D image."""
NIFTI_1_LENGTH = 32767
WIDENED = {"bool": "uint8", "float16": "float32"}
COLOURS = ("R", "G", "B")


@dataclass(frozen=True, slots=True)
class Nifti:
    """Neuroimaging files; a fourth and fifth axis become channels."""

    suffixes: ClassVar[tuple[str, ...]] = (".nii.gz", ".nii")

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether NIfTI's magic string stands where it belongs."""
        one = head[344:348] in (b"n+1\x00", b"ni1\x00")
        return one or head[4:8] in (b"n+2\x00", b"ni2\x00")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read size, number type and affine."""
        with _opened(path) as stream:
            return _header(_load(stream, path), path, limits)

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the image; integers stay integers where the scaling allows."""
        with _opened(path) as stream:
            file = _load(stream, path)
            header = _header(file, path, limits)
            raw = native(np.asarray(file.dataobj.get_unscaled()))
        array = _channels_first(raw, header)
        if raw.dtype.names is None:
            array = rescaled(array, *_scaling(file))
        return Image(array.astype(header.dtype, copy=False), header.geometry)

    def write(self, image: Image, path: Path) -> None:
        """Write any image; bool is kept as uint8 and float16 as float32."""
        import nibabel as nib

        array = image.array.astype(WIDENED.get(image.array.dtype.name, image.array.dtype))
        if array.dtype.name == "longdouble" or array.dtype.itemsize > 8:
            raise refuse_to_hold("NIfTI", array.dtype, "numbers of at most 64 bits", where=path)
        data = array[0].T if image.is_grey else _channels_last(array)
        kind = nib.Nifti2Image if max(data.shape) > NIFTI_1_LENGTH else nib.Nifti1Image
        file = kind(data, affine_ras(image.geometry), dtype=array.dtype)
        _describe_grid(file, image)
        with replacing(path) as temporary, temporary.open("wb") as stream:
            if path.name.lower().endswith(".gz"):
                # No name and no time inside: equal images make equal files.
                with gzip.GzipFile("", "wb", 4, stream, mtime=0) as packed:
                    file.to_stream(packed)
            else:
                file.to_stream(stream)


def affine_ras(geometry: Geometry) -> Floats:
    """Return NIfTI's matrix, shape (4, 4): RAS mm = matrix @ (x, y, z, 1).

    Axes that a 1-D or 2-D grid lacks get unit steps at right angles to those it has.
    """
    columns = geometry.affine[:, :-1]
    if geometry.rank < 3:
        left = np.linalg.svd(columns)[0]
        extra = left[:, geometry.rank :]
        if geometry.rank == 2:
            extra = np.cross(columns[:, 1], columns[:, 0])[:, None]
            extra = extra / np.linalg.norm(extra)
        columns = np.concatenate([extra, columns], axis=1)
    matrix = np.eye(4)
    matrix[:3, :3] = RAS_TO_LPS @ columns[:, ::-1]
    matrix[:3, 3] = RAS_TO_LPS @ np.array(geometry.origin_lps)
    return matrix


def geometry_of_affine(matrix: Floats, rank: int) -> Geometry:
    """Return the grid of NIfTI's matrix, shape (4, 4), in RAS mm."""
    columns = (RAS_TO_LPS @ matrix[:3, :3])[:, ::-1][:, 3 - rank :]
    spacing = np.linalg.norm(columns, axis=0)
    x, y, z = (RAS_TO_LPS @ matrix[:3, 3]).tolist()
    directions = columns / np.where(spacing > 0, spacing, 1)
    return Geometry(tuple(spacing.tolist()), directions, (x + 0.0, y + 0.0, z + 0.0))


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as stream:
        packed = stream.read(2) == GZIP
        stream.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield unpacked  # type: ignore[misc]  # a GzipFile reads as any binary stream
        else:
            yield stream


def _load(stream: IO[bytes], path: Path) -> nib.Nifti1Image:
    import nibabel as nib

    head = stream.read(352)
    stream.seek(0)
    if head[344:346] == b"ni" or head[4:6] == b"ni":
        raise FileError(
            "A NIfTI pair of .hdr and .img is not read.",
            legal="NIfTI in one file, .nii or .nii.gz",
            next="convert the pair to .nii.gz",
            where=path,
        )
    kind = nib.Nifti2Image if head[4:8] == b"n+2\x00" else nib.Nifti1Image
    return kind.from_stream(stream)


def _header(file: nib.Nifti1Image, path: Path, limits: ReadLimits) -> Header:
    raw = file.header
    shape = tuple(int(length) for length in raw.get_data_shape())
    stored = raw.get_data_dtype()
    colours = 1 if stored.names is None else len(COLOURS)
    rank = LOW_RANK.get(raw["intent_name"].item(), min(len(shape), 3))
    channels = prod(shape[3:]) * colours
    size = shape[:rank][::-1]
    _check_type(stored, path)
    plain = stored.newbyteorder("=")
    dtype = "uint8" if stored.names else rescaled_dtype(plain.name, *_scaling(file))
    dtype = "float64" if np.dtype(dtype).itemsize > 8 else dtype
    limits.check((channels, *size), dtype, path)
    if path.suffix.lower() != ".gz" and not _is_packed(path):
        present = path.stat().st_size - int(raw.get_data_offset())
        check_stored_bytes(prod(shape) * stored.itemsize, present, path)
    return Header("", size, channels, dtype, _geometry(raw, rank))


def _check_type(stored: np.dtype[Any], path: Path) -> None:  # Any: whatever the file holds
    colour = stored.names is not None and stored.names[:3] == COLOURS
    if not colour and stored.kind not in "uif":
        raise FileError(
            "The NIfTI file holds numbers that make no image.",
            got=str(stored),
            legal="integers, floats or RGB",
            next="save the magnitude of complex data",
            where=path,
        )


def _is_packed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == GZIP


def _scaling(file: nib.Nifti1Image) -> tuple[float, float]:
    # The header's own fields are blanked by nibabel when it opens a file.
    return float(file.dataobj.slope), float(file.dataobj.inter)


def _geometry(raw: nib.Nifti1Header, rank: int) -> Geometry:
    """Choose the affine: sform if coded and usable, else qform, else spacing alone.

    The sform is preferred because it can hold what the qform cannot: sheared axes.
    """
    factor = MM_PER_UNIT.get(int(raw["xyzt_units"]) & 7, 1.0)
    scale = np.diag([factor, factor, factor, 1.0])
    for matrix, code in (raw.get_sform(coded=True), raw.get_qform(coded=True)):
        if code > 0 and matrix is not None and abs(np.linalg.det(matrix[:3, :3])) > 0:
            return geometry_of_affine(scale @ matrix, rank)
    spacing = tuple(abs(float(length)) * factor for length in raw["pixdim"][1 : rank + 1])[::-1]
    if all(length == 1 for length in spacing) and int(raw["xyzt_units"]) & 7 == UNIT_UNKNOWN:
        return Geometry.pixels(rank)
    return Geometry.detector(spacing)


def _channels_first(raw: Array, header: Header) -> Array:
    """Turn (X, Y, Z, further...) into (C, Z, Y, X) of the header's rank."""
    if raw.dtype.names is not None:
        raw = np.stack([raw[name] for name in COLOURS], axis=-1)
    return np.ascontiguousarray(raw.T).reshape(header.shape)


def _channels_last(array: Array) -> Array:
    """Turn (C, *space) into (X, Y, Z, C), with lengths of 1 for axes that are lacking."""
    lacking = 4 - array.ndim
    return array.reshape(len(array), *(1,) * lacking, *array.shape[1:]).T


def _describe_grid(file: nib.Nifti1Image, image: Image) -> None:
    grid, header = image.geometry, file.header
    header.set_xyzt_units(UNIT_UNKNOWN if grid.frame is Frame.PIXELS else UNIT_MM)
    if grid.frame is Frame.PATIENT:
        matrix = affine_ras(grid)
        file.set_sform(matrix, SCANNER)
        # The quaternion cannot shear; coded 0, it is not believed by any reader.
        file.set_qform(matrix, SCANNER if grid.is_orthogonal else 0, strip_shears=True)
    else:
        flat = Geometry(grid.spacing_mm, axis_directions(grid.rank))
        file.set_sform(affine_ras(flat), 0)
        file.set_qform(affine_ras(flat), 0)
    if image.rank < 3 and not image.is_grey:
        header["intent_name"] = next(k for k, rank in LOW_RANK.items() if rank == image.rank)
