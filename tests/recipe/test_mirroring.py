import pytest

from scanwright.recipe.mirroring import mirrored_axes
from tests.recipe.builders import fingerprint, volumes


@pytest.mark.parametrize("labels", [("left lung", "right lung"), ("Left", "none")])
def test_where_labels_name_a_side_nothing_is_mirrored(labels: tuple[str, ...]) -> None:
    reasons: dict[str, str] = {}
    assert mirrored_axes(fingerprint(labels=labels), reasons, 1) == ()
    assert "name a side" in reasons["augmentation.flips"]


def test_elsewhere_left_and_right_are_exchanged_along_the_axis_given() -> None:
    reasons: dict[str, str] = {}
    assert mirrored_axes(volumes(), reasons, 0) == (0,)
    assert "left and right" in reasons["augmentation.flips"]


def test_pictures_without_a_body_axis_may_be_mirrored_along_any() -> None:
    assert mirrored_axes(volumes(modality="other"), {}, 2) == (0, 1, 2)
