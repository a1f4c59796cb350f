from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from scanwright.base import GeometryError
from scanwright.data.image_planes import ImagePlanes, planes_of
from scanwright.data.probing import group_cases
from scanwright.data.sr_item import InstanceReference
from scanwright.data.sr_region import PlaneRegion, SpaceRegion
from scanwright.data.sr_shape import shape_of
from scanwright.image import Edges, Floats
from scanwright.io import probe, read_series
from tests.data.builders import make_dicom, make_series

BOX = np.array([[1.0, 3], [2, 6]])


def planes(*files: Path) -> ImagePlanes:
    headers = {file: probe(file) for file in files}
    (case,), _ = group_cases(headers)
    return planes_of(case, headers)


def in_space(image: ImagePlanes, graphic: str, index: Floats) -> Edges | None:
    """Return the box of points given in index units of an image, in index units."""
    world = image.geometry.to_world(index)
    shape = shape_of(graphic, world.ravel(), 3)
    assert shape is not None
    edges = image.edges_of(SpaceRegion(shape, image.frame_uid))
    return None if edges is None else edges - 0.5


def test_each_file_of_a_series_is_the_plane_it_is_read_as(tmp_path: Path) -> None:
    files = make_series(tmp_path, 0, "p")
    image = planes(*files[::-1])
    volume = read_series(files)
    assert image.geometry == volume.geometry
    for file in files:
        ds = pydicom.dcmread(file)
        ((plane,),) = (image.planes[ds.SOPInstanceUID],)
        values = ds.pixel_array * int(ds.RescaleSlope) + int(ds.RescaleIntercept)
        np.testing.assert_array_equal(volume.array[0, plane], values)
        edges = image.edges_of(PlaneRegion(InstanceReference(ds.SOPInstanceUID, (1,)), BOX))
        assert edges is not None
        assert edges.tolist() == [[plane, plane + 1], [1, 3], [2, 6]]


def test_a_region_of_another_image_or_size_is_in_no_plane(tmp_path: Path) -> None:
    file = make_dicom(tmp_path / "a.dcm", 0, "a")
    image = planes(file)
    (uid,) = image.planes
    assert image.edges_of(PlaneRegion(InstanceReference(uid), BOX, (8, 9))) is BOX
    assert image.edges_of(PlaneRegion(InstanceReference(uid), BOX, (9, 8))) is None
    assert image.edges_of(PlaneRegion(InstanceReference("1.2"), BOX)) is None
    assert image.frame_uid == ""  # a detector is nowhere in the patient


def test_a_flat_region_fills_the_planes_it_lies_in_and_a_solid_one_is_as_it_is(
    tmp_path: Path,
) -> None:
    image = planes(*make_series(tmp_path, 0, "p"))
    square = np.array([[1, 2, 3], [1, 2, 6], [1, 5, 6], [1, 5, 3.0]])
    for off, expected in ((0.0, [0.5, 1.5]), (0.004, [0.5, 1.5]), (0.25, [0.75, 1.75])):
        edges = in_space(image, "POLYGON", square + np.array([off, 0, 0]))
        np.testing.assert_allclose(edges, [expected, [2, 5], [3, 6]], atol=1e-9)
    upright = np.array([[0, 2, 3], [0, 6, 3], [2, 6, 3], [2, 2, 3.0]])
    edges = in_space(image, "POLYGON", upright)
    np.testing.assert_allclose(edges, [[0, 2], [2, 6], [2.5, 3.5]], atol=1e-9)
    ends = np.array([[1, 4, 4], [1.2, 4, 4], [1.1, 3, 4], [1.1, 5, 4], [1.1, 4, 3], [1.1, 4, 5]])
    edges = in_space(image, "ELLIPSOID", ends)
    np.testing.assert_allclose(edges, [[1, 1.2], [3, 5], [3, 5]], atol=1e-9)


def test_a_single_plane_holds_what_lies_on_it(tmp_path: Path) -> None:
    image = planes(make_series(tmp_path, 0, "p")[1])
    assert image.geometry.rank == 2
    square = np.array([[2, 3], [2, 6], [5, 6], [5, 3.0]])
    np.testing.assert_allclose(in_space(image, "POLYGON", square), [[2, 5], [3, 6]], atol=1e-9)
    above = image.geometry.to_world(square) + np.array([0, 0, 2])
    shape = shape_of("POLYGON", above.ravel(), 3)
    assert shape is not None
    assert image.edges_of(SpaceRegion(shape, image.frame_uid)) is None


def test_slices_with_uneven_gaps_are_refused(tmp_path: Path) -> None:
    files = make_series(tmp_path, 0, "p")
    ds = pydicom.dcmread(files[2])
    ds.ImagePositionPatient = [0, 0, 11]
    ds.save_as(files[2])
    with pytest.raises(GeometryError, match="not evenly spaced"):
        planes(*files)


def test_frames_of_one_file_are_planes_in_the_order_of_their_place(
    shared_data: Callable[[str], Path],
) -> None:
    file = shared_data("dicom/pydicom_data/eCT_Supplemental.dcm")
    image = planes(file)
    ((uid, places),) = image.planes.items()
    ds = pydicom.dcmread(file, stop_before_pixels=True)
    for frame, group in enumerate(ds.PerFrameFunctionalGroupsSequence, start=1):
        position = group.PlanePositionSequence[0].ImagePositionPatient
        index = image.geometry.to_index(np.array(position, np.float64))
        np.testing.assert_allclose(index, [places[frame - 1], 0, 0], atol=0.01)
        edges = image.edges_of(PlaneRegion(InstanceReference(uid, (frame,)), BOX))
        assert edges is not None
        assert edges[0].tolist() == [places[frame - 1], places[frame - 1] + 1]
    everywhere = image.edges_of(PlaneRegion(InstanceReference(uid), BOX))
    assert everywhere is not None
    assert everywhere[0].tolist() == [0, image.case.size[0]]
    nowhere = InstanceReference(uid, (len(places) + 1, 0))
    assert image.edges_of(PlaneRegion(nowhere, BOX)) is None
