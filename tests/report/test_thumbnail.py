"""Thumbnails: PNG data URIs of pixels alone."""

import base64
import io

import numpy as np
import pytest
from PIL import Image as Picture

from scanwright.base import ShapeError
from scanwright.image import Image
from scanwright.report import picture_uri


def decode(uri):
    head, _, body = uri.partition(",")
    assert head == "data:image/png;base64"
    raw = base64.b64decode(body)
    return raw, Picture.open(io.BytesIO(raw))


def chunks(raw):
    names, place = [], 8
    while place < len(raw):
        length = int.from_bytes(raw[place : place + 4], "big")
        names.append(raw[place + 4 : place + 8].decode())
        place += 12 + length
    return set(names)


def test_a_picture_holds_pixels_and_nothing_else():
    raw, picture = decode(picture_uri(np.random.default_rng(0).random((1, 300, 500))))
    assert chunks(raw) == {"IHDR", "IDAT", "IEND"}
    assert picture.size == (224, 134)
    assert picture.mode == "L"


def test_grey_levels_span_the_percentiles():
    ramp = np.linspace(-1000, 3000, 224 * 224).reshape(1, 224, 224)
    _, picture = decode(picture_uri(ramp))
    levels = np.asarray(picture)
    assert (levels.min(), levels.max()) == (0, 255)
    assert abs(int(levels[112, 112]) - 128) < 3


def test_small_images_are_enlarged_by_a_whole_number():
    _, picture = decode(picture_uri(np.eye(28)[None]))
    assert picture.size == (224, 224)
    np.testing.assert_array_equal(np.asarray(picture)[::8, ::8], 255 * np.eye(28))


def test_of_a_volume_the_middle_slice_is_shown():
    volume = np.zeros((1, 9, 112, 112))
    volume[0, 4, :56] = 1
    _, picture = decode(picture_uri(Image.from_array(volume)))
    assert np.asarray(picture)[:112].min() == 255


def test_colours_stay_and_other_channels_give_the_first():
    colour = np.zeros((3, 224, 224))
    colour[0, :112] = 1
    assert decode(picture_uri(colour))[1].getpixel((0, 0)) == (255, 0, 0)
    assert decode(picture_uri(np.zeros((5, 224, 224))))[1].mode == "L"


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan, np.inf])
def test_a_constant_or_broken_image_is_shown_not_crashed(value):
    decode(picture_uri(np.full((1, 30, 30), value)))


def test_a_line_is_no_picture():
    with pytest.raises(ShapeError):
        picture_uri(np.zeros((1, 30)))
