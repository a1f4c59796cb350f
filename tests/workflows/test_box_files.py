"""Findings are pictured where they are: in planes, and in slices seen as a reader sees them."""

from pathlib import Path

import numpy as np
import pytest
from tests.workflows.box_scenes import (
    LABELS,
    OBLIQUE,
    found_in,
    grey,
    in_picture,
    in_volume,
    nothing_in_picture,
)

from scanwright.image import Array, Geometry, Image
from scanwright.io import read
from scanwright.report import planes_of
from scanwright.workflows.box_files import (
    GAP,
    LEAST_EDGE,
    MOST_SLICES,
    SLICE_EDGE,
    View,
    boxes_overlay,
    write_boxes,
)
from scanwright.workflows.outline_files import COLOURS

PIXELS = Geometry.pixels(2)
AXIAL = Geometry.axial((2.0, 1.0, 1.0))


def spans(shown: Array, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return the first and last row and column of a colour."""
    rows, columns = np.nonzero((shown == np.array(colour)[:, None, None]).all(axis=0))
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_a_box_is_drawn_around_its_elements_and_hides_none() -> None:
    image = grey((48, 64), PIXELS)
    shown = boxes_overlay(image, in_picture())
    assert shown.shape == (3, 48 * 8, LEAST_EDGE)
    assert shown.dtype == np.uint8
    # Rows 10 to 19 and columns 30 to 59, eight pixels each; a line of two pixels lies outside.
    inside = shown[:, 80:160, 240:480]
    assert (inside[0] == inside[1]).all()
    _, bottom, left, right = spans(shown, COLOURS[1])
    assert (bottom, left, right) == (161, 238, 481)
    np.testing.assert_array_equal(shown[:, 120, 238:240].T, [COLOURS[1]] * 2)


def test_what_is_not_reported_is_not_drawn() -> None:
    shown = boxes_overlay(grey((48, 64), PIXELS), in_picture())
    assert not (shown == np.array(COLOURS[0])[:, None, None]).all(axis=0).any()


def test_a_picture_without_findings_is_plain_grey(tmp_path: Path) -> None:
    found = write_boxes(nothing_in_picture(), grey((48, 64), PIXELS), tmp_path / "new", "one")
    assert [file.name for file in found.files] == ["one_overlay.png"]
    shown = read(found.files[0]).array
    assert (shown[0] == shown[1]).all()


def test_pixels_of_a_picture_are_square_though_the_image_s_are_not() -> None:
    view = View.of(planes_of(PIXELS)[0], (100, 400), Geometry.detector((2.0, 1.0)))
    assert view.pixels == (256, 512)
    large = View.of(planes_of(PIXELS)[0], (6000, 3000), PIXELS)
    assert large.pixels == (6000, 3000)
    odd = View.of(planes_of(PIXELS)[0], (100, 100), Geometry.detector((100.0, 0.5)))
    assert odd.pixels == (4096, 20)


def test_a_box_lies_in_a_turned_slice_where_its_elements_lie() -> None:
    # Index axes to the front, to the head and to the right: all turn over in an axial slice.
    directions = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    geometry = Geometry((1.0, 2.0, 1.0), directions)
    pixels = np.zeros((1, 24, 12, 30), np.float32)
    pixels[:, 3:7, 4:6, 20:28] = 1.0
    rows = [([[2.5, 6.5], [3.5, 5.5], [19.5, 27.5]], 0, 0.9)]
    found = found_in(geometry, (24, 12, 30), rows)
    view = View.of(planes_of(geometry)[0], found.size, geometry)
    shown = np.asarray(view.draw(Image(pixels, geometry), 4, (0.0, 1.0)).convert("L"))
    rows_lit, columns_lit = np.nonzero(shown > 127)
    lit = [
        [rows_lit.min(), rows_lit.max() + 1],
        [columns_lit.min(), columns_lit.max() + 1],
    ]
    # Half grey, between neighbours in the enlarged slice, lies on the edge within a pixel.
    np.testing.assert_allclose(view.along(found.edges)[0], lit, atol=1.0)


def test_a_volume_is_shown_in_a_slice_through_each_finding() -> None:
    shown = boxes_overlay(grey((12, 24, 30), AXIAL), in_volume(AXIAL))
    height = round(SLICE_EDGE * 24 / 30)
    assert shown.shape == (3, height, 2 * SLICE_EDGE + GAP)
    for half in (shown[..., :SLICE_EDGE], shown[..., SLICE_EDGE + GAP :]):
        top, bottom, left, right = spans(half, COLOURS[0])
        assert 0 <= top < bottom < height
        assert 0 <= left < right < SLICE_EDGE


def test_findings_in_one_slice_share_it_and_slices_are_limited() -> None:
    rows = [([[i - 1.0, i + 1.0], [4.0, 9.0], [4.0, 9.0]], 0, 0.9) for i in range(20)]
    many = boxes_overlay(grey((20, 24, 30), AXIAL), found_in(AXIAL, (20, 24, 30), rows))
    height = round(SLICE_EDGE * 24 / 30)
    assert MOST_SLICES == 12
    assert many.shape == (3, 3 * (height + GAP) - GAP, 4 * (SLICE_EDGE + GAP) - GAP)
    one = found_in(AXIAL, (20, 24, 30), [rows[5], rows[5]])
    assert boxes_overlay(grey((20, 24, 30), AXIAL), one).shape == (3, height, SLICE_EDGE)


def test_a_volume_without_findings_shows_its_middle(tmp_path: Path) -> None:
    nothing = found_in(OBLIQUE, (12, 24, 30), [])
    found = write_boxes(nothing, grey((12, 24, 30), OBLIQUE), tmp_path, "ct")
    assert len(found) == 0
    assert read(found.files[0]).array.shape[0] == 3


@pytest.mark.parametrize("label", ["Läsion", "結節", "a" * 300])
def test_any_label_can_be_drawn(label: str) -> None:
    found = found_in(PIXELS, (48, 64), [([[-0.5, 2.0], [60.0, 63.5]], 1, 1.0)])
    named = type(found)(
        found.case, found.geometry, found.size, (LABELS[0], label), found.edges, found.classes,
        found.scores,
    )  # fmt: skip
    assert boxes_overlay(grey((48, 64), PIXELS), named).shape == (3, 384, 512)


def test_a_box_smaller_than_a_pixel_and_ten_thousand_of_them_are_drawn() -> None:
    corner = np.random.default_rng(0).uniform(0, 47, (10_000, 2))
    rows = [([[y, y + 1e-3], [x, x + 1e-3]], 0, 0.5) for y, x in corner.tolist()]
    shown = boxes_overlay(grey((48, 64), PIXELS), found_in(PIXELS, (48, 64), rows))
    top, bottom, left, right = spans(shown, COLOURS[0])
    assert top < 8
    assert bottom > 360
    assert (left < 8, right > 360) == (True, True)
