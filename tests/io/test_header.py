"""Tests of headers."""

from dataclasses import replace

import numpy as np

from scanwright.image import Geometry, Image, Modality
from scanwright.io import Header


def test_spacing_is_unknown_for_plain_pictures() -> None:
    assert Header("png", (4, 5), 1, "uint8", Geometry.pixels(2)).spacing_mm is None
    header = Header("dicom", (4, 5), 1, "uint8", Geometry.detector((0.1, 0.2)))
    assert header.spacing_mm == (0.1, 0.2)


def test_a_header_agrees_only_with_its_own_image() -> None:
    header = Header("png", (4, 5), 1, "uint8", Geometry.pixels(2))
    image = Image.from_array(np.zeros((1, 4, 5), np.uint8))
    assert header.agrees(image)
    for other in (
        replace(header, size=(5, 4)),
        replace(header, channels=3),
        replace(header, dtype="uint16"),
        replace(header, geometry=Geometry.detector((1.0, 1.0))),
        replace(header, modality=Modality.CT),
    ):
        assert not other.agrees(image)


def test_naming_keeps_the_rest() -> None:
    header = Header("", (4, 5), 3, "uint8", Geometry.pixels(2)).named("bmp")
    assert (header.format, header.shape) == ("bmp", (3, 4, 5))
