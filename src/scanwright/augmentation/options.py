"""What may happen to a training image, how likely, and how strongly."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from scanwright.base import Options, option


def _in_order(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] > span[1]:
        raise ValueError("the lower value comes first")
    return span


_Ratio = Annotated[float, Field(ge=0.1, le=10)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Width = Annotated[float, Field(ge=0, le=20)]

Ratios = Annotated[tuple[_Ratio, _Ratio], AfterValidator(_in_order)]
"""Lowest and highest factor; drawn evenly on a logarithmic scale, so that 1/2 is as likely as 2."""

Shares = Annotated[tuple[_Share, _Share], AfterValidator(_in_order)]
"""Lowest and highest share of an edge; drawn evenly."""

Widths = Annotated[tuple[_Width, _Width], AfterValidator(_in_order)]
"""Smallest and largest standard deviation; drawn evenly."""

Axis = Annotated[int, Field(ge=0, le=2)]
"""A spatial axis, 0 the slowest."""

Outside = Literal["border", "reflect", "zeros"]
"""What is seen where an image was moved away."""


def _chance(what: str) -> float:
    default: float = option(0.0, low=0, high=1, help=f"Probability that an image is {what}.")
    return default


class AugmentationOptions(Options):
    """Probabilities (none by default) and strengths; each is drawn anew for every image.

    Strengths are relative, so that they suit values in 0..1 and standardised values alike: shifts
    and holes are shares of the image's edge; noise and brightness are in standard deviations of
    the image's own values.
    """

    flips: tuple[Axis, ...] = option((), help="Axes along which an image may be mirrored.")
    flip_chance: float = option(0.5, low=0, high=1, help="Probability of each such mirroring.")

    rotate_chance: float = _chance("rotated in the plane of its two fast axes")
    rotate_degrees: float = option(15.0, low=0, high=180, unit="degrees", help="Largest angle.")
    tilt_chance: float = _chance("rotated out of that plane (3-D only)")
    tilt_degrees: float = option(10.0, low=0, high=180, unit="degrees", help="Largest angle.")
    scale_chance: float = _chance("scaled alike along all axes")
    scale: Ratios = option((0.85, 1.18), help="Factor; above 1 is larger.")
    stretch_chance: float = _chance("scaled along each axis on its own")
    stretch: Ratios = option((0.9, 1.11), help="Factor per axis.")
    shear_chance: float = _chance("sheared in the plane of its two fast axes")
    shear_degrees: float = option(8.0, low=0, high=45, unit="degrees", help="Largest angle.")
    shift_chance: float = _chance("shifted")
    shift: float = option(0.08, low=0, high=0.5, help="Largest shift, as a share of each edge.")
    outside: Outside = option("border", help="What is seen where an image was moved away.")

    blur_chance: float = _chance("blurred")
    blur: Widths = option((0.3, 1.0), unit="elements", help="Standard deviation of the Gaussian.")
    coarsen_chance: float = _chance("reduced to fewer elements and brought back")
    coarsen: Shares = option((0.5, 1.0), help="Share of the elements kept along each axis.")
    noise_chance: float = _chance("given Gaussian noise")
    noise: Widths = option((0.0, 0.15), help="Standard deviation, relative to the image's own.")
    contrast_chance: float = _chance("stretched about its mean value")
    contrast: Ratios = option((0.75, 1.33), help="Factor.")
    brightness_chance: float = _chance("made brighter or darker")
    brightness: float = option(0.25, low=0, high=3, help="Largest change, relative as for noise.")
    gamma_chance: float = _chance("given another gamma, between its own lowest and highest value")
    gamma: Ratios = option((0.7, 1.5), help="Exponent; above 1 is darker.")
    gamma_inverted_chance: float = option(
        0.25, low=0, high=1, help="Probability that the gamma acts on the negative."
    )

    cutout_chance: float = _chance("given holes of its mean value")
    cutout_count: int = option(1, low=1, high=16, help="Holes in such an image.")
    cutout: Shares = option((0.1, 0.3), help="Edge of a hole, as a share of the image's.")
    mixup_chance: float = _chance("averaged with another of its batch")
    mixup_alpha: float = option(0.4, low=0.01, high=10, help="Both parameters of the Beta weight.")
    cutmix_chance: float = _chance("given a window of another of its batch")
    cutmix_alpha: float = option(1.0, low=0.01, high=10, help="Both parameters of the Beta area.")

    @property
    def is_active(self) -> bool:
        """Whether anything can happen to an image."""
        chances = (
            getattr(self, name)
            for name in type(self).model_fields
            if name.endswith("_chance") and name not in ("flip_chance", "gamma_inverted_chance")
        )
        return any(chances) or (bool(self.flips) and self.flip_chance > 0)


def light(flips: tuple[int, ...] = ()) -> AugmentationOptions:
    """Return small moves only: for much data, or where position and grey value carry meaning."""
    return AugmentationOptions(
        flips=flips,
        rotate_chance=0.3, rotate_degrees=8, tilt_chance=0.1, tilt_degrees=5,
        scale_chance=0.3, scale=(0.92, 1.09),
        shift_chance=0.5, shift=0.05,
        contrast_chance=0.15, contrast=(0.85, 1.18),
        brightness_chance=0.15, brightness=0.15,
    )  # fmt: skip


def medium(flips: tuple[int, ...] = ()) -> AugmentationOptions:
    """Return the usual moves and changes of value, each on a minority of images.

    The choice of changes follows nnU-Net (F. Isensee et al., Nature Methods 2021, supplementary
    note 2), with smaller angles, and shifts, since the whole image is seen and not a window of it.
    """
    return AugmentationOptions(
        flips=flips,
        rotate_chance=0.4, rotate_degrees=15, tilt_chance=0.2, tilt_degrees=10,
        scale_chance=0.4, scale=(0.85, 1.18),
        stretch_chance=0.2, shear_chance=0.1,
        shift_chance=0.5, shift=0.08,
        blur_chance=0.1, coarsen_chance=0.1, noise_chance=0.15,
        contrast_chance=0.2, brightness_chance=0.2, gamma_chance=0.2,
    )  # fmt: skip


def strong(flips: tuple[int, ...] = ()) -> AugmentationOptions:
    """Return large moves, holes and mixing: for little data and many epochs."""
    return AugmentationOptions(
        flips=flips,
        rotate_chance=0.6, rotate_degrees=25, tilt_chance=0.3, tilt_degrees=15,
        scale_chance=0.6, scale=(0.75, 1.33),
        stretch_chance=0.3, stretch=(0.85, 1.18), shear_chance=0.2, shear_degrees=10,
        shift_chance=0.6, shift=0.12,
        blur_chance=0.2, blur=(0.3, 1.3), coarsen_chance=0.2, noise_chance=0.25, noise=(0, 0.25),
        contrast_chance=0.3, contrast=(0.6, 1.6), brightness_chance=0.3, brightness=0.4,
        gamma_chance=0.3, gamma=(0.6, 1.7),
        cutout_chance=0.3, cutout_count=2, mixup_chance=0.3,
    )  # fmt: skip


STRENGTHS: Mapping[str, Callable[[tuple[int, ...]], AugmentationOptions]] = MappingProxyType(
    {"light": light, "medium": medium, "strong": strong}
)
"""Ready sets of options by strength; each takes the axes that may be mirrored."""
