"""Overlap of masks."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scanwright.base import LabelError, ShapeError
from scanwright.metrics import Overlap, count_overlap, count_overlaps

from .builders import GOLDEN, surface_pairs

THEIRS = json.loads(GOLDEN.read_text())["MONAI"]


@pytest.mark.parametrize("name", THEIRS)
def test_values_are_those_of_monai(name: str) -> None:
    truth, guess, _ = surface_pairs()[name]
    found = count_overlap(truth, guess)
    assert found.dice == pytest.approx(THEIRS[name]["dice"], rel=1e-6)
    assert found.iou == pytest.approx(THEIRS[name]["iou"], rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.int8, (2, 5, 6), elements=st.integers(-1, 3)),
    arrays(np.uint8, (2, 5, 6), elements=st.integers(0, 3)),
)
def test_one_pass_counts_what_masks_count(truth: np.ndarray, guess: np.ndarray) -> None:
    overlaps, boxes = count_overlaps(truth, guess, 3)
    for value, (found, box) in enumerate(zip(overlaps, boxes, strict=True), 1):
        known = truth >= 0
        t, g = (truth == value) & known, (guess == value) & known
        wanted = Overlap(int((t & g).sum()), int((t & ~g).sum()), int((g & ~t).sum()))
        assert found == wanted
        assert found == count_overlap(truth == value, guess == value, truth < 0)
        places = np.argwhere((truth == value) | (guess == value))
        if box is None:
            assert not len(places)
        else:
            assert [part.start for part in box] == places.min(axis=0).tolist()
            assert [part.stop for part in box] == (places.max(axis=0) + 1).tolist()


def test_figures_of_a_small_case() -> None:
    found = Overlap(hits=6, missed=2, invented=4)
    assert (found.dice, found.iou) == (12 / 18, 0.5)
    assert (found.sensitivity, found.precision) == (0.75, 0.6)
    assert found.volume_error == 0.25


def test_nothing_of_nothing_is_not_defined_and_something_of_nothing_infinite() -> None:
    nothing = Overlap(0, 0, 0)
    names = ("dice", "iou", "sensitivity", "precision", "volume_error")
    assert np.isnan([getattr(nothing, name) for name in names]).all()
    invented = Overlap(0, 0, 5)
    assert (invented.dice, invented.iou, invented.precision) == (0, 0, 0)
    assert np.isnan(invented.sensitivity)
    assert invented.volume_error == np.inf
    missed = Overlap(0, 5, 0)
    assert (missed.dice, missed.iou, missed.sensitivity, missed.volume_error) == (0, 0, 0, 1)
    assert np.isnan(missed.precision)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.uint16, np.int64])
def test_number_types_and_planes(dtype: type[np.integer]) -> None:
    truth = np.array([[0, 1, 1, 2], [0, 0, 2, 2]], dtype=dtype)
    overlaps, boxes = count_overlaps(truth, truth[:, ::-1][:, ::-1], 2)
    assert overlaps == (Overlap(2, 0, 0), Overlap(3, 0, 0))
    assert boxes == ((slice(0, 1), slice(1, 3)), (slice(0, 2), slice(2, 4)))


def test_bad_maps_are_told() -> None:
    good = np.zeros((3, 3), np.int8)
    for truth, guess in ((good - 2, good), (good, good - 1), (good + 3, good), (good, good + 3)):
        with pytest.raises(LabelError):
            count_overlaps(truth, guess, 2)
    with pytest.raises(LabelError, match="whole numbers"):
        count_overlaps(good.astype(float), good, 2)
    with pytest.raises(ShapeError):
        count_overlaps(good, good[:2], 2)
    with pytest.raises(ShapeError):
        count_overlaps(good[0], good[0], 2)
