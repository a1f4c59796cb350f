"""Tests of where DICOM images lie."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from scanwright.base import FileError
from scanwright.image import Frame, Geometry
from scanwright.io import frame_order, probe, read
from tests.io.builders import make_dicom, noise

AXIAL = {
    "ImagePositionPatient": [-10.0, -20.0, 30.0],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "PixelSpacing": [0.5, 0.25],
}


def item(**attributes: object) -> pydicom.Dataset:
    ds = pydicom.Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def place(path: Path, **attributes: object) -> Geometry:
    make_dicom(path / "a.dcm", noise((6, 5)), **attributes)
    image = read(path / "a.dcm")
    assert probe(path / "a.dcm").agrees(image)
    return image.geometry


def test_rows_are_the_slow_axis_and_go_along_the_second_direction(tmp_path: Path) -> None:
    facts = AXIAL | {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}
    geometry = place(tmp_path, Modality="MR", **facts)
    assert geometry.spacing_mm == (0.5, 0.25)
    assert np.allclose(geometry.to_world((2, 0)), [-10, -20, 29])
    assert np.allclose(geometry.to_world((0, 2)), [-10, -19.5, 30])
    assert geometry.frame is Frame.PATIENT


@pytest.mark.parametrize(
    ("attributes", "spacing", "source"),
    [
        (
            {"PixelSpacing": [0.1, 0.2], "ImagerPixelSpacing": [0.3, 0.4]},
            (0.1, 0.2),
            "PixelSpacing",
        ),
        ({"ImagerPixelSpacing": [0.3, 0.4]}, (0.3, 0.4), "ImagerPixelSpacing"),
        ({"NominalScannedPixelSpacing": [0.3, 0.4]}, (0.3, 0.4), "NominalScannedPixelSpacing"),
        (
            {"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.3, 0.4]},
            (0.3, 0.4),
            "ImagerPixelSpacing",
        ),
    ],
)
def test_projections_lie_on_a_detector(
    attributes: dict[str, object], spacing: tuple[float, float], source: str, tmp_path: Path
) -> None:
    assert place(tmp_path, Modality="DX", **attributes) == Geometry.detector(spacing)
    assert read(tmp_path / "a.dcm").about["spacing_source"] == source


@pytest.mark.parametrize("spacing", [[], [0.0, 0.0], [-1.0, 1.0], [1.0]])
def test_useless_spacing_counts_as_none(spacing: list[float], tmp_path: Path) -> None:
    assert place(tmp_path, PixelSpacing=spacing) == Geometry.pixels(2)


def region(x: float, y: float, **changes: object) -> pydicom.Dataset:
    facts = {
        "RegionSpatialFormat": 1,
        "PhysicalUnitsXDirection": 3,
        "PhysicalUnitsYDirection": 3,
        "PhysicalDeltaX": x,
        "PhysicalDeltaY": y,
    }
    return item(**(facts | changes))


@pytest.mark.parametrize(
    ("regions", "spacing"),
    [
        ([(0.01, 0.02, {})], (0.2, 0.1)),
        ([(-0.01, -0.02, {})], (0.2, 0.1)),
        ([(0.01, 0.02, {}), (0.01, 0.02, {})], (0.2, 0.1)),
        ([(0.01, 0.02, {}), (0.01, 0.03, {})], None),
        ([(0.01, 0.02, {"PhysicalUnitsXDirection": 4})], None),
        ([(0.01, 0.02, {}), (0.5, 9, {"RegionSpatialFormat": 3})], (0.2, 0.1)),
        ([(0.0, 0.0, {})], None),
    ],
)
def test_ultrasound_is_calibrated_by_its_regions(
    regions: list[tuple[float, float, dict[str, int]]],
    spacing: tuple[float, float] | None,
    tmp_path: Path,
) -> None:
    sequence = [region(x, y, **changes) for x, y, changes in regions]
    geometry = place(tmp_path, Modality="US", SequenceOfUltrasoundRegions=sequence)
    if spacing is None:
        assert geometry == Geometry.pixels(2)
    else:
        assert geometry.frame is Frame.DETECTOR
        assert geometry.spacing_mm == pytest.approx(spacing)


def enhanced(path: Path, heights: list[float], **attributes: object) -> np.ndarray:
    """Write frames with functional groups, in the order of `heights`."""
    frames = noise((len(heights), 6, 5))
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelMeasuresSequence=[item(PixelSpacing=[0.5, 0.25])],
    )
    single = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=[-10.0, -20.0, height])],
            PixelValueTransformationSequence=[item(RescaleSlope=1 + index, RescaleIntercept=-5)],
        )
        for index, height in enumerate(heights)
    ]
    make_dicom(
        path,
        frames,
        Modality="MR",
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=single,
        **attributes,
    )
    return frames


def test_frames_with_places_form_a_volume_in_order(tmp_path: Path) -> None:
    frames = enhanced(tmp_path / "a.dcm", [5.0, 0.0, 2.5])
    image = read(tmp_path / "a.dcm")
    assert probe(tmp_path / "a.dcm").agrees(image)
    assert frame_order(tmp_path / "a.dcm") == (1, 2, 0)
    assert image.geometry == Geometry.axial((2.5, 0.5, 0.25), (-10.0, -20.0, 0.0))
    for place_now, frame in enumerate([1, 2, 0]):
        expected = frames[frame].astype(int) * (frame + 1) - 5
        assert np.array_equal(image.array[0, place_now], expected)


@pytest.mark.parametrize("heights", [[0.0, 0.0, 2.5], [0.0, 2.5, 9.0]])
def test_frames_that_form_no_grid_are_refused(heights: list[float], tmp_path: Path) -> None:
    enhanced(tmp_path / "a.dcm", heights)
    for action in (read, probe):
        with pytest.raises(FileError, match=r"same place|evenly") as caught:
            action(tmp_path / "a.dcm")
        assert caught.value.where == tmp_path / "a.dcm"


def test_a_film_is_refused(tmp_path: Path) -> None:
    make_dicom(tmp_path / "a.dcm", noise((7, 6, 5), "uint8"), Modality="US")
    with pytest.raises(FileError, match="no place in space"):
        read(tmp_path / "a.dcm")
    make_dicom(tmp_path / "b.dcm", noise((7, 6, 5), "uint8"), Modality="NM", **AXIAL)
    with pytest.raises(FileError, match="no place in space"):
        read(tmp_path / "b.dcm")


def test_a_dose_grid_is_a_volume(tmp_path: Path) -> None:
    facts = AXIAL | {"GridFrameOffsetVector": [0.0, 2.0, 4.0, 6.0]}
    frames = noise((4, 6, 5), "uint16")
    make_dicom(tmp_path / "a.dcm", frames, Modality="RTDOSE", **facts)
    image = read(tmp_path / "a.dcm")
    assert np.array_equal(image.array[0], frames)
    assert image.geometry == Geometry.axial((2.0, 0.5, 0.25), (-10.0, -20.0, 30.0))


def test_directions_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    for cosines in ([1, 0, 0, 1, 0, 0], [1, 0, 0, 0.5, 0.866, 0], [3, 0, 0, 0, 1, 0]):
        facts = AXIAL | {"ImageOrientationPatient": cosines}
        make_dicom(tmp_path / "a.dcm", noise((6, 5)), **facts)
        with pytest.raises(FileError, match="usable image"):
            read(tmp_path / "a.dcm")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("philips_enhanced/anatomical/001/IM-0001-0170-0001.dcm", 3),
        ("siemens_multiframe/anatomical/001/IM-0001-0001-0001.dcm", 3),
    ],
)
def test_real_enhanced_objects_are_volumes(name: str, size: int, shared_data: object) -> None:
    image = read(shared_data("dicom/dicom2nifti_series") / name)
    assert image.rank == size
    assert image.geometry.frame is Frame.PATIENT
    assert image.geometry.is_orthogonal
