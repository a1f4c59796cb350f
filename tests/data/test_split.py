from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import LabelError, SplitError
from scanwright.data import (
    Entry,
    Fold,
    Index,
    IndexOptions,
    SplitOptions,
    SplitPlan,
    TaskHint,
    index_data,
    split_index,
)
from scanwright.image import ClassTarget, GradeTarget, LabelsTarget, NumberTarget
from tests.data.builders import (
    class_index,
    made_entry,
    made_index,
    made_mask,
    make_class_folders,
    make_png,
    make_table,
)

PARTS = ("train", "validation", "test")


def names(entries: Sequence[Entry]) -> set[str]:
    return {entry.name for entry in entries}


def labels(entries: Sequence[Entry]) -> Counter[object]:
    return Counter(entry.target.label for entry in entries if isinstance(entry.target, ClassTarget))


def part_of(fold: Fold) -> dict[str, str]:
    return {entry.name: part for part in PARTS for entry in getattr(fold, part)}


def official_index(parts: Sequence[str], **facts: object) -> Index:
    """Return an index in which case n is in part n, classes taking turns."""
    entries = [
        made_entry(number, ClassTarget("ab"[number % 2]), split=part, **facts)
        for number, part in enumerate(parts)
    ]
    return made_index(entries, TaskHint("classes", ("a", "b")))


@st.composite
def grouped_indexes(draw: st.DrawFn) -> Index:
    """Many cases of few patients, with copies among them."""
    count = draw(st.integers(40, 80))
    entries = []
    for number in range(count):
        label = "abc"[number % 3]
        patient = f"{label}{draw(st.integers(0, 12))}" if draw(st.booleans()) else ""
        # Copies only within a label, so that classes have patients enough.
        seed = draw(st.sampled_from([number, number, number, number % 3]))
        site = draw(st.sampled_from(["X", "Y", ""]))
        target = ClassTarget(label)
        entries.append(made_entry(number, target, patient=patient, seed=seed, site=site))
    return made_index(entries, TaskHint("classes", ("a", "b", "c")))


@given(grouped_indexes(), st.sampled_from([0, 3]), st.integers(0, 3), st.randoms())
def test_the_laws_of_a_split(index: Index, folds: int, seed: int, chance: object) -> None:
    options = SplitOptions(folds=folds, seed=seed)
    plan = split_index(index, options)
    assert len(plan.folds) == max(1, folds)
    for fold in plan.folds:
        place = part_of(fold)
        # Every case once.
        assert sum(len(getattr(fold, part)) for part in PARTS) == len(place) == len(index)
        # No patient and no image on two sides.
        for key in (lambda one: one.patient or one.name, lambda one: one.reference.seed):
            sides: dict[object, set[str]] = {}
            for entry in index.entries:
                sides.setdefault(key(entry), set()).add(place[entry.name])
            assert all(len(side) == 1 for side in sides.values())
        # Every class everywhere.
        assert all(set(labels(getattr(fold, part))) == set("abc") for part in PARTS)
        assert fold.test == plan.test
    if folds:
        held = [names(fold.validation) for fold in plan.folds]
        assert sum(map(len, held)) == len(set().union(*held)) == len(index) - len(plan.test)
    # The order of the cases does not matter.
    mixed = list(index.entries)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # random.Random
    assert split_index(made_index(mixed, index.task), options) == plan


@given(st.integers(20, 80), st.integers(20, 80), st.integers(0, 3))
def test_single_cases_are_stratified(first: int, second: int, seed: int) -> None:
    plan = split_index(class_index({"a": first, "b": second}), SplitOptions(seed=seed))
    (fold,) = plan.folds
    for label, count in (("a", first), ("b", second)):
        assert abs(labels(fold.test)[label] - 0.2 * count) <= 2
        rest = count - labels(fold.test)[label]
        assert abs(labels(fold.validation)[label] - 0.15 * rest) <= 2


def test_another_seed_is_another_split() -> None:
    index = class_index({"a": 30, "b": 30})
    first = split_index(index, SplitOptions(seed=0))
    assert first == split_index(index, SplitOptions(seed=0))
    assert names(first.test) != names(split_index(index, SplitOptions(seed=1)).test)


def test_sites_are_spread_over_the_parts() -> None:
    entries = [
        made_entry(n, ClassTarget("ab"[n % 2]), site="X" if n % 4 < 2 else "Y") for n in range(80)
    ]
    plan = split_index(made_index(entries, TaskHint("classes", ("a", "b"))))
    sites = Counter(entry.site for entry in plan.test)
    assert abs(sites["X"] - sites["Y"]) <= 2


def test_findings_grades_and_numbers_are_split_too() -> None:
    many = range(60)
    findings = [made_entry(n, LabelsTarget(frozenset("ab"[: n % 3]))) for n in many]
    plan = split_index(made_index(findings, TaskHint("findings", ("a", "b"))))
    assert {entry.target for entry in plan.test} == {entry.target for entry in findings}
    grades = [made_entry(n, GradeTarget(n % 3)) for n in many]
    plan = split_index(made_index(grades, TaskHint("grade", ("0", "1", "2"))))
    assert Counter(str(entry.target) for entry in plan.test).total() == 12
    numbers = [made_entry(n, NumberTarget(float(n))) for n in many]
    plan = split_index(made_index(numbers, TaskHint("number", ("x",))))
    values = sorted(e.target.value for e in plan.test if isinstance(e.target, NumberTarget))
    assert values[0] < 10
    assert values[-1] >= 50


def test_the_data_sets_own_parts_are_kept() -> None:
    index = official_index(["train"] * 6 + ["validation"] * 2 + ["test"] * 4)
    (fold,) = split_index(index).folds
    assert part_of(fold) == {entry.name: entry.split for entry in index.entries}


def test_a_missing_validation_part_is_drawn_from_training() -> None:
    index = official_index(["train"] * 40 + ["test"] * 4)
    plan = split_index(index)
    (fold,) = plan.folds
    assert names(fold.test) == {entry.name for entry in index.entries if entry.split == "test"}
    assert len(fold.validation) == 6
    assert plan.how.startswith("test as given by the data set; validation 15% of the rest")


def test_a_missing_test_part_is_drawn_unless_none_is_wanted() -> None:
    index = official_index(["train"] * 40 + ["validation"] * 4)
    (fold,) = split_index(index).folds
    assert (len(fold.train), len(fold.validation), len(fold.test)) == (32, 4, 8)
    (fold,) = split_index(index, SplitOptions(test=0)).folds
    assert (len(fold.train), len(fold.validation), len(fold.test)) == (40, 4, 0)


def test_cases_in_no_part_may_train_and_are_counted() -> None:
    index = official_index(["train"] * 4 + [""] * 2 + ["validation"] * 2 + ["test"] * 2)
    plan = split_index(index)
    assert len(plan.folds[0].train) == 6
    assert plan.notes[0].startswith("2 cases are in no part")


def test_folds_replace_an_official_validation_part_only_when_pooled() -> None:
    index = official_index(["train"] * 16 + ["validation"] * 4 + ["test"] * 4)
    with pytest.raises(SplitError, match=r"split\.pool=true"):
        split_index(index, SplitOptions(folds=5))
    plan = split_index(index, SplitOptions(folds=5, pool=True))
    assert [len(fold.validation) for fold in plan.folds] == [4] * 5
    assert len(plan.test) == 4


def test_the_data_sets_own_folds_are_used_when_their_number_is_asked_for() -> None:
    entries = [made_entry(n, ClassTarget("ab"[n % 2]), fold=str(n // 2 % 4)) for n in range(24)]
    index = made_index(entries, TaskHint("classes", ("a", "b")))
    plan = split_index(index, SplitOptions(folds=4, test=0))
    assert [{e.fold for e in fold.validation} for fold in plan.folds] == [
        {"0"},
        {"1"},
        {"2"},
        {"3"},
    ]
    assert "folds as given" in plan.how
    assert "3 folds" in split_index(index, SplitOptions(folds=3, test=0)).how


def test_own_folds_that_part_a_patient_are_refused() -> None:
    entries = [
        made_entry(n, ClassTarget("ab"[n % 2]), fold=str(n % 3), patient=f"P{n // 4}")
        for n in range(24)
    ]
    index = made_index(entries, TaskHint("classes", ("a", "b")))
    with pytest.raises(SplitError, match="part a patient"):
        split_index(index, SplitOptions(folds=3, test=0))


def test_a_patient_on_two_official_sides_stops_or_leaves_training() -> None:
    index = official_index(["train"] * 6 + ["validation"] * 2 + ["test"] * 4)
    entries = list(index.entries)
    for number in (0, 8):
        entries[number] = replace(entries[number], patient="P")
    index = replace(index, entries=tuple(entries))
    with pytest.raises(SplitError, match=r"train: case 0000 and test: case 0008"):
        split_index(index)
    plan = split_index(index, SplitOptions(shared="drop"))
    assert [one.source for one in plan.dropped] == ["case 0000"]
    assert len(plan.folds[0].train) == 5
    assert any(note.startswith("WARNING: 1 training") for note in plan.notes)
    assert split_index(index, SplitOptions(by_patient=False)).dropped == ()


def test_the_data_set_may_drop_copies_by_default_and_the_flag_wins() -> None:
    index = official_index(["train"] * 6 + ["validation"] * 2 + ["test"] * 4)
    entries = list(index.entries)
    entries[1] = replace(entries[1], reference=entries[9].reference)
    index = replace(index, entries=tuple(entries), shared="drop")
    assert [one.source for one in split_index(index).dropped] == ["case 0001"]
    with pytest.raises(SplitError, match="same image"):
        split_index(index, SplitOptions(shared="error"))


def test_one_class_only_is_refused() -> None:
    with pytest.raises(LabelError, match=r"same label.*20 cases of a"):
        split_index(class_index({"a": 20}))


def test_cases_without_labels_are_refused(tmp_path: Path) -> None:
    make_png(tmp_path / "a.png", 1)
    with pytest.raises(LabelError, match="No case has a label"):
        split_index(index_data(tmp_path))


def test_three_images_in_all_are_refused_by_class_and_count() -> None:
    with pytest.raises(SplitError, match=r'Class "b" has too few.*1 that can be.*at least 3'):
        split_index(class_index({"b": 1, "a": 2}))


def test_a_class_of_one_patient_is_refused_however_many_images(tmp_path: Path) -> None:
    entries = [made_entry(n, ClassTarget("a")) for n in range(20)]
    entries += [made_entry(n, ClassTarget("b"), patient="P") for n in range(20, 40)]
    with pytest.raises(SplitError, match=r'"b".*1 that can be told apart \(20 cases\)'):
        split_index(made_index(entries, TaskHint("classes", ("a", "b"))))


def test_fewer_parts_need_fewer_patients() -> None:
    index = class_index({"a": 20, "b": 2})
    with pytest.raises(SplitError, match=r"split\.test=0"):
        split_index(index)
    assert labels(split_index(index, SplitOptions(test=0)).folds[0].validation)["b"] == 1
    with pytest.raises(SplitError, match="fewer --folds"):
        split_index(index, SplitOptions(test=0, folds=3))


def test_an_official_training_part_without_a_class_is_refused() -> None:
    entries = [made_entry(n, ClassTarget("a"), split="train") for n in range(4)]
    entries += [made_entry(n, ClassTarget("b"), split="test") for n in range(4, 8)]
    entries += [made_entry(n, ClassTarget("a"), split="validation") for n in range(8, 10)]
    with pytest.raises(SplitError, match=r'no training case.*"b"'):
        split_index(made_index(entries, TaskHint("classes", ("a", "b"))))


def test_only_a_test_part_leaves_nothing_to_train_on() -> None:
    with pytest.raises(SplitError, match="No case is left for training"):
        split_index(official_index(["test"] * 8))


def test_cases_that_cannot_be_read_are_left_out_and_said(tmp_path: Path) -> None:
    make_class_folders(tmp_path, {"a": 8, "b": 8})
    path = tmp_path / "a" / "000.png"
    path.write_bytes(path.read_bytes()[:60])
    index = index_data(tmp_path)
    plan = split_index(index)
    used = sum(len(getattr(plan.folds[0], part)) for part in PARTS)
    assert used + len(plan.skipped) + len(index.skipped) == 16
    assert len(plan.skipped) + len(index.skipped) == 1


def test_a_plan_is_plain_names(tmp_path: Path) -> None:
    plan = split_index(class_index({"a": 10, "b": 10}))
    plain = plan.to_plain()
    assert isinstance(plain["folds"], list)
    (fold,) = plain["folds"]
    assert isinstance(fold, dict)
    assert fold["test"] == [entry.name for entry in plan.test]


def test_a_table_of_patients_is_split_by_patient(tmp_path: Path) -> None:
    rows = []
    for number in range(40):
        name = make_png(tmp_path / f"{number}.png", number).name
        rows.append(f"{name},{'ab'[number // 20]},P{number // 2}")
    make_table(tmp_path / "labels.csv", "path,label,patient_id", rows)
    plan: SplitPlan = split_index(index_data(tmp_path, IndexOptions()))
    place = part_of(plan.folds[0])
    assert all(place[f"{2 * n}.png"] == place[f"{2 * n + 1}.png"] for n in range(20))


def test_the_published_twins_are_dropped_from_training(shared_data: Callable[[str], Path]) -> None:
    breast = split_index(index_data(shared_data("classification/breastmnist/breastmnist.npz")))
    (fold,) = breast.folds
    assert (len(fold.train), len(fold.validation), len(fold.test)) == (545, 78, 156)
    assert any("another label" in note for note in breast.notes)
    path = shared_data("classification/pneumoniamnist/pneumoniamnist.npz")
    pneumonia = split_index(index_data(path))
    (fold,) = pneumonia.folds
    assert (len(fold.validation), len(fold.test)) == (524, 624)
    assert len(fold.train) + len(pneumonia.dropped) == 4708
    assert len({one.reason for one in pneumonia.dropped}) == 8


def test_a_users_own_split_with_a_twin_is_refused(shared_data: Callable[[str], Path]) -> None:
    index = index_data(shared_data("classification/busi"))
    with pytest.raises(SplitError, match=r"malignant_145\.jpg and test: .*benign_433\.jpg"):
        split_index(index)


def test_near_duplicates_come_on_one_side_of_every_part() -> None:
    index = class_index({"a": 20, "b": 20})
    alike = [(f"case {n:04d}", f"case {n + 1:04d}") for n in range(0, 40, 2)]
    plan = split_index(index, SplitOptions(folds=3), alike=alike)
    for fold in plan.folds:
        part = part_of(fold)
        assert all(part[one] == part[other] for one, other in alike)


def test_masks_are_split_so_that_every_part_holds_every_structure() -> None:
    rare = [made_entry(n, made_mask(("a", "b") if n % 10 == 0 else ("a",))) for n in range(60)]
    index = made_index(rare, TaskHint("segmentation", ("a", "b")))
    for seed in range(5):
        plan = split_index(index, SplitOptions(seed=seed))
        fold = plan.folds[0]
        for part, least in ((fold.train, 3), (fold.validation, 1), (fold.test, 1)):
            held = [one for one in part if "b" in one.target.present]
            assert least <= len(held)
        assert len(fold.test) == pytest.approx(12, abs=1)


def test_masks_that_all_hold_the_same_may_be_split() -> None:
    alike = [made_entry(n, made_mask(("a", "b"))) for n in range(20)]
    plan = split_index(made_index(alike, TaskHint("segmentation", ("a", "b"))))
    assert len(plan.folds[0].train) == 14


def test_masks_that_were_not_looked_through_are_split_by_site() -> None:
    unseen = [made_entry(n, made_mask(None), site="XY"[n % 2]) for n in range(40)]
    fold = split_index(made_index(unseen, TaskHint("segmentation", ("a", "b")))).folds[0]
    assert [sum(one.site == "X" for one in part) for part in (fold.train, fold.test)] == [14, 4]
