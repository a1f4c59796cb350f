import numpy as np

from scanwright.auditing import Severity
from scanwright.auditing.marks import check_borders, check_lettering
from tests.auditing.builders import bodies, survey_of
from tests.auditing.test_lettering import speckle


def test_borders_that_go_with_the_label_are_a_warning() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.integers(20, 255, (1, 60, 60)).astype(np.uint8) for _ in range(40)]
    for one in arrays[::2]:
        one[:, :, :9] = 0
    (found,) = check_borders(survey_of(arrays, "ab" * 20))
    assert found.severity is Severity.WARNING
    assert len(found.cases) == 20
    assert "left 15%" in found.words["case 000"]
    (found,) = check_borders(survey_of(arrays, "aabb" * 10))
    assert found.severity is Severity.NOTE


def test_text_is_found_with_its_place() -> None:
    from PIL import Image as Sheet
    from PIL import ImageDraw, ImageFont

    arrays = [speckle(n)[None].copy() for n in range(6)]
    sheet = Sheet.fromarray(arrays[2][0])
    ImageDraw.Draw(sheet).text((10, 230), "LEFT BREAST", fill=255, font=ImageFont.load_default(15))
    arrays[2] = np.asarray(sheet)[None]
    (found,) = check_lettering(survey_of(arrays, "aaabbb"))
    # Speckle can look like a letter or two; of six images one more may be named, and no more.
    assert found.words["case 002"] == "bottom left"
    assert len(found.words) <= 2
    assert check_lettering(survey_of(bodies(3))) == []
