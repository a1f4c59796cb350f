"""Headers and values tell why a case cannot be used."""

from pathlib import Path

from scanwright.data import FileReference, MaskPart
from scanwright.data.mask_case import MaskCase, MaskFile, MaskPlan
from scanwright.data.mask_faults import (
    fault_of_headers,
    faults_of_meaning,
    faults_of_values,
    grid_fault,
)
from scanwright.data.mask_survey import FileValues, Meaning
from scanwright.data.probing import Found
from scanwright.data.reference import Reference, SeriesReference
from scanwright.image import Geometry, LabelScheme
from scanwright.io import Header

GRID = Geometry.axial((2.0, 1.0, 1.0))
MASK = Path("m.nii.gz")


def header(size: tuple[int, ...], geometry: Geometry = GRID, channels: int = 1) -> Header:
    return Header("nifti", size, channels, "uint8", geometry)


def found(size: tuple[int, ...] = (3, 4, 5), reference: Reference | None = None) -> Found:
    return Found(reference or FileReference(Path("i.nii.gz")), header(size), size, None)


def case(mask: Header | None, *images: Found, names: tuple[str, ...] = ()) -> MaskCase:
    part = MaskPart(FileReference(MASK), names)
    return MaskCase("x", images or (found(),), (MaskFile(part, mask),))


def fault(one: MaskCase, plan: MaskPlan | None = None, *, does_resample: bool = False) -> str:
    return fault_of_headers(one, plan or MaskPlan(), does_resample=does_resample)


def test_one_grid_is_no_fault() -> None:
    assert not fault(case(header((3, 4, 5))))
    turned = GRID.flipped(1, 4).permuted((1, 0, 2))
    assert not fault(case(header((4, 3, 5), turned)))


def test_two_grids_are_a_fault_unless_masks_are_resampled() -> None:
    small = case(header((2, 4, 5)))
    assert "mask 2 × 4 × 5" in fault(small)
    assert "image 3 × 4 × 5" in fault(small)
    assert not fault(small, does_resample=True)


def test_of_a_series_the_size_is_known_at_once() -> None:
    series = found((3, 4, 5), SeriesReference((Path("1.dcm"), Path("2.dcm"))))
    turned = MaskFile(MaskPart(FileReference(MASK)), header((5, 4, 3)))
    assert not grid_fault(turned, series)
    other = MaskFile(MaskPart(FileReference(MASK)), header((5, 4, 2)))
    assert "image 3 × 4 × 5" in grid_fault(other, series)


def test_a_grid_that_is_known_later_is_no_fault() -> None:
    assert not fault(case(None))


def test_channels_must_fit() -> None:
    one = case(header((3, 4, 5)))
    assert "1 channels, not 2 (a, b)" in fault(one, MaskPlan(channels=("a", "b")))
    two = case(header((3, 4, 5)), found(), found((3, 4, 6)))
    assert "channels lie on different grids" in fault(two)


def test_values_must_be_readable_and_outlines_black_and_white() -> None:
    one = case(header((3, 4, 5)), names=("lung",))
    plan = MaskPlan(names=("lung",))
    assert faults_of_values([one], {MASK: FileValues(error="broken")}, plan)["x"] == (
        "its mask: broken"
    )
    assert (
        "lung is not black and white"
        in faults_of_values([one], {MASK: FileValues((0, 1, 2))}, plan)["x"]
    )
    assert not faults_of_values([one], {MASK: FileValues((0, 255))}, plan)


def test_values_must_mean_something() -> None:
    one = case(header((3, 4, 5)))
    scheme = LabelScheme.of_classes(("lung",))
    told = faults_of_meaning([one], {MASK: FileValues((0, 1, 9))}, Meaning(scheme))
    assert "holds 9, which stands for nothing (known: 0, 1)" in told["x"]
    read_as = Meaning(scheme, values=((9, 1),))
    assert not faults_of_meaning([one], {MASK: FileValues((0, 9))}, read_as)
    assert not faults_of_meaning([one], {}, Meaning(scheme))
