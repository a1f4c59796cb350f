"""A mask is counted per structure, with where it touches the edge."""

import numpy as np
import pytest

from scanwright.auditing.mask_look import look_at_mask
from scanwright.image import Geometry, Image, LabelScheme, MaskTarget

TWO = LabelScheme.of_classes(("liver", "tumour"))


def target(array: np.ndarray, scheme: LabelScheme = TWO, geometry: Geometry | None = None):
    image = Image(array[None].astype(np.uint8), geometry or Geometry.axial((2.0, 1.0, 0.5)))
    return MaskTarget(image, scheme)


def test_elements_volume_and_edge() -> None:
    array = np.zeros((4, 5, 6))
    array[0:2, 1:3, 1:3] = 1
    array[2, 2, 2] = 2
    look = look_at_mask(target(array))
    assert look.elements == (8, 1)
    assert look.at_edge == (True, False)
    assert look.total == 120
    assert look.element_ml == pytest.approx(0.001)
    assert not look.is_empty


def test_regions_count_all_their_values() -> None:
    scheme = LabelScheme(("all", "core"), ((1, 2), (2,)), ignore=9)
    look = look_at_mask(target(np.array([[[1, 2, 9]]]), scheme))
    assert look.elements == (2, 1)


def test_an_axis_of_length_one_has_no_edge() -> None:
    array = np.zeros((1, 5, 6))
    array[0, 2, 2] = 1
    assert look_at_mask(target(array)).at_edge == (False, False)


def test_pictures_have_no_volume_and_empty_masks_are_empty() -> None:
    look = look_at_mask(target(np.zeros((5, 6)), geometry=Geometry.pixels(2)))
    assert look.element_ml is None
    assert look.is_empty


def test_equal_masks_have_one_digest() -> None:
    one, other = np.zeros((2, 3, 4)), np.ones((2, 3, 4))
    assert look_at_mask(target(one)).digest == look_at_mask(target(one)).digest
    assert look_at_mask(target(one)).digest != look_at_mask(target(other)).digest
    turned = one.reshape(3, 2, 4)
    assert look_at_mask(target(one)).digest != look_at_mask(target(turned)).digest
