import numpy as np

from scanwright.auditing import take_look
from scanwright.auditing.look import PICTURE, digest_of
from scanwright.data.quality import digest_pixels
from scanwright.image import Image
from tests.auditing.builders import anatomy, survey_of


def look(array: np.ndarray):
    return take_look(Image.from_array(array))


def test_numbers_of_an_image() -> None:
    array = np.zeros((1, 10, 10), np.uint16)
    array[0, :2] = 4095
    seen = look(array)
    assert (seen.low, seen.high, seen.bits, seen.stored_bits) == (0, 4095, 12, 16)
    assert (seen.at_low, seen.at_high, seen.levels) == (0.8, 0.2, 2)
    assert seen.picture.shape == (PICTURE, PICTURE)


def test_lost_values_are_counted_and_harm_nothing_else() -> None:
    array = np.random.default_rng(0).normal(size=(1, 20, 20)).astype(np.float32)
    array[0, 0] = np.nan
    array[0, 1, 0] = np.inf
    seen = look(array)
    assert round(seen.lost * 400) == 21
    assert np.isfinite([seen.low, seen.high, seen.middle, seen.spread]).all()
    nothing = look(np.full((1, 8, 8), np.nan, np.float32))
    assert nothing.lost == 1
    assert nothing.is_constant


def test_volumes_colours_lines_and_truth_values_are_looked_at() -> None:
    rng = np.random.default_rng(0)
    volume = look(rng.integers(0, 255, (1, 9, 20, 30)).astype(np.int16))
    assert volume.picture.std() > 0
    grey = np.repeat(anatomy(rng), 3, axis=0)
    assert look(grey).is_grey
    red = grey.copy()
    red[0, 5:40, 5:40] = 255
    assert not look(red).is_grey
    assert look(rng.random((1, 50)).astype(np.float32)).picture.shape == (PICTURE, PICTURE)
    assert look(rng.random((1, 9, 9)) > 0.5).bits == 1


def test_the_digest_is_that_of_the_split() -> None:
    survey = survey_of([anatomy(np.random.default_rng(n)) for n in range(3)])
    assert digest_pixels(survey.entries).of == survey.digests
    one = np.zeros((1, 4, 4), np.uint8)
    assert digest_of(one) != digest_of(one.astype(np.int8))
