from pathlib import Path

import numpy as np
import pydicom

from scanwright.data.seg_region import instance_of, read_pieces
from scanwright.data.sr_region import PlaneRegion, SpaceRegion
from scanwright.io import read_series
from tests.data.builders import make_png
from tests.data.seg_builders import make_seg, stack


def test_each_frame_of_each_segment_is_a_region_where_it_was_drawn(tmp_path: Path) -> None:
    path = make_seg(tmp_path, "a", {"liver": stack((0, 0), (2, 4)), "tumour": stack((1, 1))})
    files = sorted((tmp_path / "a").iterdir())
    geometry = read_series(files).geometry
    pieces = read_pieces(path)
    assert not isinstance(pieces, str)
    found = {}
    for piece in pieces:
        assert isinstance(piece.region, SpaceRegion)
        index = geometry.to_index(piece.region.shape.points)
        ends = np.stack([index.min(axis=0), index.max(axis=0)], axis=1)
        found[piece.segment, round(ends[0, 0])] = ends[1:]
    assert sorted(found) == [(1, 0), (1, 2), (2, 1)]
    np.testing.assert_allclose(found[1, 2], [[1.5, 4.5], [3.5, 6.5]], atol=1e-9)
    np.testing.assert_allclose(found[2, 1], [[1.5, 4.5], [0.5, 3.5]], atol=1e-9)
    assert [piece.frame for piece in pieces] == [1, 2, 3]
    assert instance_of(path) == pydicom.dcmread(path).SOPInstanceUID


def test_frames_without_a_place_are_regions_of_the_images_they_were_derived_from(
    tmp_path: Path,
) -> None:
    path = make_seg(tmp_path, "a", {"liver": stack((1, 4))})
    ds = pydicom.dcmread(path)
    for group in ds.PerFrameFunctionalGroupsSequence:
        del group.PlanePositionSequence
    ds.save_as(path)
    pieces = read_pieces(path)
    assert not isinstance(pieces, str)
    (piece,) = pieces
    assert isinstance(piece.region, PlaneRegion)
    assert piece.region.edges.tolist() == [[2, 5], [4, 7]]
    assert piece.region.size == (8, 9)
    middle = sorted((tmp_path / "a").iterdir())[1]
    assert piece.region.image.uid == pydicom.dcmread(middle).SOPInstanceUID


def test_a_damaged_segmentation_is_a_word(tmp_path: Path) -> None:
    path = make_seg(tmp_path, "a", {"liver": stack((1, 0))})
    ds = pydicom.dcmread(path)
    ds.Rows = 60_000
    ds.save_as(path)
    assert isinstance(read_pieces(path), str)
    picture = make_png(tmp_path / "x.png", 0)
    assert isinstance(read_pieces(picture), str)
    assert instance_of(picture) == ""
