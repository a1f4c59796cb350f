"""Masks are read onto their image's grid, or refused with the reason."""

import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import GeometryError, InputError, LabelError
from scanwright.data import Entry, MaskPart, MaskReference, index_data, read_case
from scanwright.data.mask_reference import scheme_of_outlines
from scanwright.image import Geometry, Image, LabelScheme, MaskTarget
from tests.data.mask_builders import make_decathlon

GRID = Geometry.axial((2.0, 1.0, 1.0))
IMAGE = Image(np.zeros((1, 3, 4, 5), np.float32), GRID)
ONE = LabelScheme.of_classes(("organ",))
TWO = LabelScheme.of_classes(("organ", "tumour"))


@dataclass(frozen=True)
class Held:
    """An image in memory that reads as a file does."""

    image: Image

    @property
    def files(self) -> tuple[Path, ...]:
        return (Path("mask.nii.gz"),)

    @property
    def source(self) -> str:
        return "mask.nii.gz"

    def read(self) -> Image:
        return self.image


def held(array: np.ndarray, geometry: Geometry = GRID) -> MaskPart:
    return MaskPart(Held(Image(np.asarray(array)[None], geometry)))


def outline(array: np.ndarray, name: str) -> MaskPart:
    return MaskPart(Held(Image(np.asarray(array)[None], GRID)), (name,))


def ball(*values: float) -> np.ndarray:
    array = np.zeros((3, 4, 5))
    for place, value in enumerate(values):
        array[1, 1, place] = value
    return array


def test_a_case_is_read_with_its_mask() -> None:
    reference = MaskReference((held(ball(1, 2).astype(np.uint8)),), TWO)
    case = read_case(Entry("a", Held(IMAGE), target=reference))
    assert isinstance(case.target, MaskTarget)
    assert case.target.labels.geometry == IMAGE.geometry
    assert case.target.labels.array.dtype == np.uint8
    np.testing.assert_array_equal(case.target.labels.array[0], ball(1, 2))
    assert case.target.scheme is TWO


def test_floats_that_are_whole_are_labels() -> None:
    target = MaskReference((held(ball(1.0, 2.0)),), TWO).read_on(IMAGE)
    np.testing.assert_array_equal(target.labels.array[0], ball(1, 2))


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (ball(1, 3, 7), "3, 7"),
        (ball(0.5), "no whole numbers"),
        (ball(np.nan), "not finite"),
        (ball(-1), "-1"),
    ],
)
def test_values_that_mean_nothing_are_named_with_their_file(array: np.ndarray, words: str) -> None:
    with pytest.raises(LabelError, match=rf"{words}.*mask\.nii\.gz"):
        MaskReference((held(array),), TWO).read_on(IMAGE)


def test_the_value_to_ignore_is_kept() -> None:
    scheme = LabelScheme(("organ",), ((1,),), ignore=9)
    target = MaskReference((held(ball(1, 9)),), scheme).read_on(IMAGE)
    np.testing.assert_array_equal(target.labels.array[0], ball(1, 9))


def test_values_are_read_as_others_where_the_reference_says_so() -> None:
    reference = MaskReference((held(ball(255, 128)),), TWO, values=((255, 1), (128, 2)))
    np.testing.assert_array_equal(reference.read_on(IMAGE).labels.array[0], ball(1, 2))


def test_blurred_edges_are_cut_at_the_threshold() -> None:
    reference = MaskReference((held(ball(255, 128, 127, 3)),), ONE, threshold=128)
    np.testing.assert_array_equal(reference.read_on(IMAGE).labels.array[0], ball(1, 1))


def test_an_empty_mask_is_a_mask() -> None:
    assert not MaskReference((held(ball()),), ONE).read_on(IMAGE).labels.array.any()


def test_two_grids_are_both_told() -> None:
    apart = Geometry.axial((2.0, 1.0, 1.0), (0.0, 0.0, 50.0))
    with pytest.raises(GeometryError) as caught:
        MaskReference((held(ball(1), apart),), ONE).read_on(IMAGE)
    message = str(caught.value)
    assert "mask 3 × 4 × 5 of 2 × 1 × 1 mm, axes SPL, origin (0, 0, 50)" in message
    assert "image 3 × 4 × 5 of 2 × 1 × 1 mm, axes SPL, origin (0, 0, 0)" in message
    assert "--resample-masks" in message


def test_another_grid_is_resampled_only_when_asked() -> None:
    coarse = Geometry.axial((2.0, 2.0, 1.0), (0.0, 0.5, 0.0))
    stored = np.zeros((3, 2, 5), np.uint8)
    stored[1, 1, 2] = 1
    with pytest.raises(GeometryError):
        MaskReference((held(stored, coarse),), ONE).read_on(IMAGE)
    target = MaskReference((held(stored, coarse),), ONE, does_resample=True).read_on(IMAGE)
    assert np.argwhere(target.labels.array[0]).tolist() == [[1, 2, 2], [1, 3, 2]]


def test_a_plane_is_never_spread_over_a_volume() -> None:
    plane = held(np.ones((4, 5), np.uint8), Geometry.pixels(2))
    with pytest.raises(GeometryError, match="grid of its image") as caught:
        MaskReference((plane,), ONE, does_resample=True).read_on(IMAGE)
    assert "3-D" in str(caught.value.next)


def test_a_part_of_the_grid_is_taken_only_from_files_that_leave_out_what_is_empty() -> None:
    part = np.ones((1, 4, 5), np.uint8)
    place = GRID.cropped((1, 0, 0))
    with pytest.raises(GeometryError):
        MaskReference((held(part, place),), ONE).read_on(IMAGE)
    sparse = MaskPart(Held(Image(part[None], place)), ("organ",), is_sparse=True)
    labels = MaskReference((sparse,), ONE).read_on(IMAGE).labels.array[0]
    assert labels[1].all()
    assert not labels[[0, 2]].any()


def test_a_plane_and_a_volume_of_one_slice_fit() -> None:
    flat = Image(np.zeros((1, 4, 5)), Geometry.pixels(2))
    mask = held(np.ones((4, 5, 1), np.uint8), Geometry.axial((1.0, 1.0, 1.0)))
    assert MaskReference((mask,), ONE).read_on(flat).labels.array.shape == (1, 4, 5)


def test_a_mask_of_several_channels_is_refused() -> None:
    many = MaskPart(Held(Image(np.arange(180).reshape(3, 3, 4, 5), GRID)))
    with pytest.raises(LabelError, match=r"one channel.*3 channels"):
        MaskReference((many,), ONE).read_on(IMAGE)


def test_masks_of_one_name_each_become_one_label_map() -> None:
    parts = (outline(ball(255), "organ"), outline(ball(0, 1), "tumour"))
    labels = MaskReference(parts, TWO).read_on(IMAGE).labels.array[0]
    np.testing.assert_array_equal(labels, ball(1, 2))


def test_several_masks_of_one_name_are_united() -> None:
    parts = (outline(ball(1), "organ"), outline(ball(1, 1), "organ"))
    np.testing.assert_array_equal(
        MaskReference(parts, ONE).read_on(IMAGE).labels.array[0], ball(1, 1)
    )


def test_masks_that_overlap_become_bits() -> None:
    scheme = scheme_of_outlines(("organ", "tumour"), overlap=True)
    parts = (outline(ball(1, 1), "organ"), outline(ball(0, 1, 1), "tumour"))
    labels = MaskReference(parts, scheme).read_on(IMAGE).labels.array[0]
    np.testing.assert_array_equal(labels, ball(1, 3, 2))
    assert not scheme.is_exclusive
    for place, part in enumerate(parts):
        inside = np.isin(labels, scheme.values[place])
        np.testing.assert_array_equal(inside, part.reference.read().array[0] > 0)


def test_masks_that_may_not_overlap_are_refused_where_they_do() -> None:
    parts = (outline(ball(1, 1), "organ"), outline(ball(0, 1), "tumour"))
    with pytest.raises(LabelError, match='1 elements of "tumour"'):
        MaskReference(parts, TWO).read_on(IMAGE)


def test_more_overlapping_names_than_fit_are_refused() -> None:
    names = tuple(f"organ {number}" for number in range(8))
    assert scheme_of_outlines(names, overlap=False).is_exclusive
    with pytest.raises(InputError, match="up to 7"):
        scheme_of_outlines(names, overlap=True)


def test_entries_with_masks_go_between_processes(tmp_path: Path) -> None:
    entry = index_data(make_decathlon(tmp_path)).entries[0]
    back = pickle.loads(pickle.dumps(entry))
    assert back == entry
    one, other = (read_case(each).target for each in (back, entry))
    assert isinstance(one, MaskTarget)
    assert isinstance(other, MaskTarget)
    assert one.labels.is_equal(other.labels)
