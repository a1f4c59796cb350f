"""Tests of NIfTI, against nibabel and SimpleITK."""

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813  (its own usual name)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.base import FileError
from scanwright.image import Frame, Geometry, Image
from scanwright.io import probe, read, write
from scanwright.io.nifti import affine_ras, geometry_of_affine
from tests.io.builders import noise, turned

DTYPES = "uint8 int8 uint16 int16 uint32 int32 int64 float32 float64".split()  # noqa: SIM905
FLOAT32_MM = 1e-4
"""NIfTI-1 keeps its affine in single precision: 1e-7 of a position of some 100 mm."""


def save(array: np.ndarray, affine: np.ndarray | None, path: Path, **fields: object) -> None:
    """Write with nibabel alone; `array` is in its order (X, Y, Z)."""
    file = nib.Nifti1Image(array, affine)
    for name, value in fields.items():
        file.header[name] = value
    nib.save(file, path)


@st.composite
def grids(draw: st.DrawFn, rank: int) -> Geometry:
    length = st.floats(0.0625, 20, width=32)
    kind = draw(st.sampled_from(["pixels", "detector", "patient", "sheared"]))
    if kind == "pixels":
        return Geometry.pixels(rank)
    spacing = tuple(draw(length) for _ in range(rank))
    if kind == "detector":
        return Geometry.detector(spacing)
    base = turned(rank, draw(st.floats(0.05, 0.6)) if kind == "sheared" and rank == 3 else 0.0)
    place = st.floats(-500, 500, width=32)
    return Geometry(spacing, base.directions, (draw(place), draw(place), draw(place)))


@given(
    data=st.data(),
    shape=hnp.array_shapes(min_dims=2, max_dims=4, max_side=5),
    dtype=st.sampled_from(DTYPES),
    suffix=st.sampled_from([".nii", ".nii.gz"]),
)
def test_nifti_round_trips(
    data: st.DataObject, shape: tuple[int, ...], dtype: str, suffix: str, tmp_path: Path
) -> None:
    geometry = data.draw(grids(len(shape) - 1))
    image = Image(data.draw(hnp.arrays(dtype, shape)), geometry)
    path = tmp_path / f"a{suffix}"
    write(image, path)
    back = read(path)
    assert back.array.dtype == image.array.dtype
    assert np.array_equal(back.array, image.array, equal_nan=image.array.dtype.kind == "f")
    assert back.geometry.is_close(geometry, FLOAT32_MM)
    assert probe(path).agrees(back)
    # What the file holds is kept exactly from then on.
    write(back, path)
    again = read(path).geometry
    assert np.array_equal(affine_ras(again).astype("f4"), affine_ras(back.geometry).astype("f4"))


@pytest.mark.parametrize("geometry", [turned(), Geometry.axial((2.5, 0.75, 0.5), (1.0, 2.0, 3.0))])
def test_geometry_is_what_simpleitk_reads(geometry: Geometry, tmp_path: Path) -> None:
    image = Image(noise((1, 4, 6, 5)), geometry)
    path = tmp_path / "a.nii.gz"
    write(image, path)
    peer = sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(peer), image.array[0])
    for index in [(0, 0, 0), (3, 5, 4), (1, 2, 3)]:
        theirs = peer.TransformIndexToPhysicalPoint(index[::-1])
        assert np.allclose(geometry.to_world(index), theirs, atol=1e-3)


def test_what_simpleitk_writes_is_read_alike(tmp_path: Path) -> None:
    array = noise((4, 6, 5))
    peer = sitk.GetImageFromArray(array)
    peer.SetSpacing((0.5, 0.75, 2.5))
    peer.SetOrigin((-10.0, 20.0, 30.0))
    peer.SetDirection((0, 1, 0, 0, 0, -1, -1, 0, 0))
    sitk.WriteImage(peer, str(tmp_path / "a.nii"))
    image = read(tmp_path / "a.nii")
    assert np.array_equal(image.array[0], array)
    for index in [(0, 0, 0), (3, 5, 4)]:
        theirs = peer.TransformIndexToPhysicalPoint(index[::-1])
        assert np.allclose(image.geometry.to_world(index), theirs, atol=1e-4)


def test_world_points_agree_with_nibabel(tmp_path: Path) -> None:
    affine = np.array([[0.1, -2, 0.3, 5], [0.9, 0.2, -0.4, 6], [0.1, 0.3, 3, -7], [0, 0, 0, 1]])
    save(noise((5, 6, 4)), affine, tmp_path / "a.nii.gz")
    image = read(tmp_path / "a.nii.gz")
    file = nib.load(tmp_path / "a.nii.gz")
    for x, y, z in [(0, 0, 0), (4, 5, 3), (1, 2, 3)]:
        ras = nib.affines.apply_affine(file.affine, (x, y, z))
        assert np.allclose(image.geometry.to_world((z, y, x)), ras * (-1, -1, 1), atol=1e-5)
        assert image.array[0, z, y, x] == file.dataobj[x, y, z]
    assert not image.geometry.is_orthogonal


def test_a_low_rank_affine_is_completed_and_cut_again() -> None:
    for rank in (1, 2, 3):
        grid = turned(rank)
        matrix = affine_ras(grid)
        assert abs(np.linalg.det(matrix[:3, :3])) > 1e-6
        assert geometry_of_affine(matrix, rank).is_close(grid, 1e-9)


def test_integers_stay_integers_without_scaling(tmp_path: Path) -> None:
    save(noise((5, 6, 4), "int16"), np.eye(4), tmp_path / "a.nii")
    assert read(tmp_path / "a.nii").array.dtype == np.int16


@pytest.mark.parametrize(
    ("slope", "inter", "dtype"), [(2, -1000, "int32"), (0.5, 1, "float32"), (0, 9, "int16")]
)
def test_scaling_is_applied(slope: float, inter: float, dtype: str, tmp_path: Path) -> None:
    raw = noise((5, 6, 4), "int16")
    file = nib.Nifti1Image(raw, np.eye(4))
    content = bytearray(file.to_bytes())
    content[112:116] = np.float32(slope).tobytes()
    content[116:120] = np.float32(inter).tobytes()
    (tmp_path / "a.nii").write_bytes(content)
    image = read(tmp_path / "a.nii")
    assert image.array.dtype == dtype
    assert np.array_equal(image.array[0].T, nib.load(tmp_path / "a.nii").get_fdata())
    assert probe(tmp_path / "a.nii").agrees(image)


def test_sform_goes_before_qform_and_qform_before_spacing(tmp_path: Path) -> None:
    array = noise((5, 6, 4))
    file = nib.Nifti1Image(array, None)
    file.header.set_zooms((0.5, 0.75, 2.5))
    path = tmp_path / "a.nii"
    nib.save(file, path)
    assert read(path).geometry == Geometry.detector((2.5, 0.75, 0.5))
    file.set_qform(np.diag([0.5, 0.75, 2.5, 1]), 1)
    file.set_sform(np.diag([9, 9, 9, 1]), 0)
    nib.save(file, path)
    assert read(path).geometry.frame is Frame.PATIENT
    assert read(path).geometry.spacing_mm == (2.5, 0.75, 0.5)
    file.set_sform(np.diag([3, 2, 1, 1]), 2)
    nib.save(file, path)
    assert read(path).geometry.spacing_mm == (1, 2, 3)
    file.header["srow_x"] = file.header["srow_y"] = file.header["srow_z"] = 0
    (tmp_path / "b.nii").write_bytes(path.read_bytes())
    content = bytearray(path.read_bytes())
    content[280:328] = bytes(48)
    path.write_bytes(content)
    assert read(path).geometry.spacing_mm == (2.5, 0.75, 0.5)


@pytest.mark.parametrize(("code", "factor"), [(0, 1), (1, 1000), (2, 1), (3, 0.001)])
def test_units_become_mm(code: int, factor: float, tmp_path: Path) -> None:
    save(noise((5, 6, 4)), np.diag([1.0, 2.0, 4.0, 1.0]), tmp_path / "a.nii", xyzt_units=code)
    assert read(tmp_path / "a.nii").geometry.spacing_mm == pytest.approx(
        (4 * factor, 2 * factor, factor)
    )


@pytest.mark.parametrize(("shape", "channels"), [((5, 6, 4, 7), 7), ((5, 6, 4, 1, 2), 2)])
def test_further_axes_are_channels(shape: tuple[int, ...], channels: int, tmp_path: Path) -> None:
    array = noise(shape)
    save(array, np.eye(4), tmp_path / "a.nii")
    image = read(tmp_path / "a.nii")
    assert image.array.shape == (channels, 4, 6, 5)
    for channel in range(channels):
        assert np.array_equal(image.array[channel].T, array.reshape(5, 6, 4, -1)[..., channel])


def test_rgb_voxels_are_channels(tmp_path: Path) -> None:
    array = np.zeros((5, 6, 4), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    array["G"] = noise((5, 6, 4), "uint8")
    save(array, np.eye(4), tmp_path / "a.nii")
    image = read(tmp_path / "a.nii")
    assert image.channels == ("red", "green", "blue")
    assert np.array_equal(image.array[1].T, array["G"])
    assert probe(tmp_path / "a.nii").agrees(image)


def test_big_endian_and_version_2_are_read(tmp_path: Path) -> None:
    array = noise((5, 6, 4), "int16")
    header = nib.Nifti1Header(endianness=">")
    nib.save(nib.Nifti1Image(array.astype(">i2"), np.eye(4), header), tmp_path / "a.nii")
    nib.save(nib.Nifti2Image(array, np.eye(4)), tmp_path / "b.nii.gz")
    for name in ("a.nii", "b.nii.gz"):
        image = read(tmp_path / name)
        assert image.array.dtype.isnative
        assert np.array_equal(image.array[0].T, array)


def test_a_length_beyond_version_1_is_written_as_version_2(tmp_path: Path) -> None:
    image = Image(noise((1, 2, 40000), "uint8"), Geometry.detector((1.0, 0.5)))
    write(image, tmp_path / "a.nii.gz")
    assert isinstance(nib.load(tmp_path / "a.nii.gz"), nib.Nifti2Image)
    assert read(tmp_path / "a.nii.gz").is_equal(image)


@pytest.mark.parametrize(("dtype", "kept"), [("bool", "uint8"), ("float16", "float32")])
def test_types_that_are_lacking_are_widened(dtype: str, kept: str, tmp_path: Path) -> None:
    image = Image(noise((1, 4, 6, 5), dtype, 2), turned())
    write(image, tmp_path / "a.nii.gz")
    back = read(tmp_path / "a.nii.gz")
    assert back.array.dtype == kept
    assert np.array_equal(back.array, image.array)


def test_complex_numbers_and_pairs_are_refused(tmp_path: Path) -> None:
    save(np.zeros((5, 6, 4), np.complex64), np.eye(4), tmp_path / "a.nii")
    with pytest.raises(FileError, match="make no image"):
        read(tmp_path / "a.nii")
    nib.save(nib.Nifti1Pair(noise((5, 6, 4)), np.eye(4)), tmp_path / "b.hdr")
    with pytest.raises(FileError, match="pair"):
        read(tmp_path / "b.hdr")


def test_a_declared_giant_is_refused_at_once(tmp_path: Path) -> None:
    content = bytearray(nib.Nifti1Image(noise((5, 6, 4)), np.eye(4)).to_bytes())
    content[42:48] = np.array([32767] * 3, "<i2").tobytes()
    (tmp_path / "a.nii").write_bytes(content)
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(bytes(content)))
    for name in ("a.nii", "a.nii.gz"):
        for action in (read, probe):
            with pytest.raises(FileError, match="larger than the limit"):
                action(tmp_path / name)


def test_real_volumes_agree_with_simpleitk(shared_data: object) -> None:
    for name in ("example_ct.nii.gz", "example_mr_sm.nii.gz"):
        path = shared_data("segmentation/ct_mr_totalsegmentator_example") / name
        image, peer = read(path), sitk.ReadImage(str(path))
        assert np.array_equal(image.array[0], sitk.GetArrayFromImage(peer))
        far = tuple(length - 1 for length in image.size)
        theirs = peer.TransformIndexToPhysicalPoint(far[::-1])
        assert np.allclose(image.geometry.to_world(far), theirs, atol=1e-2)
