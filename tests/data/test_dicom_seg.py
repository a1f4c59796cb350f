"""DICOM Segmentations say what they outline and are read as channels."""

from pathlib import Path

import numpy as np
import pytest
from highdicom.seg import SegmentationTypeValues

from scanwright.base import FileError
from scanwright.data.dicom_seg import SegReference, read_seg_header
from scanwright.data.mask_grid import find_placement
from scanwright.io import read_series
from tests.data.builders import make_dicom, make_png
from tests.data.seg_builders import make_flat_seg, make_seg, stack


def test_a_header_names_segments_and_series(tmp_path: Path) -> None:
    path = make_seg(tmp_path, "a", {"liver": stack((1, 0)), "tumour": stack((1, 1))})
    header = read_seg_header(path)
    assert header is not None
    assert header.names == ("liver", "tumour")
    series = next((tmp_path / "a").iterdir())
    import pydicom

    assert header.series_uid == pydicom.dcmread(series).SeriesInstanceUID
    assert read_seg_header(series) is None
    assert read_seg_header(make_png(tmp_path / "x.png", 0)) is None


def test_segments_lie_where_they_were_drawn(tmp_path: Path) -> None:
    liver, tumour = stack((1, 0), (2, 4)), stack((1, 1))
    path = make_seg(tmp_path, "a", {"liver": liver, "tumour": tumour})
    image = read_series((tmp_path / "a").iterdir())
    read = SegReference(path).read()
    assert read.array.shape[0] == 2
    placement = find_placement(read.geometry, read.size, image.geometry, image.size)
    assert placement is not None
    for channel, drawn in zip(read.array, (liver, tumour), strict=True):
        np.testing.assert_array_equal(placement.apply(channel, image.size), drawn)


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_segments_of_an_x_ray_are_read_as_one_plane(tmp_path: Path, kind: str) -> None:
    image = make_dicom(tmp_path / "a.dcm", 0, "a")
    masks = {"left": stack((1, 0))[1], "right": stack((1, 5))[1]}
    path = make_flat_seg(tmp_path / "seg.dcm", image, masks, SegmentationTypeValues(kind))
    read = SegReference(path).read()
    np.testing.assert_array_equal(read.array, np.stack(list(masks.values())))
    header = read_seg_header(path)
    assert header is not None
    assert header.names == ("left", "right")
    assert len(header.instance_uids) == 1


def test_a_damaged_object_is_an_error_of_its_file(tmp_path: Path) -> None:
    path = make_seg(tmp_path, "a", {"liver": stack((1, 0))})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FileError, match="cannot be read as a volume"):
        SegReference(path).read()
