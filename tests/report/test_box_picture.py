"""Single findings as pictures."""

import re
from dataclasses import replace

import numpy as np
import pytest

from scanwright.base import ShapeError
from scanwright.image import Geometry, Image
from scanwright.report import BoxPicture
from scanwright.report.box_picture import FOUND, TRUE, _cut, findings_svg

MEANT = np.array([[9.5, 19.5], [29.5, 39.5]])


def picture(image: Image, *edges: np.ndarray, meant: np.ndarray = MEANT) -> BoxPicture:
    truth, guess = (np.array([one]) for one in edges)
    return BoxPicture(image, truth, guess, np.array([0.87]), meant, "Case 1")


def plain(size: tuple[int, ...], geometry: Geometry | None = None) -> Image:
    values = np.arange(np.prod(size), dtype=np.float32).reshape(1, *size)
    return Image(values, geometry or Geometry.pixels(len(size)))


def test_boxes_are_drawn_in_two_colours_with_a_legend() -> None:
    svg = findings_svg("x", [picture(plain((60, 80)), MEANT, MEANT + 1)])
    for words in (TRUE, FOUND, "stroke-dasharray", "0.87", "Case 1", "found, with its score"):
        assert words in svg


@pytest.mark.parametrize("count", [1, 4, 5, 8])
def test_the_words_above_the_first_row_are_seen_whole(count: int) -> None:
    """Two lines of words stand above a picture; the sheet once ended in the upper one."""
    one = replace(picture(plain((60, 60)), MEANT, MEANT), words="above\nbelow")
    svg = findings_svg("x", [one] * count)
    heights = [
        float(y)
        for y, words in re.findall(r"translate\([\d.]+ ([\d.-]+)\)[^>]*>([^<]*)</text>", svg)
        if words == "above"
    ]
    assert len(heights) == count
    assert min(heights) >= 9  # the foot of letters 9 units high


def test_the_window_lies_around_the_finding_and_inside_the_image() -> None:
    cut = _cut(picture(plain((200, 200)), MEANT, MEANT))
    assert cut.spans.tolist() == [[0, 60], [5, 65]]
    assert cut.levels.shape == (60, 60, 3)
    # An element's edges are counted from the corner of the first one.
    assert cut.truth.tolist() == [[[10, 20], [30, 40]]]


def test_a_large_finding_is_shown_whole() -> None:
    meant = np.array([[-0.5, 59.5], [-0.5, 79.5]])
    cut = _cut(picture(plain((60, 80)), meant, meant, meant=meant))
    assert cut.spans.tolist() == [[0, 60], [0, 80]]


def test_a_volume_is_cut_through_the_middle_and_shown_as_readers_expect() -> None:
    meant = np.array([[2.5, 6.5], [9.5, 19.5], [29.5, 39.5]])
    far = meant + np.array([[10], [0], [0]])
    # The patient's right at the array's right: the picture is turned round.
    directions = np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]])
    image = plain((20, 60, 80), Geometry((3.0, 1.0, 1.0), directions))
    cut = _cut(picture(image, meant, far, meant=meant))
    assert cut.plane.across == 0
    assert cut.truth.tolist() == [[[10, 20], [40, 50]]]
    assert len(cut.guess) == len(cut.scores) == 0


def test_an_outline_encloses_the_elements_that_are_in_the_box() -> None:
    values = np.zeros((1, 60, 80), np.float32)
    values[0, 10:20, 30:40] = 1
    cut = _cut(picture(Image.from_array(values), MEANT, MEANT))
    (top, bottom), (left, right) = (cut.truth[0] - cut.spans[:, :1]).astype(int)
    assert (cut.levels[top:bottom, left:right] == 255).all()
    assert cut.levels[..., 0].sum() == 255 * 100


def test_colour_is_kept_in_a_plane() -> None:
    values = np.random.default_rng(0).random((3, 60, 80)).astype(np.float32)
    cut = _cut(picture(Image.from_array(values), MEANT, MEANT))
    assert not np.array_equal(cut.levels[..., 0], cut.levels[..., 1])


def test_of_ten_thousand_boxes_those_nearest_to_the_one_meant_are_drawn() -> None:
    low = np.random.default_rng(0).uniform(0, 190, (10_000, 2))
    many = np.concatenate([np.stack([low, low + 8], axis=2), MEANT[None]])
    shown = BoxPicture(plain((200, 200)), many, many, np.arange(10_001.0), MEANT)
    cut = _cut(shown)
    assert len(cut.truth) == len(cut.guess) == 16
    assert cut.scores[-1] == 10_000
    assert np.abs(cut.guess.mean(axis=2) - [15, 35]).max() < 8


def test_boxes_out_of_sight_are_not_drawn() -> None:
    cut = _cut(picture(plain((200, 200)), MEANT + 120, MEANT))
    assert len(cut.truth) == 0
    assert cut.guess.shape == (1, 2, 2)


def test_boxes_of_another_rank_are_refused() -> None:
    with pytest.raises(ShapeError, match="grid of their image"):
        picture(plain((5, 60, 80)), MEANT, MEANT)
