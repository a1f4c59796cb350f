"""Ready sets of augmentation options, by strength, and nnU-Net's own."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from scanwright.augmentation.options import AugmentationOptions
from scanwright.base import RecipeError

ANISOTROPIC = 3.0
"""Beyond this ratio of the longest to the shortest edge nnU-Net treats slices as images."""
ELONGATED = 1.5
"""Beyond this ratio of a plane's edges nnU-Net turns by 15 degrees at most."""


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


def nnunet(size: tuple[int, ...], flips: tuple[int, ...] | None = None) -> AugmentationOptions:
    """Return the changes of nnU-Net's default trainer, version 2, with its probabilities.

    For standardised images. What a cascade adds is left out.

    Parameters
    ----------
    size
        Edges of the window that is trained on: two or three. They decide, as there, how far is
        turned, and whether slices are moved as images of their own.
    flips
        Axes that may be mirrored; all when not given.

    Raises
    ------
    RecipeError
        The size has neither two nor three edges.

    Notes
    -----
    Definitions: F. Isensee et al., Nature Methods 2021, supplementary note 2, in the form of
    nnunetv2 2.8 with batchgeneratorsv2 0.3.6. There, too, the "variance" of the noise is used as
    its standard deviation, and scaling draws the factor of the coordinates evenly.
    """
    rank = len(size)
    if rank not in (2, 3):
        raise RecipeError("Only images of two or three axes are augmented.", got=size)
    ratio = max(size) / min(size)
    in_plane = rank == 3 and ratio > ANISOTROPIC
    degrees = 15.0 if rank == 2 and ratio > ELONGATED else 180.0
    if rank == 3 and not in_plane:
        degrees = 30.0
    return AugmentationOptions(
        flips=tuple(range(rank)) if flips is None else flips,
        rotate_chance=0.2, rotate_degrees=degrees,
        tilt_joins=rank == 3 and not in_plane, tilt_degrees=30, in_plane=in_plane,
        scale_chance=0.2, scale=(1 / 1.4, 1 / 0.7), scale_spread="inverse",
        outside="zeros", labels="majority",
        order=("noise", "blur", "tone", "coarsen", "negative", "gamma"),
        by_channel=True, spread="halves",
        noise_chance=0.1, noise=(0, 0.1), noise_is_absolute=True,
        blur_chance=0.2, blur=(0.5, 1), blur_axes=True, blur_channel_chance=0.5,
        multiply_chance=0.15, multiply=(0.75, 1.25),
        contrast_chance=0.15, contrast=(0.75, 1.25), contrast_is_clipped=True,
        coarsen_chance=0.25, coarsen=(0.5, 1), coarsen_means=False, coarsen_channel_chance=0.5,
        negative_chance=0.1, gamma_chance=0.3, gamma=(0.7, 1.5),
        gamma_inverted_chance=0, gamma_keeps_mean=True,
    )  # fmt: skip


STRENGTHS: Mapping[str, Callable[[tuple[int, ...]], AugmentationOptions]] = MappingProxyType(
    {"light": light, "medium": medium, "strong": strong}
)
"""Ready sets of options by strength; each takes the axes that may be mirrored."""
