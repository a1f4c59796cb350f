"""What all transforms share: several images, foreign targets, a third party's own."""

import numpy as np
import pytest

from scanwright.base import RecipeError
from scanwright.image import Case, ClassTarget, Image
from scanwright.transforms import Drawn, Pipeline, Resize, Transform, ZScore, undo
from scanwright.transforms.transform import per_axis


class AddNoise:
    """A transform of somebody else's: random, and no Options."""

    kind = "add_noise"

    def draw(self, case: Case, rng: np.random.Generator) -> Drawn:
        return rng.normal(size=case.image.array.shape)

    def apply(self, case: Case, drawn: Drawn) -> Case:
        return case.map_images(lambda image: image.with_array(image.array + drawn))

    def undo(self, case: Case, drawn: Drawn) -> Case:
        return case.map_images(lambda image: image.with_array(image.array - drawn))


def test_a_random_transform_of_another_package_fits_in() -> None:
    step: Transform = AddNoise()
    case = Case.of(Image.from_array(np.zeros((1, 3, 3))))
    first, trace = Pipeline((step,)).apply(case, np.random.default_rng(5))
    again, _ = Pipeline((step,)).apply(case, np.random.default_rng(5))
    other, _ = Pipeline((step,)).apply(case, np.random.default_rng(6))
    assert first.image.is_equal(again.image)
    assert not first.image.is_equal(other.image)
    np.testing.assert_allclose(undo(first, trace).image.array, 0, atol=1e-15)


def test_every_image_has_its_own_facts() -> None:
    rng = np.random.default_rng(0)
    images = {
        "t1": Image.from_array(rng.normal(5, 2, (1, 8, 8))),
        "t2": Image.from_array(rng.normal(900, 40, (1, 6, 12))),
    }
    case = Case("a", images, ClassTarget("ill"))
    changed, trace = Pipeline((ZScore(), Resize(size=(4,)))).apply(case)
    assert changed.target == ClassTarget("ill")
    assert [image.size for image in changed.images.values()] == [(4, 4), (4, 4)]
    back = undo(changed, trace)
    assert back.images["t2"].size == (6, 12)
    assert back.images["t2"].array.mean() == pytest.approx(900, abs=15)


def test_one_value_serves_all_axes() -> None:
    assert per_axis((3,), 3, "x") == (3, 3, 3)
    assert per_axis((3, 4), 2, "x") == (3, 4)
    with pytest.raises(RecipeError):
        per_axis((3, 4), 3, "x")
