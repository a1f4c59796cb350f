"""Orders: which choices share their randomness; and boxes around masks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from scanwright.phantom.order import PER_PERSON, STREAMS, Order, bounding_box

ORDER = Order("normal", 64, 0, seed=1, patient=2, image=0, site=0, sex="F", age_years=50)


@pytest.mark.parametrize("stream", STREAMS)
def test_streams_are_shared_by_a_patients_images_or_not(stream):
    other = replace(ORDER, image=1)
    same = ORDER.rng(stream).random() == other.rng(stream).random()
    assert same == (stream in PER_PERSON)


def test_streams_differ_from_each_other_and_begin_anew():
    first = [ORDER.rng(stream).random() for stream in STREAMS]
    assert len(set(first)) == len(STREAMS)
    assert first == [ORDER.rng(stream).random() for stream in STREAMS]


def test_a_site_keeps_its_scanner_for_all_patients():
    other = replace(ORDER, patient=9, image=3)
    assert ORDER.site_rng().random() == other.site_rng().random()
    assert ORDER.site_rng().random() != replace(ORDER, site=1).site_rng().random()


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=3, max_side=7)))
def test_a_box_holds_all_and_touches_every_side(inside):
    boxes = bounding_box(inside, "nodule")
    assert bool(boxes) == bool(inside.any())
    for box in boxes:
        cut = tuple(
            slice(int(low + 0.5), int(high + 0.5))
            for low, high in zip(box.low, box.high, strict=True)
        )
        assert inside[cut].sum() == inside.sum()
        for axis in range(inside.ndim):
            ends = np.take(inside[cut], [0, -1], axis=axis)
            assert np.all(ends.any(axis=tuple(a for a in range(inside.ndim) if a != axis)))
