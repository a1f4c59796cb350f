"""Metal and padding of CT."""

import numpy as np
import pytest

from scanwright.base import InputError, RecipeError
from scanwright.image import Modality
from scanwright.phantom import CohortOptions, simulate_case
from scanwright.transforms import ClipMetal, Percentile, Pipeline
from tests.transforms.scenes import picture


def test_a_screw_no_longer_takes_the_scale() -> None:
    truth = simulate_case(CohortOptions(modality=Modality.CT, size=64, cases=2), 0)
    clean = truth.case.image
    array = clean.array.astype(np.float32)
    array[0, 30:33, 30:33] = 20000
    array[0, :2] = -3024
    scale = Percentile(low=0, high=100)
    spoilt = Pipeline((scale,)).apply_image(clean.with_array(array)).array
    mended = Pipeline((ClipMetal(), scale)).apply_image(clean.with_array(array)).array
    plain = Pipeline((scale,)).apply_image(clean).array
    body = np.ones_like(plain, dtype=bool)
    body[0, 30:33, 30:33] = body[0, :2] = False
    assert mended[body].std() > 3 * spoilt[body].std()
    assert mended[body].std() == pytest.approx(plain[body].std(), rel=0.5)


def test_tissue_is_left_and_nan_becomes_air() -> None:
    image = picture(np.array([[-2000.0, -1000, 0, 1500, 2500], [np.nan] * 5]), unit="HU")
    changed = Pipeline((ClipMetal(),)).apply_image(image)
    assert changed.array[0].tolist() == [[-1024, -1000, 0, 1500, 2000], [-1024] * 5]
    assert changed.unit == "HU"


def test_other_units_and_a_range_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(InputError, match="HU"):
        Pipeline((ClipMetal(),)).apply_image(picture(np.zeros((2, 2)), unit="SUV"))
    with pytest.raises(RecipeError):
        Pipeline.from_plain([{"kind": "clip_metal", "low": 10.0, "high": 0.0}])
