"""How much is read around a window, so that turning it brings in what truly lies there."""

import math

from scanwright.augmentation import AugmentationOptions

LEAST_SCALE = 0.85
"""Images made smaller than this show some emptiness at their edges; reading more would not pay."""

PLANES = {2: ((0, 1),), 3: ((1, 2), (0, 1), (0, 2))}
"""Axes of the planes of rotation, the fast one first; the others are only tilted in."""


def reach_of(
    window: tuple[int, ...], options: AugmentationOptions, longest: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the edges of the box around a window that its augmentation can look into.

    The window lies in its middle, with as much on either side.

    Parameters
    ----------
    window
        Edges of what the network sees.
    longest
        Longest edge of any image, by axis: no window lies where it could see further than that.

    Notes
    -----
    The box that holds the window turned in one plane by any angle allowed, and made smaller, as
    nnU-Net has it (F. Isensee et al., Nature Methods 2021).
    """
    wide = [float(edge) for edge in window]
    for (first, second), degrees in zip(PLANES[len(window)], _angles(options), strict=False):
        edges = (window[first], window[second])
        wide[first] = max(wide[first], _extent(*edges, degrees))
        wide[second] = max(wide[second], _extent(*edges[::-1], degrees))
    smallest = min(_least_scale(options), 1.0)
    if options.shift_chance:
        wide = [one + 2 * options.shift * edge for one, edge in zip(wide, window, strict=True)]
    reached = []
    for axis, (edge, one, most) in enumerate(zip(window, wide, longest, strict=True)):
        is_flat = options.in_plane and len(window) == 3 and axis == 0
        needed = one if is_flat else one / smallest
        margin = math.ceil((needed - edge) / 2)
        reached.append(edge + 2 * max(0, min(margin, most - edge)))
    return tuple(reached)


def _angles(options: AugmentationOptions) -> tuple[float, float, float]:
    """Return the largest angle in each plane, in degrees."""
    turned = options.rotate_degrees if options.rotate_chance else 0.0
    is_tilted = options.rotate_chance if options.tilt_joins else options.tilt_chance
    tilted = options.tilt_degrees if is_tilted and not options.in_plane else 0.0
    return turned, tilted, tilted


def _least_scale(options: AugmentationOptions) -> float:
    scale = options.scale[0] if options.scale_chance else 1.0
    return max(LEAST_SCALE, scale * (options.stretch[0] if options.stretch_chance else 1.0))


def _extent(own: int, other: int, degrees: float) -> float:
    """Return the longest extent along an edge when the plane is turned by up to an angle."""
    angle = min(math.radians(degrees), math.atan2(other, own))
    return own * math.cos(angle) + other * math.sin(angle)
