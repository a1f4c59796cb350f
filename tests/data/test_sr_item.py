import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from scanwright.base import FileError
from scanwright.data.sr_item import (
    MOST_DEEP,
    InstanceReference,
    SrItem,
    datasets_in,
    item_tree,
    text_in,
    whole_numbers_in,
)


def code(value: str, meaning: str) -> Sequence:
    ds = Dataset()
    ds.CodeValue, ds.CodingSchemeDesignator, ds.CodeMeaning = value, "99X", meaning
    return Sequence([ds])


def item(kind: str, *children: Dataset, **values: object) -> Dataset:
    ds = Dataset()
    ds.ValueType = kind
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    if children:
        ds.ContentSequence = Sequence(children)
    return ds


def test_a_tree_keeps_names_values_references_and_order() -> None:
    target = Dataset()
    target.ReferencedSOPInstanceUID = "1.2.3"
    target.ReferencedFrameNumber = [2, 5]
    target.ReferencedSegmentNumber = 4
    image = item("IMAGE", ReferencedSOPSequence=Sequence([target]))
    found = item("CODE", ConceptNameCodeSequence=code("1", "Name"))
    found.ConceptCodeSequence = code("2", "Value")
    drawn = item("SCOORD", image, GraphicType="CIRCLE", GraphicData=[1, 2, 3, 4.5])
    tree = item_tree(item("CONTAINER", found, drawn))
    assert [one.kind for one in tree.walk()] == ["CONTAINER", "CODE", "SCOORD", "IMAGE"]
    assert tree.first("9", "1") == tree.children[0]
    assert (tree.children[0].concept, tree.children[0].text) == ("1", "Value")
    assert tree.children[1].numbers.tolist() == [1, 2, 3, 4.5]
    assert tree.at((1, 2, 1)) == tree.children[1].children[0]
    assert tree.at((1, 2, 1)).instances == (InstanceReference("1.2.3", (2, 5), (4,)),)  # type: ignore[union-attr]  # it is there
    assert tree.at((1, 3)) is None
    assert tree.at((1, 0)) is None


def test_what_is_missing_or_of_another_kind_is_nothing() -> None:
    bare = item_tree(Dataset())
    assert bare == SrItem("", numbers=bare.numbers)
    assert bare.numbers.shape == (0,)
    odd = Dataset()
    odd.ValueType = "TEXT"
    assert datasets_in(odd, "ValueType") == ()
    assert whole_numbers_in(odd, "ValueType") == ()
    assert text_in(odd, "UID") == ""
    odd.GraphicData = [1.0, float("nan"), float("inf")]
    assert whole_numbers_in(odd, "GraphicData") == (1,)
    assert np.isnan(item_tree(odd).numbers[1])


def test_a_report_nested_too_deeply_or_with_too_many_items_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deep = item("CONTAINER")
    for _ in range(MOST_DEEP):
        deep = item("CONTAINER", deep)
    with pytest.raises(FileError, match="nested too deeply"):
        item_tree(deep)
    monkeypatch.setattr("scanwright.data.sr_item.MOST_ITEMS", 3)
    assert len(list(item_tree(item("CONTAINER", item("TEXT"), item("TEXT"))).walk())) == 3
    with pytest.raises(FileError, match="too many items"):
        item_tree(item("CONTAINER", item("TEXT"), item("TEXT"), item("TEXT")))
