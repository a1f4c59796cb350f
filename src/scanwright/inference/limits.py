"""Which inputs a trained network may be asked about."""

import numpy as np

from scanwright.base import BundleError, Options, option
from scanwright.image import Case, Image, Modality

SIZE_FACTOR = 4.0
"""An image may be this many times larger or smaller than those seen in training."""


class InputLimits(Options):
    """What training saw, and so what prediction accepts.

    A misfit that makes an answer meaningless is refused; one that makes it doubtful is a warning.
    """

    rank: int = option(..., low=1, high=3, help="Spatial axes.")
    channels: tuple[int, ...] = option(..., help="Numbers of channels seen.")
    modalities: tuple[str, ...] = option((), help="Modalities seen; none checks nothing.")
    smallest: tuple[int, ...] = option(..., help="Smallest edge seen along each axis.")
    largest: tuple[int, ...] = option(..., help="Largest edge seen along each axis.")
    spacing_mm: tuple[tuple[float, float], ...] = option(
        (), help="Range of spacing seen along each axis; empty where it was unknown."
    )
    values: tuple[float, float] = option((0.0, 0.0), help="Range of the means of images seen.")

    def check(self, case: Case) -> tuple[str, ...]:
        """Return warnings for a case.

        Raises
        ------
        BundleError
            The case cannot be answered about: rank, channels, modality, size, or no content.
        """
        image = case.image
        self._check_shape(image, case.name)
        self._check_modality(image, case.name)
        _check_content(image, case.name)
        return (*self._spacing_warnings(image), *self._value_warnings(image))

    def _check_shape(self, image: Image, where: str) -> None:
        if image.rank != self.rank:
            raise BundleError(
                "The image has the wrong number of axes for this bundle.",
                got=f"{image.rank}-D",
                legal=f"{self.rank}-D",
                where=where,
            )
        if len(image.channels) not in self.channels:
            raise BundleError(
                "The image has the wrong number of channels for this bundle.",
                got=len(image.channels),
                legal=" or ".join(str(count) for count in self.channels),
                where=where,
            )
        for got, low, high in zip(image.size, self.smallest, self.largest, strict=True):
            if not low / SIZE_FACTOR <= got <= high * SIZE_FACTOR:
                raise BundleError(
                    "The image's size is far from everything in training.",
                    got=image.size,
                    legal=f"{self.smallest} to {self.largest}, within a factor of {SIZE_FACTOR:g}",
                    where=where,
                )

    def _check_modality(self, image: Image, where: str) -> None:
        unknown = image.modality in (Modality.UNKNOWN, Modality.OTHER)
        if self.modalities and not unknown and image.modality.value not in self.modalities:
            raise BundleError(
                "The image is of another modality than the bundle was trained on.",
                got=image.modality.value,
                legal=", ".join(self.modalities),
                where=where,
            )

    def _spacing_warnings(self, image: Image) -> tuple[str, ...]:
        if not self.spacing_mm or not image.geometry.is_physical:
            return ()
        for got, (low, high) in zip(image.geometry.spacing_mm, self.spacing_mm, strict=True):
            if not low / 2 <= got <= high * 2:
                return (f"spacing of {got:.3g} mm; training saw {low:.3g} to {high:.3g} mm",)
        return ()

    def _value_warnings(self, image: Image) -> tuple[str, ...]:
        low, high = self.values
        if low == high:
            return ()
        mean = float(image.array.mean(dtype=np.float64))
        slack = high - low
        if low - slack <= mean <= high + slack:
            return ()
        return (f"mean value of {mean:.4g}; training saw {low:.4g} to {high:.4g}",)


def _check_content(image: Image, where: str) -> None:
    if image.array.dtype.kind == "f" and not np.isfinite(image.array).all():
        raise BundleError("The image holds values that are not finite.", where=where)
    if image.array.min() == image.array.max():
        raise BundleError(
            "The image is constant: every value is the same.",
            got=f"{image.array.flat[0]}",
            next="check that the file holds a picture",
            where=where,
        )
