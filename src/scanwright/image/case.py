"""What belongs to one examination: its images, its truth, and whom and where it is from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from scanwright.base import InputError
from scanwright.image.edges import moved_boxes
from scanwright.image.image import Image
from scanwright.image.target import BoxesTarget, MaskTarget, Target


@dataclass(frozen=True, slots=True)
class Case:
    """One examination.

    Parameters
    ----------
    name
        Unique in its data set.
    images
        At least one image, by name; "image" when there is only one.
    target
        What is known to be true; None where nothing is.
    patient
        Whom the case belongs to; cases of one patient are never split.
    site
        Where it was made.
    subgroups
        Further columns by which results are broken down ("sex": "F").
    source
        The file, folder or archive member it was read from.
    """

    name: str
    images: Mapping[str, Image]
    target: Target | None = None
    patient: str = ""
    site: str = ""
    subgroups: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        if not self.images:
            raise InputError("A case needs at least one image.", where=self.name)
        object.__setattr__(self, "images", MappingProxyType(dict(self.images)))
        object.__setattr__(self, "subgroups", MappingProxyType(dict(self.subgroups)))

    def __reduce__(self) -> tuple[object, ...]:
        """Go between processes: read-only mappings do not pickle by themselves."""
        images, subgroups = dict(self.images), dict(self.subgroups)
        about = (self.target, self.patient, self.site, subgroups, self.source)
        return Case, (self.name, images, *about)

    @classmethod
    def of(cls, image: Image, name: str = "case") -> "Case":
        """Make a case of one image."""
        return cls(name, {"image": image})

    @property
    def image(self) -> Image:
        """The only image.

        Raises
        ------
        InputError
            There are several.
        """
        if len(self.images) != 1:
            raise InputError(
                "The case has several images; name one.", got=sorted(self.images), where=self.name
            )
        return next(iter(self.images.values()))

    def with_image(self, image: Image) -> "Case":
        """Return the case with its only image replaced."""
        (name,) = self.images
        return replace(self, images={name: image})

    def map_images(self, change: Callable[[Image], Image]) -> "Case":
        """Return the case with `change` applied to every image."""
        return replace(self, images={name: change(image) for name, image in self.images.items()})

    def map_grid(
        self, change: Callable[[Image], Image], change_labels: Callable[[Image], Image]
    ) -> "Case":
        """Return the case with its grid changed: images by one function, a label map by another.

        Boxes go where their corners go.
        """
        moved = self.map_images(change)
        if isinstance(self.target, BoxesTarget):
            (name,) = self.images
            grids = self.images[name].geometry, moved.images[name].geometry
            moved = replace(moved, target=moved_boxes(self.target, *grids))
        if isinstance(self.target, MaskTarget):
            labels = change_labels(self.target.labels)
            moved = replace(moved, target=replace(self.target, labels=labels))
        return moved
