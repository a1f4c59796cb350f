"""Cases become entries, with what is outlined in words."""

from pathlib import Path

import pytest

from scanwright.base import SILENT, LabelError
from scanwright.data import FileReference, IndexOptions, MaskPart, TaskHint
from scanwright.data.mask_case import MaskCase, MaskFile, MaskPlan
from scanwright.data.mask_cases import MASK_OF_NONE, build_cases, described
from scanwright.data.probing import group_cases, probe_files
from scanwright.image import LabelScheme, Modality
from tests.data.mask_builders import block, noise, present, put_png


def made(root: Path, name: str, value: int, **facts: object) -> MaskCase:
    image = put_png(root / f"{name}.png", noise(ord(name)))
    mask = put_png(root / f"{name} mask.png", block(value))
    headers = probe_files([image, mask], SILENT).headers
    (found,), _ = group_cases({image: headers[image]})
    file = MaskFile(MaskPart(FileReference(mask)), headers[mask])
    return MaskCase(name, (found,), (file,), **facts)  # type: ignore[arg-type]  # facts by name


def test_good_and_bad_cases_are_told_apart(tmp_path: Path) -> None:
    cases = [made(tmp_path, "a", 1), made(tmp_path, "b", 7), made(tmp_path, "c", 1, annotated=())]
    plan = MaskPlan(LabelScheme.of_classes(("lung",)), modality=Modality.XRAY)
    built = build_cases(cases, plan, IndexOptions(), SILENT)
    assert [entry.name for entry in built.entries] == ["a"]
    assert built.entries[0].modality is Modality.XRAY
    assert present(built.entries[0]) == ("lung",)
    assert {file.name for file in built.skipped} == {"b.png", "c.png"}
    assert set(built.other.values()) == {MASK_OF_NONE}
    assert built.task.scheme == plan.scheme


def test_masks_too_large_to_be_looked_through_are_taken_at_their_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanwright.data.mask_cases.MOST_READ", 10)
    plan = MaskPlan(LabelScheme.of_classes(("lung",)))
    built = build_cases([made(tmp_path, "b", 7)], plan, IndexOptions(), SILENT)
    assert present(built.entries[0]) is None


def test_what_was_asked_for_goes_before_what_is_known(tmp_path: Path) -> None:
    plan = MaskPlan(modality=Modality.CT)
    built = build_cases([made(tmp_path, "a", 1)], plan, IndexOptions(modality="mri"), SILENT)
    assert built.entries[0].modality is Modality.MRI


def test_no_case_left_is_an_error(tmp_path: Path) -> None:
    plan = MaskPlan(LabelScheme.of_classes(("lung",)))
    with pytest.raises(LabelError, match=r"No image has a mask.*b: its mask holds 7"):
        build_cases([made(tmp_path, "b", 7)], plan, IndexOptions(), SILENT)


def test_many_names_are_cut_short() -> None:
    task = TaskHint("segmentation", tuple(f"organ {number}" for number in range(40)))
    assert described((), task) == (
        "0 images with 40 outlined structures (organ 0, organ 1, organ 2, organ 3, organ 4, …)"
    )
