"""The insonified sector, found among text and rulers."""

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from scanwright.image import Case, Image, Modality
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.transforms import CropFan, Pipeline, undo
from scanwright.transforms.fan import insonified_sector


def screen(probe: str, index: int, size: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Show a simulated picture on a screen with a name, settings and a ruler; and where it lies."""
    options = CohortOptions.model_validate(
        {"modality": "ultrasound", "size": size, "cases": 9, "protocol": probe}
    )
    picture = simulate_case(options, index).case.image.array[0]
    rim = size // 5
    shown = Pillow.fromarray(np.pad(picture, rim))
    pen = ImageDraw.Draw(shown)
    pen.text((3, 3), "DOE^JANE 1970-01-01", fill=255)
    pen.text((3, size + 2 * rim - 14), "MI 1.2  TIS 0.4", fill=200)
    for tick in range(12):
        row = rim + tick * size // 12
        pen.line((size + 2 * rim - 8, row, size + 2 * rim - 3, row), fill=255)
    where = np.zeros(np.array(shown).shape, dtype=bool)
    where[rim:-rim, rim:-rim] = True
    return np.array(shown), where


def scanned(probe: str, size: int = 200) -> np.ndarray:
    """Return where anything is ever shown: the sector, from pictures laid over each other."""
    shown = [screen(probe, index, size) for index in range(6)]
    return np.max([np.where(where, picture, 0) for picture, where in shown], axis=0) > 0


@pytest.mark.parametrize("probe", ["linear", "curved"])
def test_the_sector_is_found_and_the_text_disappears(probe: str) -> None:
    for index in range(3):
        shown, where = screen(probe, index)
        guess = insonified_sector(shown.astype(float))
        truth = np.max(np.where(where, shown, 0)[None], axis=0) > 0
        assert truth[guess].mean() > 0.9  # shadows inside are dark
        assert guess[truth].mean() > 0.985
        assert not guess[~where].any()
        cropped = Pipeline((CropFan(),)).apply_image(Image.from_array(shown[None]))
        assert cropped.size[0] <= 203
        outside = ~guess
        back = undo(*Pipeline((CropFan(),)).apply(Case.of(Image.from_array(shown[None]))))
        rim = outside & ~where
        assert np.all(back.image.array[0][rim] == 0)  # the name is gone


def test_the_top_of_a_curved_probe_is_cut_along_its_face() -> None:
    shown, where = screen("curved", 0)
    guess = insonified_sector(shown.astype(float))
    middle = shown.shape[1] // 2
    first_echo = int(np.flatnonzero(np.where(where, shown, 0)[:, middle] > 10)[0])
    first_kept = int(guess[:, middle].argmax())
    assert abs(first_echo - first_kept) <= 2
    assert first_kept > int(guess.any(axis=1).argmax()) + 5  # lower than at the sides


@pytest.mark.parametrize("grey", [0, 40])
def test_a_grey_screen_and_a_large_picture_are_taken(grey: int) -> None:
    shown, where = screen("linear", 1, 480)
    shown = np.where(shown == 0, grey, shown)
    guess = insonified_sector(shown.astype(float))
    assert not guess[~where].any()
    assert guess.mean() > 0.3


def test_a_picture_without_a_rim_stays_whole() -> None:
    options = CohortOptions(modality=Modality.ULTRASOUND, size=96, cases=3)
    picture = simulate_case(options, 1).case.image
    tight = picture.cropped((4, 4), (60, 88))
    assert Pipeline((CropFan(),)).apply_image(tight).size == tight.size


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
@pytest.mark.parametrize("size", [(1, 1), (23, 90), (40, 40)])
def test_nothing_to_find_leaves_the_image(value: float, size: tuple[int, int]) -> None:
    image = Image.from_array(np.full((1, *size), value))
    assert Pipeline((CropFan(),)).apply_image(image).is_equal(image)


def test_text_alone_is_no_sector() -> None:
    page = Pillow.new("L", (200, 150))
    ImageDraw.Draw(page).text((60, 70), "no image stored", fill=255)
    image = Image.from_array(np.array(page)[None])
    assert Pipeline((CropFan(),)).apply_image(image).is_equal(image)
