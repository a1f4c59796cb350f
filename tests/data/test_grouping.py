import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import LabelError
from scanwright.data import Entry, TaskHint
from scanwright.data.grouping import as_group, tag_weights, tagger_for, together
from scanwright.data.stratify import ALL
from scanwright.image import ClassTarget, GradeTarget, LabelsTarget, NumberTarget
from tests.data.builders import made_entry, made_mask


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=15), st.randoms())
def test_groups_are_the_connected_cases(pairs: list[tuple[int, int]], chance: object) -> None:
    entries = [
        made_entry(number, patient=f"P{patient}" if patient else "")
        for number, (patient, _) in enumerate(pairs)
    ]
    digests = {one.name: str(pairs[number][1]) for number, one in enumerate(entries)}
    mixed = list(entries)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # random.Random
    groups = together(mixed, digests, by_patient=True)
    place = {entry.name: number for number, group in enumerate(groups) for entry in group}
    assert len(place) == len(entries)
    # Against the closure of "same patient or same pixels", by repeated products of the matrix.
    linked = np.array([[linked_by(a, b, digests) for b in entries] for a in entries], dtype=bool)
    for _ in entries:
        linked = linked @ linked
    for row, a in enumerate(entries):
        for column, b in enumerate(entries):
            assert (place[a.name] == place[b.name]) == linked[row, column]
    assert groups == together(entries, digests, by_patient=True)


def linked_by(a: Entry, b: Entry, digests: dict[str, str]) -> bool:
    return (bool(a.patient) and a.patient == b.patient) or digests[a.name] == digests[b.name]


def test_patients_may_be_parted_when_asked() -> None:
    entries = [made_entry(0, patient="P"), made_entry(1, patient="P")]
    of = {"case 0000": "x", "case 0001": "y"}
    assert len(together(entries, of, by_patient=False)) == 2


def test_each_kind_of_truth_has_its_tags() -> None:
    def tags(task: TaskHint, *targets: object) -> list[list[str]]:
        entries = [made_entry(n, target) for n, target in enumerate(targets)]  # type: ignore[arg-type]
        tagger = tagger_for(task, entries)
        return [tagger(entry) for entry in entries]

    assert tags(TaskHint("classes", ("a",)), ClassTarget("a")) == [["a"]]
    assert tags(TaskHint("grade", ("low", "high")), GradeTarget(1)) == [["high"]]
    findings = (LabelsTarget(frozenset("ba")), LabelsTarget(frozenset()))
    assert tags(TaskHint("findings", ("a", "b")), *findings) == [["a", "b"], ["no finding"]]
    numbers = [NumberTarget(float(n)) for n in range(30)]
    cut = tags(TaskHint("number", ("x",)), *numbers)
    assert [cut.count([f"quantile {n}"]) for n in range(3)] == [10, 10, 10]
    with pytest.raises(LabelError):
        tags(TaskHint("classes", ()), None)


def test_a_group_counts_labels_sites_and_both() -> None:
    entries = [
        made_entry(0, ClassTarget("a"), site="X"),
        made_entry(1, ClassTarget("a"), site="Y"),
        made_entry(2, ClassTarget("b"), site="X"),
    ]
    group = as_group(entries, tagger_for(TaskHint("classes", ("a", "b")), entries))
    assert (group.key, group.size) == ("case 0000", 3)
    assert group.tags == {
        ALL: 3,
        "label a": 2,
        "label b": 1,
        "site X": 2,
        "site Y": 1,
        "label a at X": 1,
        "label a at Y": 1,
        "label b at X": 1,
    }
    assert tag_weights([group])["site X"] < 1
    assert "label a" not in tag_weights([group])


def test_cases_said_to_be_alike_stay_together() -> None:
    entries = [made_entry(n, patient="P" if n == 3 else "") for n in range(5)]
    of = {entry.name: entry.name for entry in entries}
    alike = [("case 0000", "case 0002"), ("case 0002", "case 0003"), ("case 0004", "elsewhere")]
    groups = together(entries, of, by_patient=True, alike=alike)
    assert [[one.name[-1] for one in group] for group in groups] == [["0", "2", "3"], ["1"], ["4"]]


def test_masks_are_tagged_by_what_is_outlined() -> None:
    cases = [made_entry(n, made_mask(held)) for n, held in enumerate([("a", "b"), (), None])]
    tags = tagger_for(TaskHint("segmentation", ("a", "b")), cases)
    assert [tags(one) for one in cases] == [["a", "b"], ["nothing"], ["outlined"]]
