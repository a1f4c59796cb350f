"""Cases of images and masks know their files."""

from pathlib import Path

from scanwright.data import FileReference, MaskPart
from scanwright.data.mask_case import MaskCase, MaskFile, MaskPlan
from scanwright.data.probing import Found
from scanwright.image import Geometry, Modality
from scanwright.io import Header


def test_a_case_lists_the_files_of_image_and_mask() -> None:
    header = Header("PNG", (4, 5), 1, "uint8", Geometry.pixels(2))
    images = tuple(Found(FileReference(Path(f"{name}.png")), header, (4, 5), None) for name in "ab")
    case = MaskCase("x", images, (MaskFile(MaskPart(FileReference(Path("m.png")))),))
    assert case.image_files == (Path("a.png"), Path("b.png"))
    assert case.mask_files == (Path("m.png"),)


def test_a_plan_knows_nothing_unless_told() -> None:
    assert MaskPlan() == MaskPlan(None, (), (), Modality.UNKNOWN)
