import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import LabelError
from scanwright.data import (
    IGNORED,
    IGNORED_CODE,
    encode_labels,
    label_codes,
    outside_code,
    to_codes,
    values_of_codes,
)
from scanwright.image import LabelScheme

CLASSES = LabelScheme(("kidney", "tumour"), ((1,), (7,)), ignore=9)
REGIONS = LabelScheme(("whole", "core"), ((1, 2), (2,)), ignore=4)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int64"])
def test_classes_that_compete_become_one_map_of_numbers(dtype: str) -> None:
    labels = np.array([[0, 1, 7], [9, 7, 0]], dtype=dtype)
    codes = to_codes(labels, CLASSES)
    assert codes.dtype == np.uint8
    assert codes.tolist() == [[0, 1, 2], [IGNORED_CODE, 2, 0]]
    assert encode_labels(codes, CLASSES).tolist() == [[0, 1, 2], [IGNORED, 2, 0]]


def test_regions_that_overlap_become_one_map_each() -> None:
    codes = to_codes(np.array([0, 1, 2, 4], np.uint8), REGIONS)
    assert encode_labels(codes, REGIONS).tolist() == [[0, 1, 1, IGNORED], [0, 0, 1, IGNORED]]


def test_a_class_of_several_values_is_one_number() -> None:
    scheme = LabelScheme(("vessel", "bone"), ((2, 3), (1,)))
    codes = to_codes(np.array([0, 1, 2, 3]), scheme)
    assert encode_labels(codes, scheme).tolist() == [0, 2, 1, 1]


def test_zero_may_have_a_name_or_mean_unknown() -> None:
    named = LabelScheme(("air", "body"), ((0,), (1,)))
    assert encode_labels(to_codes(np.array([0, 1]), named), named).tolist() == [1, 2]
    assert outside_code(named) == 0
    unknown = LabelScheme(("a", "b"), ((1,), (2,)), ignore=0)
    assert encode_labels(to_codes(np.array([0, 1, 2]), unknown), unknown).tolist() == [-1, 1, 2]
    assert outside_code(unknown) == IGNORED_CODE


def test_a_map_of_true_and_false_is_taken_as_one_class() -> None:
    scheme = LabelScheme.of_classes(("lung",))
    assert to_codes(np.array([True, False]), scheme).tolist() == [1, 0]


@pytest.mark.parametrize("value", [3, 8, -1, 1000, 2**40])
@pytest.mark.parametrize("place", [0, 40])
def test_a_value_without_a_name_is_refused_and_told(
    value: int, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_codes, "PIECE", 16)
    labels = np.ones(50, dtype=np.int64)
    labels[place] = value
    with pytest.raises(LabelError, match="no name") as raised:
        to_codes(labels, CLASSES)
    assert str(value) in str(raised.value)


def test_more_values_than_a_byte_can_tell_apart_are_refused() -> None:
    to_codes(np.array([254]), LabelScheme.of_classes([f"c{i}" for i in range(254)]))
    with pytest.raises(LabelError, match="too many"):
        to_codes(np.array([1]), LabelScheme.of_classes([f"c{i}" for i in range(255)]))


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=8, unique=True),
    st.data(),
)
def test_codes_and_values_are_one_to_one(values: list[int], data: st.DataObject) -> None:
    scheme = LabelScheme(tuple(f"n{v}" for v in values), tuple((v,) for v in values))
    drawn = data.draw(st.lists(st.sampled_from(sorted(scheme.known)), max_size=20))
    codes = to_codes(np.array(drawn, dtype=np.int32), scheme)
    assert [values_of_codes(scheme)[code] for code in codes] == drawn


def test_a_map_may_lie_in_memory_in_any_order() -> None:
    labels = np.asfortranarray(np.array([[0, 1, 7], [9, 7, 0]]))
    assert to_codes(labels[:, ::-1], CLASSES).tolist() == [[2, 1, 0], [0, 2, IGNORED_CODE]]
