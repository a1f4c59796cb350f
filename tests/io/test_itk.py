"""Tests of NRRD and MetaImage, against SimpleITK and hand-written headers."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813  (its own usual name)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.base import FileError
from scanwright.image import Frame, Geometry, Image
from scanwright.io import probe, read, write
from tests.io.builders import noise, turned

DTYPES = "uint8 int8 uint16 int16 uint32 int32 int64 float32 float64".split()  # noqa: SIM905
SUFFIXES = [".nrrd", ".mha"]


@given(
    data=st.data(),
    shape=hnp.array_shapes(min_dims=3, max_dims=4, max_side=5),
    dtype=st.sampled_from(DTYPES),
    suffix=st.sampled_from(SUFFIXES),
    shear=st.sampled_from([0.0, 0.3]),
)
def test_volumes_and_pictures_round_trip(
    data: st.DataObject,
    shape: tuple[int, ...],
    dtype: str,
    suffix: str,
    shear: float,
    tmp_path: Path,
) -> None:
    rank = len(shape) - 1
    grids = [Geometry.pixels(rank), Geometry.detector((0.3,) * rank)]
    geometry = data.draw(st.sampled_from([*grids, turned(3, shear)] if rank == 3 else grids))
    image = Image(data.draw(hnp.arrays(dtype, shape)), geometry)
    path = tmp_path / f"a{suffix}"
    write(image, path)
    back = read(path)
    assert back.array.dtype == image.array.dtype
    assert np.array_equal(back.array, image.array, equal_nan=image.array.dtype.kind == "f")
    # NRRD keeps spacing × direction, so that the last bit may change.
    assert back.geometry.is_close(geometry, 1e-12)
    assert probe(path).agrees(back)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_geometry_is_what_simpleitk_reads(suffix: str, tmp_path: Path) -> None:
    image = Image(noise((1, 4, 6, 5)), turned())
    write(image, tmp_path / f"a{suffix}")
    peer = sitk.ReadImage(str(tmp_path / f"a{suffix}"))
    assert np.array_equal(sitk.GetArrayFromImage(peer), image.array[0])
    for index in [(0, 0, 0), (3, 5, 4)]:
        theirs = peer.TransformIndexToPhysicalPoint(index[::-1])
        assert np.allclose(image.geometry.to_world(index), theirs, atol=1e-9)


def test_an_nrrd_in_ras_is_turned_to_lps(tmp_path: Path) -> None:
    array = noise((4, 6, 5), "int16")
    head = (
        "NRRD0004\ntype: int16\ndimension: 3\nspace: right-anterior-superior\nsizes: 5 6 4\n"
        "space directions: (0.5,0,0) (0,0.75,0) (0,0,2.5)\nendian: little\nencoding: raw\n"
        "space origin: (10,20,30)\n\n"
    )
    (tmp_path / "a.nrrd").write_bytes(head.encode() + array.tobytes())
    image = read(tmp_path / "a.nrrd")
    assert np.array_equal(image.array[0], array)
    assert image.geometry.axes == "SAR"
    assert image.geometry.origin_lps == (-10, -20, 30)
    assert image.geometry.spacing_mm == (2.5, 0.75, 0.5)


def mhd(folder: Path, data_file: str) -> Path:
    text = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nDimSize = 5 6 4\n"
        f"ElementSpacing = 0.5 0.75 2.5\nElementType = MET_SHORT\nElementDataFile = {data_file}\n"
    )
    path = folder / "a.mhd"
    path.write_text(text)
    return path


def test_a_header_beside_its_data_is_read(tmp_path: Path) -> None:
    array = noise((4, 6, 5), "int16")
    (tmp_path / "a.raw").write_bytes(array.tobytes())
    path = mhd(tmp_path, "a.raw")
    image = read(path)
    assert np.array_equal(image.array[0], array)
    assert image.geometry.spacing_mm == (2.5, 0.75, 0.5)
    (tmp_path / "a.raw").write_bytes(array.tobytes()[:-9])
    with pytest.raises(FileError):
        read(path)
    (tmp_path / "a.raw").unlink()
    with pytest.raises(FileError, match="missing"):
        read(path)


@pytest.mark.parametrize("name", ["/etc/hostname", "../a.raw", "LIST", "a%02d.raw 1 4 1"])
def test_a_header_that_points_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(bytes(240))
    folder = tmp_path / "inner"
    folder.mkdir()
    for action in (read, probe):
        with pytest.raises(FileError, match="not one file beside it"):
            action(mhd(folder, name))


def test_a_detached_nrrd_header_is_held_to_its_folder(tmp_path: Path) -> None:
    array = noise((4, 6, 5), "int16")
    (tmp_path / "a.raw").write_bytes(array.tobytes())
    head = "NRRD0004\ntype: int16\ndimension: 3\nsizes: 5 6 4\nendian: little\nencoding: raw\n"
    (tmp_path / "a.nhdr").write_text(f"{head}data file: a.raw\n")
    assert np.array_equal(read(tmp_path / "a.nhdr").array[0], array)
    (tmp_path / "b.nhdr").write_text(f"{head}data file: ../secret.raw\n")
    with pytest.raises(FileError, match="beside it"):
        read(tmp_path / "b.nhdr")


def test_a_fourth_axis_is_channels(tmp_path: Path) -> None:
    array = noise((7, 4, 6, 5), "float32")
    file = sitk.GetImageFromArray(array, isVector=False)
    sitk.WriteImage(file, str(tmp_path / "a.nrrd"))
    image = read(tmp_path / "a.nrrd")
    assert np.array_equal(image.array, array)
    assert image.geometry.frame is Frame.PATIENT
    assert probe(tmp_path / "a.nrrd").agrees(image)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_cannot_be_held_is_refused(suffix: str, tmp_path: Path) -> None:
    for image in (
        Image(noise((1, 6, 5)), turned(2)),
        Image(noise((1, 6)), Geometry.pixels(1)),
    ):
        with pytest.raises(FileError, match="cannot hold"):
            write(image, tmp_path / f"a{suffix}")
    with pytest.raises(FileError, match="cannot hold"):
        write(Image.from_array(noise((1, 4, 6, 5))), tmp_path / "a.mhd")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("dtype", "kept"), [("bool", "uint8"), ("float16", "float32")])
def test_types_that_are_lacking_are_widened(
    suffix: str, dtype: str, kept: str, tmp_path: Path
) -> None:
    image = Image(noise((1, 4, 6, 5), dtype, 2), turned())
    write(image, tmp_path / f"a{suffix}")
    back = read(tmp_path / f"a{suffix}")
    assert back.array.dtype == kept
    assert np.array_equal(back.array, image.array)


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    file = sitk.GetImageFromArray(np.zeros((4, 6, 5), np.complex64))
    sitk.WriteImage(file, str(tmp_path / "a.nrrd"))
    with pytest.raises(FileError, match="make no image"):
        read(tmp_path / "a.nrrd")


def test_real_nrrd_volumes_agree_with_simpleitk(shared_data: object) -> None:
    paths = sorted((shared_data("segmentation/nrrd_pyradiomics") / "images").glob("*.nrrd"))
    assert paths
    for path in paths:
        image, peer = read(path), sitk.ReadImage(str(path))
        assert np.array_equal(image.array[0], sitk.GetArrayFromImage(peer))
        far = tuple(length - 1 for length in image.size)
        theirs = peer.TransformIndexToPhysicalPoint(far[::-1])
        assert np.allclose(image.geometry.to_world(far), theirs, atol=1e-6)
