"""Simulated cohorts are written as files that the index reads back whole and exactly."""

from pathlib import Path

import numpy as np

from scanwright.data import IndexOptions, index_data, read_case
from scanwright.image import BoxesTarget, MaskTarget, Modality
from scanwright.io import read
from scanwright.phantom import CohortOptions, LesionOptions, simulate_case, simulate_lesions
from scanwright.workflows.cohort_files import (
    MORE,
    write_boxed_cohort,
    write_cohort,
    write_outlined_cohort,
)

VOLUMES = CohortOptions(modality=Modality.MRI, cases=3, size=32, rank=3, slices=4,
                        classes=("tumour",))  # fmt: skip
PICTURES = CohortOptions(modality=Modality.ULTRASOUND, cases=3, size=48, classes=("malignant",))


def changed_at(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_cohort_is_written_as_dicom_with_its_labels(tmp_path: Path) -> None:
    options = CohortOptions(modality=Modality.ULTRASOUND, cases=6, size=48, sites=2)
    write_cohort(options, tmp_path / "data")
    index = index_data(tmp_path / "data")
    assert len(index.entries) == 6
    assert not index.skipped
    assert {entry.modality for entry in index.entries} == {Modality.ULTRASOUND}
    assert set(index.task.labels) == set(options.labels)
    assert all(entry.patient and entry.site for entry in index.entries)


def test_a_written_cohort_is_kept(tmp_path: Path) -> None:
    options = CohortOptions(modality=Modality.ULTRASOUND, cases=2, size=48)
    write_cohort(options, tmp_path)
    before = changed_at(tmp_path)
    write_cohort(options, tmp_path)
    assert before == changed_at(tmp_path)
    assert sum(path.suffix == ".dcm" for path in before) == 2


def test_volumes_are_series_with_their_exact_masks(tmp_path: Path) -> None:
    write_outlined_cohort(VOLUMES, tmp_path / "data", tmp_path / "new")
    index = index_data(tmp_path / "data")
    assert not index.skipped
    assert index.task.labels == ("tumour", "oedema")
    assert all(entry.patient and entry.site for entry in index.entries)
    for number, entry in enumerate(index.entries):
        case, truth = read_case(entry), simulate_case(VOLUMES, number)
        assert isinstance(case.target, MaskTarget)
        np.testing.assert_array_equal(case.target.labels.array, truth.mask.labels.array)
        np.testing.assert_array_equal(case.image.array, truth.case.image.array)
        assert case.image.geometry.is_close(truth.case.image.geometry)
    assert len(list((tmp_path / "new").rglob("*.dcm"))) == VOLUMES.slices


def test_pictures_lie_beside_their_masks_and_one_more_patient_has_none(tmp_path: Path) -> None:
    data, new = tmp_path / "data", tmp_path / "new"
    write_outlined_cohort(PICTURES, data, new)
    index = index_data(data, IndexOptions(task="segmentation"))
    assert not index.skipped
    assert [entry.patient for entry in index.entries] == ["SIM-00000", "SIM-00001", "SIM-00002"]
    for number, entry in enumerate(index.entries):
        case, truth = read_case(entry), simulate_case(PICTURES, number)
        assert isinstance(case.target, MaskTarget)
        np.testing.assert_array_equal(case.target.labels.array, truth.mask.labels.array)
    (picture,) = new.glob("*.dcm")
    more = CohortOptions.parse({**PICTURES.model_dump(), "cases": 4}, "test")
    np.testing.assert_array_equal(read(picture).array, simulate_case(more, 3).case.image.array)


def test_a_written_cohort_with_masks_is_kept_and_a_part_of_one_is_not(tmp_path: Path) -> None:
    data, new = tmp_path / "data", tmp_path / "new"
    write_outlined_cohort(PICTURES, data, new)
    before = changed_at(tmp_path)
    write_outlined_cohort(PICTURES, data, new)
    assert before == changed_at(tmp_path)
    (data / "cases.csv").unlink()
    (data / "masks" / "ultrasound-00001.png").unlink()
    write_outlined_cohort(PICTURES, data, new)
    assert set(before) == set(changed_at(tmp_path))


def test_pictures_with_boxes_are_read_back_exactly_from_their_coco_file(tmp_path: Path) -> None:
    data, new = tmp_path / "data", tmp_path / "new"
    options = LesionOptions(modality=Modality.ULTRASOUND, cases=4, size=48)
    write_boxed_cohort(options, data, new)
    index = index_data(data)
    assert index.task.kind == "detection"
    assert index.task.labels == ("benign", "malignant")
    assert not index.skipped
    assert [entry.patient for entry in index.entries] == [f"SIM-0000{k}" for k in range(4)]
    truths = [simulate_lesions(options, number) for number in range(4)]
    for entry, truth in zip(index.entries, truths, strict=True):
        case = read_case(entry)
        np.testing.assert_array_equal(case.image.array, truth.case.image.array)
        assert isinstance(case.target, BoxesTarget)
        assert set(case.target.boxes) == set(truth.boxes.boxes)
    counts = [len(truth.boxes.boxes) for truth in truths]
    assert min(counts) == 0 < max(counts)
    assert len(list(new.glob("*.dcm"))) == MORE


def test_volumes_with_boxes_are_read_back_exactly_from_their_table(tmp_path: Path) -> None:
    data = tmp_path / "data"
    options = LesionOptions(modality=Modality.CT, rank=3, cases=3, size=32, slices=24)
    write_boxed_cohort(options, data, tmp_path / "new")
    header, first, *_ = (data / "boxes.csv").read_text("utf-8").splitlines()
    assert header.startswith("path,label,patient,")
    assert header.endswith(",xmin,ymin,zmin,xmax,ymax,zmax")
    index = index_data(data)
    assert (index.task.kind, index.task.labels) == ("detection", ("nodule",))
    assert not index.skipped
    counts = []
    for number, entry in enumerate(index.entries):
        case, truth = read_case(entry), simulate_lesions(options, number)
        assert entry.patient == truth.case.patient
        np.testing.assert_array_equal(case.image.array, truth.case.image.array)
        assert isinstance(case.target, BoxesTarget)
        assert set(case.target.boxes) == set(truth.boxes.boxes)
        counts.append(len(truth.boxes.boxes))
    assert min(counts) == 0 < max(counts)
    assert first.startswith("images/ct-00000,,SIM-00000,")
    assert first.endswith("," * 6), "an image without a finding has no numbers"


def test_a_written_cohort_with_boxes_is_kept_and_a_part_of_one_is_not(tmp_path: Path) -> None:
    data, new = tmp_path / "data", tmp_path / "new"
    options = LesionOptions(modality=Modality.ULTRASOUND, cases=2, size=48)
    write_boxed_cohort(options, data, new)
    before = changed_at(tmp_path)
    write_boxed_cohort(options, data, new)
    assert before == changed_at(tmp_path)
    (data / "cases.csv").unlink()
    (data / "annotations.json").unlink()
    write_boxed_cohort(options, data, new)
    assert set(before) == set(changed_at(tmp_path))
