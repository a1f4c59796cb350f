"""One case of a data set as the index knows it: where it is and what is true of it, unread."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType

from scanwright.data.mask_boxes import MaskBoxes
from scanwright.data.mask_reference import MaskReference
from scanwright.data.reference import Reference
from scanwright.image import Case, Modality, Target


@dataclass(frozen=True, slots=True)
class Entry:
    """One case, unread.

    Parameters
    ----------
    name
        Unique in the index.
    reference
        Where the image is and how it is read.
    target
        What is true of it, a mask still unread; None where nothing is known.
    patient
        Whom it belongs to; empty when unknown, and then the case stands for itself.
    site
        Where it was made.
    split
        "train", "validation", "test" where the data set says so, else empty.
    fold
        Fold of cross-validation where the data set says so, else empty.
    subgroups
        Further columns by which results are broken down.
    size
        Elements along each spatial axis, slow → fast; empty when the header does not say.
    channels, dtype
        Channels and number type as stored.
    spacing_mm
        One length per axis, slow → fast; None when unknown.
    modality
        How the image was made.
    """

    name: str
    reference: Reference
    target: Target | MaskReference | MaskBoxes | None = None
    patient: str = ""
    site: str = ""
    split: str = ""
    fold: str = ""
    subgroups: Mapping[str, str] = field(default_factory=dict)
    size: tuple[int, ...] = ()
    channels: int = 1
    dtype: str = ""
    spacing_mm: tuple[float, ...] | None = None
    modality: Modality = Modality.UNKNOWN

    def __post_init__(self) -> None:
        object.__setattr__(self, "subgroups", MappingProxyType(dict(self.subgroups)))

    def __reduce__(self) -> tuple[object, ...]:
        """Go between processes: a read-only mapping does not pickle by itself."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        values["subgroups"] = dict(self.subgroups)
        return Entry, tuple(values.values())

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the image and, where there is one, its mask."""
        return (*self.reference.files, *(self.mask.files if self.mask else ()))

    @property
    def mask(self) -> MaskReference | None:
        """Its mask, unread, be it the truth itself or what the boxes are around."""
        target = self.target.mask if isinstance(self.target, MaskBoxes) else self.target
        return target if isinstance(target, MaskReference) else None

    @property
    def source(self) -> str:
        """The place in words: a path, or a member and row of an archive."""
        return self.reference.source


def read_case(entry: Entry) -> Case:
    """Read the image of an entry, and its mask where it has one.

    Raises
    ------
    InputError
        A file cannot be read, or the mask does not fit the image; the message says why.
    """
    image = entry.reference.read()
    if entry.modality not in (Modality.UNKNOWN, image.modality):
        image = replace(image, modality=entry.modality)
    target = entry.target
    if isinstance(target, MaskReference | MaskBoxes):
        target = target.read_on(image)
    return Case(
        entry.name,
        {"image": image},
        target=target,
        patient=entry.patient,
        site=entry.site,
        subgroups=entry.subgroups,
        source=entry.source,
    )
