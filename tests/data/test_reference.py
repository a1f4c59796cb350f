"""Images are read from one file, a series, or several files as channels."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import GeometryError, ShapeError
from scanwright.data.reference import ChannelsReference, FileReference, SeriesReference, shown
from scanwright.image import Image
from tests.data.builders import make_series
from tests.data.mask_builders import put, volume


def test_channels_are_put_together_in_their_order(tmp_path: Path) -> None:
    parts = tuple(
        FileReference(put(tmp_path / f"{seed}.nii.gz", volume(seed))) for seed in range(2)
    )
    reference = ChannelsReference(parts, ("T1", "T2"))
    image = reference.read()
    assert image.channels == ("T1", "T2")
    np.testing.assert_array_equal(image.array[1], volume(1).array[0])
    assert len(reference.files) == 2
    assert reference.source.endswith("0.nii.gz and 1 more")


def test_channels_on_two_grids_are_refused_with_both(tmp_path: Path) -> None:
    other = volume(1)
    moved = Image(other.array, other.geometry.cropped((1, 0, 0)))
    parts = (
        FileReference(put(tmp_path / "a.nii.gz", volume(0))),
        FileReference(put(tmp_path / "b.nii.gz", moved)),
    )
    with pytest.raises(GeometryError, match=r"origin \(0, 0, 2\).*origin \(0, 0, 0\)"):
        ChannelsReference(parts, ("T1", "T2")).read()


def test_there_are_as_many_names_as_channels(tmp_path: Path) -> None:
    part = FileReference(put(tmp_path / "a.nii.gz", volume(0)))
    with pytest.raises(ShapeError, match="1 channels"):
        ChannelsReference((part,), ("T1", "T2")).read()


def test_a_series_names_its_folder(tmp_path: Path) -> None:
    reference = SeriesReference(make_series(tmp_path / "s", 0, "p"))
    assert reference.source.endswith("s (3 files)")
    assert reference.read().size == (3, 8, 9)
    assert shown(Path("a\udcff")) == "a\\udcff"
