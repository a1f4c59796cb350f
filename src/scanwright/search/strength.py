"""All of a recipe's augmentation made weaker or stronger by one factor."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from scanwright.augmentation import AugmentationOptions

Span = tuple[float, float]
UNSCALED = ("flip_chance", "gamma_inverted_chance")
"""Chances that say how, not whether."""


def _times(highest: float) -> Callable[[float, float], float]:
    return lambda value, factor: min(value * factor, highest)


def _span_times(highest: float) -> Callable[[Span, float], Span]:
    return lambda span, factor: (min(span[0] * factor, highest), min(span[1] * factor, highest))


def _power(span: Span, factor: float) -> Span:
    """Ratios lie on a logarithmic scale: twice as strong as 1.2 is 1.2²."""
    return (max(span[0] ** factor, 0.1), min(span[1] ** factor, 10.0))


def _kept(span: Span, factor: float) -> Span:
    """Shares that are kept: what is lost is scaled."""
    return (max(1 - (1 - span[0]) * factor, 0.05), max(1 - (1 - span[1]) * factor, 0.05))


SCALED: Mapping[str, Callable[[Any, float], Any]] = MappingProxyType(  # Any: numbers and spans
    {
        "rotate_degrees": _times(180.0),
        "tilt_degrees": _times(180.0),
        "shear_degrees": _times(45.0),
        "shift": _times(0.5),
        "brightness": _times(3.0),
        "scale": _power,
        "stretch": _power,
        "contrast": _power,
        "gamma": _power,
        "blur": _span_times(20.0),
        "noise": _span_times(20.0),
        "cutout": _span_times(1.0),
        "coarsen": _kept,
    }
)
"""How the strengths follow the factor."""


def at_strength(options: AugmentationOptions, factor: float) -> AugmentationOptions:
    """Return the options with all changes weaker (factor below 1) or stronger (above 1).

    Strengths are scaled by the factor, ratios on their logarithmic scale; chances are scaled only
    where it is below 1. Mirroring stays as it is: it has no strength.

    >>> at_strength(AugmentationOptions(rotate_chance=0.8, rotate_degrees=10), 0.5).rotate_degrees
    5.0
    """
    values = options.model_dump()
    for name in values:
        if name.endswith("_chance") and name not in UNSCALED:
            values[name] *= min(factor, 1.0)
        elif name in SCALED:
            values[name] = SCALED[name](values[name], factor)
    return AugmentationOptions(**values)
