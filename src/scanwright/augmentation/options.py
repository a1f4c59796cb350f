"""What may happen to a training image, how likely, and how strongly."""

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

Spread = Literal["log", "even", "inverse", "halves"]
"""How a factor is drawn between its limits: evenly on a logarithmic scale, evenly, with an even
inverse, or as often below 1 as above it and evenly on each side."""

LabelRule = Literal["majority", "nearest"]
"""Which label an element of a moved mask gets: the one with the greatest weight in linear
interpolation, which is where the image's edge is too, or the one read nearest. Neither can make a
label that was not there."""

Step = Literal[
    "bias", "motion", "ghost", "spike", "speckle", "shadow", "gain", "haze", "grid",
    "blur", "coarsen", "tone", "noise", "negative", "gamma",
]  # fmt: skip
"""A kind of change of the values; "tone" is multiply, contrast and brightness at once."""

STEPS: tuple[Step, ...] = (
    "bias", "haze", "grid", "speckle", "shadow", "gain", "motion", "ghost", "spike",
    "blur", "coarsen", "tone", "noise", "negative", "gamma",
)  # fmt: skip
"""The usual order: how the image came about first, how it is shown last."""


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

    still_chance: float = option(
        0.0, low=0, high=1, help="Probability that an image is left in its place: no move below."
    )
    rotate_chance: float = _chance("rotated in the plane of its two fast axes")
    rotate_degrees: float = option(15.0, low=0, high=180, unit="degrees", help="Largest angle.")
    tilt_chance: float = _chance("rotated out of that plane (3-D only)")
    tilt_degrees: float = option(10.0, low=0, high=180, unit="degrees", help="Largest angle.")
    tilt_joins: bool = option(False, help="Tilt exactly the images that are rotated, and no other.")
    in_plane: bool = option(
        False, help="In 3-D, scale, bend and coarsen within slices only, and never tilt."
    )
    scale_chance: float = _chance("scaled alike along all axes")
    scale: Ratios = option((0.85, 1.18), help="Factor; above 1 is larger.")
    scale_spread: Spread = option("log", help="How the factor is drawn between its limits.")
    stretch_chance: float = _chance("scaled along each axis on its own")
    stretch: Ratios = option((0.9, 1.11), help="Factor per axis.")
    shear_chance: float = _chance("sheared in the plane of its two fast axes")
    shear_degrees: float = option(8.0, low=0, high=45, unit="degrees", help="Largest angle.")
    shift_chance: float = _chance("shifted")
    shift: float = option(0.08, low=0, high=0.5, help="Largest shift, as a share of each edge.")
    elastic_chance: float = _chance("bent smoothly")
    elastic: Shares = option(
        (0.0, 0.04), help="Largest displacement along an axis, as a share of the edge."
    )
    elastic_points: int = option(4, low=2, high=16, help="Control points between the edges.")
    crop_is_random: bool = option(
        False, help="Keep a window at a random place of a larger image; otherwise its middle."
    )
    outside: Outside = option("border", help="What is seen where an image was moved away.")
    labels: LabelRule = option("majority", help="Which label an element of a moved mask gets.")

    order: tuple[Step, ...] = option(STEPS, help="In which order values are changed.")
    by_channel: bool = option(
        False, help="Measure and change each channel on its own, with a strength of its own."
    )
    spread: Spread = option("log", help="How factors of values and gammas are drawn.")

    blur_chance: float = _chance("blurred")
    blur: Widths = option((0.3, 1.0), unit="elements", help="Standard deviation of the Gaussian.")
    blur_axes: bool = option(False, help="A deviation of its own along each axis.")
    blur_channel_chance: float = option(
        1.0, low=0, high=1, help="Probability of each channel of a blurred image, by channel."
    )
    coarsen_chance: float = _chance("reduced to fewer elements and brought back")
    coarsen: Shares = option((0.5, 1.0), help="Share of the elements kept along each axis.")
    coarsen_means: bool = option(
        True, help="Average to fewer elements; otherwise the nearest are taken."
    )
    coarsen_channel_chance: float = option(
        1.0, low=0, high=1, help="Probability of each channel of such an image, by channel."
    )
    noise_chance: float = _chance("given Gaussian noise")
    noise: Widths = option((0.0, 0.15), help="Standard deviation, relative to the image's own.")
    noise_is_absolute: bool = option(
        False, help="The standard deviation is in the units of the values themselves."
    )
    multiply_chance: float = _chance("multiplied")
    multiply: Ratios = option((0.75, 1.33), help="Factor of all values.")
    contrast_chance: float = _chance("stretched about its mean value")
    contrast: Ratios = option((0.75, 1.33), help="Factor.")
    contrast_is_clipped: bool = option(
        False, help="Values beyond the lowest and highest before are set to these."
    )
    brightness_chance: float = _chance("made brighter or darker")
    brightness: float = option(0.25, low=0, high=3, help="Largest change, relative as for noise.")
    gamma_chance: float = _chance("given another gamma, between its own lowest and highest value")
    gamma: Ratios = option((0.7, 1.5), help="Exponent; above 1 is darker.")
    gamma_inverted_chance: float = option(
        0.25, low=0, high=1, help="Probability that the gamma acts on the negative."
    )
    gamma_keeps_mean: bool = option(
        False, help="Bring mean and deviation after a gamma back to those before it."
    )
    negative_chance: float = _chance("given a gamma on its negative, apart from any other gamma")

    bias_chance: float = _chance("given a smooth field of brightness, as of an MRI coil")
    bias: Shares = option((0.1, 0.5), help="Largest logarithm of the field.")
    motion_chance: float = _chance("acquired while the patient moved (MRI)")
    motion: Shares = option((0.01, 0.05), help="Largest shift, as a share of the edge.")
    ghost_chance: float = _chance("overlaid with ghosts of itself along an axis (MRI)")
    ghost: Shares = option(
        (0.1, 0.4), help="Part of the signal lost in every n-th line of k-space."
    )
    ghost_count: int = option(4, low=2, high=16, help="Largest number of ghosts.")
    spike_chance: float = _chance("crossed by waves, as of a spike in k-space (MRI)")
    spike: Shares = option((0.1, 0.5), help="Height of the waves, relative to the deviation.")
    speckle_chance: float = _chance("given multiplied, grainy noise (ultrasound)")
    speckle: Shares = option((0.05, 0.3), help="Standard deviation of the factor.")
    shadow_chance: float = _chance("given an acoustic shadow (ultrasound)")
    shadow: Shares = option((0.3, 0.8), help="Share of the signal lost in its middle.")
    gain_chance: float = _chance("given another gain in depth (ultrasound)")
    gain: Shares = option((0.1, 0.6), help="Largest logarithm of the gain.")
    haze_chance: float = _chance("veiled by scattered radiation (X-ray)")
    haze: Shares = option((0.1, 0.5), help="Share of the signal that is scattered.")
    grid_chance: float = _chance("given the lines of an anti-scatter grid (X-ray)")
    grid: Shares = option((0.02, 0.15), help="Height of the lines, relative to the range.")

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
        chances = (getattr(self, name) for name in CHANCES)
        return any(chances) or (bool(self.flips) and self.flip_chance > 0)


CHANCES = tuple(
    name
    for name in AugmentationOptions.model_fields
    if name.endswith("_chance")
    and name not in ("flip_chance", "still_chance", "gamma_inverted_chance")
    and not name.endswith("_channel_chance")
)
"""The options each of which makes something possible by itself."""
