import numpy as np

from scanwright.data.sr_item import InstanceReference
from scanwright.data.sr_region import PlaneRegion, SegmentRegion, SpaceRegion
from scanwright.data.sr_shape import Shape


def test_regions_are_values_that_do_not_print_their_coordinates() -> None:
    image = InstanceReference("1.2")
    square = Shape(np.zeros((4, 3)), np.zeros((0, 3)))
    for region in (
        PlaneRegion(image, np.zeros((2, 2))),
        SpaceRegion(square, "1.3"),
        SegmentRegion(image),
    ):
        assert "array" not in repr(region)
    assert PlaneRegion(image, np.zeros((2, 2))).size == ()
    assert SpaceRegion(square, "1.3").series_uid == ""
