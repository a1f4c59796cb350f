"""Small data sets on disk, and indexes without files, for the tests of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.data import Account, Entry, Index, MaskPart, MaskReference, TaskHint
from scanwright.image import (
    Array,
    ClassTarget,
    Geometry,
    Image,
    LabelScheme,
    Modality,
    Target,
)
from scanwright.io import DicomTags, derive_uid, write, write_dicom, write_dicom_series


def pixels(seed: int, shape: tuple[int, ...] = (1, 8, 9)) -> Array:
    """Return the pixels of an image that no other seed has."""
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def make_png(path: Path, seed: int) -> Path:
    """Write a small grey picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write(Image.from_array(pixels(seed)), path)
    return path


def make_class_folders(root: Path, counts: Mapping[str, int], first_seed: int = 0) -> None:
    """Write `counts[name]` pictures into each folder."""
    seed = first_seed
    for name, count in counts.items():
        for number in range(count):
            make_png(root / name / f"{number:03d}.png", seed)
            seed += 1


def make_table(path: Path, header: str, rows: Sequence[str]) -> Path:
    """Write a table of text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def make_dicom(path: Path, seed: int, patient: str, modality: Modality = Modality.XRAY) -> Path:
    """Write one DICOM image of its own study."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image(pixels(seed).astype(np.uint16), Geometry.detector((0.5, 0.25)), modality=modality)
    write_dicom(image, path, dicom_tags(path.stem, patient))
    return path


def make_series(folder: Path, seed: int, patient: str) -> tuple[Path, ...]:
    """Write a CT volume of 3 × 8 × 9 as a series."""
    array = pixels(seed, (1, 3, 8, 9)).astype(np.int16)
    image = Image(array, Geometry.axial((2.0, 0.5, 0.5)), modality=Modality.CT, unit="HU")
    return write_dicom_series(image, folder, dicom_tags(str(folder), patient))


def dicom_tags(name: str, patient: str) -> DicomTags:
    """Return tags of a study that the name and the patient identify."""
    return DicomTags(
        patient_id=patient,
        study_uid=derive_uid(f"study {name} {patient}"),
        series_uid=derive_uid(f"series {name} {patient}"),
    )


@dataclass(frozen=True, slots=True)
class MadeReference:
    """An image that is made from its seed when read."""

    seed: int

    @property
    def files(self) -> tuple[Path, ...]:
        """One file that is never opened."""
        return (Path(f"/made/{self.seed}.png"),)

    @property
    def source(self) -> str:
        """The seed."""
        return f"made {self.seed}"

    def read(self) -> Image:
        """Make the image."""
        return Image.from_array(pixels(self.seed, (1, 2, 3)))


def made_entry(number: int, target: Target | MaskReference | None = None, **facts: object) -> Entry:
    """Return a case without a file; equal `seed`s make equal pixels."""
    seed = facts.pop("seed", number)
    assert isinstance(seed, int)
    return Entry(f"case {number:04d}", MadeReference(seed), target, **facts)  # type: ignore[arg-type]  # facts by name


def made_index(entries: Sequence[Entry], task: TaskHint, **facts: object) -> Index:
    """Return an index of cases without files."""
    account = Account((), (), used=len(entries), found=len(entries))
    return Index(Path("/made"), "made", "made", tuple(entries), task, account, **facts)  # type: ignore[arg-type]  # facts by name


def made_mask(
    present: tuple[str, ...] | None, names: tuple[str, ...] = ("a", "b")
) -> MaskReference:
    """Return a mask without a file that holds some names; None where it was not looked through."""
    part = MaskPart(MadeReference(0))
    return MaskReference((part,), LabelScheme.of_classes(names), present=present)


def class_index(counts: Mapping[str, int], **facts: object) -> Index:
    """Return an index of classes, each case of its own patient."""
    labels = [label for label, count in counts.items() for _ in range(count)]
    entries = [made_entry(number, ClassTarget(label)) for number, label in enumerate(labels)]
    return made_index(entries, TaskHint("classes", tuple(counts)), **facts)
