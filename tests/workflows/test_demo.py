"""The simulated cohort is written as DICOM that the index reads back whole."""

from pathlib import Path

from scanwright.data import index_data
from scanwright.image import Modality
from scanwright.phantom import CohortOptions
from scanwright.workflows.demo import write_cohort


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
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.dcm")}
    write_cohort(options, tmp_path)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.dcm")}
    assert len(before) == 2
