import numpy as np
import pytest
from PIL import Image as Sheet
from PIL import ImageDraw, ImageFont

from scanwright.auditing.lettering import find_lettering


def speckle(seed: int, shape: tuple[int, int] = (256, 320)) -> np.ndarray:
    """Draw ultrasound-like speckle, up to mid grey."""
    rng = np.random.default_rng(seed)
    small = rng.rayleigh(50, (shape[0] // 2, shape[1] // 2))
    sheet = Sheet.fromarray(np.clip(small, 0, 170).astype(np.uint8))
    return np.asarray(sheet.resize(shape[::-1], Sheet.Resampling.BILINEAR))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("words", "size"), [("LEFT BREAST", 14), ("RT 10.5 cm", 20), ("DOB 1953", 12)]
)
def test_drawn_text_is_found_where_it_was_drawn(seed: int, words: str, size: int) -> None:
    sheet = Sheet.fromarray(speckle(seed))
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size)
    place = (30 + 20 * seed, 190)
    pen.text(place, words, fill=255, font=font)
    left, top, right, bottom = pen.textbbox(place, words, font=font)
    found = find_lettering(np.asarray(sheet))
    assert found
    for box in found:
        middle = ((box[0] + box[2]) / 2 * 256, (box[1] + box[3]) / 2 * 320)
        assert top - 3 <= middle[0] <= bottom + 3
        assert left - 3 <= middle[1] <= right + 3


def test_dark_text_on_a_bright_ground_is_found() -> None:
    sheet = Sheet.fromarray(np.full((128, 256), 230, np.uint8))
    ImageDraw.Draw(sheet).text((20, 50), "PORTABLE", fill=10, font=ImageFont.load_default(16))
    assert find_lettering(np.asarray(sheet))


@pytest.mark.parametrize("seed", range(10))
def test_speckle_and_single_marks_are_no_text(seed: int) -> None:
    plane = speckle(seed).copy()
    plane[50:60, 80:82] = 255
    plane[54:56, 76:86] = 255
    assert find_lettering(plane) == ()
