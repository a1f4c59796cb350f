"""What can be said of a file without decoding its pixels."""

from dataclasses import dataclass, replace

from scanwright.image import Frame, Geometry, Image, Modality


@dataclass(frozen=True, slots=True)
class Header:
    """The facts of one file, as reading it would give them.

    Parameters
    ----------
    format
        Name in `FORMATS`.
    size
        Number of elements along each spatial axis, slow → fast.
    channels
        Number of channels.
    dtype
        Name of the number type of the image once read.
    geometry
        Where the grid lies.
    modality
        How the image was made.
    patient_id, study_uid, series_uid, instance_uid, series_description, sex, institution, frame_uid
        From DICOM, empty elsewhere; the last is the Frame of Reference UID.
    age_years
        From DICOM, None where unknown.
    """

    format: str
    size: tuple[int, ...]
    channels: int
    dtype: str
    geometry: Geometry
    modality: Modality = Modality.UNKNOWN
    patient_id: str = ""
    study_uid: str = ""
    series_uid: str = ""
    instance_uid: str = ""
    series_description: str = ""
    sex: str = ""
    age_years: float | None = None
    institution: str = ""
    frame_uid: str = ""

    @property
    def spacing_mm(self) -> tuple[float, ...] | None:
        """Spacing of the spatial axes, slow → fast; None where no physical size is known."""
        return None if self.geometry.frame is Frame.PIXELS else self.geometry.spacing_mm

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array once read: (C, *space)."""
        return (self.channels, *self.size)

    def named(self, name: str) -> "Header":
        """Return the header with the format's name filled in."""
        return replace(self, format=name)

    def agrees(self, image: Image) -> bool:
        """Whether an image is what this header announced."""
        return (
            self.shape == image.array.shape
            and self.dtype == image.array.dtype.name
            and self.geometry == image.geometry
            and self.modality is image.modality
        )
