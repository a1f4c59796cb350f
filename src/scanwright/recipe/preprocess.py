"""Preprocessing chosen for each modality, each step with its reason."""

from typing import Any

from scanwright.recipe.fingerprint import Fingerprint

Steps = list[dict[str, Any]]  # Any: options of different kinds
Reasons = dict[str, str]

HU_RANGE = (-1024.0, 3071.0)
"""What a 12-bit CT stores."""
ASPECT_STRETCH = 1.3
"""Aspect ratios that spread less than this are stretched to one; others are padded."""
BORDER = 0.3
"""From this share of empty border on, images are cropped to their content."""


def preprocessing_for(fingerprint: Fingerprint, size: tuple[int, ...]) -> tuple[Steps, Reasons]:
    """Return the steps that bring a case to the network's input of `size`, values near 0..1."""
    steps: Steps = []
    reasons: Reasons = {}

    def add(reason: str, kind: str, **options: Any) -> None:  # Any: options of different kinds
        reasons[f"preprocessing.{len(steps)}"] = f"{kind}: {reason}"
        steps.append({"kind": kind, **options})

    if fingerprint.channels != (1,) and not fingerprint.has_colour:
        alike = "red, green and blue are alike; one channel holds it all"
        mixed = "some images are grey and some not; all are made grey"
        add(alike if len(fingerprint.channels) == 1 else mixed, "grey")
    if fingerprint.rank == 3 and fingerprint.spacing_mm:
        add("volumes of any orientation are turned the same way", "orient", axes="SPL")
    if fingerprint.empty_border > BORDER:
        share = 100 * fingerprint.empty_border
        add(f"{share:.0f} % of the median image is empty border", "crop_to_content")
    add_values(fingerprint, add)
    fit = "stretch" if fingerprint.aspect_spread < ASPECT_STRETCH else "pad"
    why = (
        "aspect ratios are alike"
        if fit == "stretch"
        else f"aspect ratios differ {fingerprint.aspect_spread:.1f}-fold; shapes stay true"
    )
    add(f"anti-aliased; {why}", "resize", size=list(size), fit=fit)
    return steps, reasons


def add_values(fingerprint: Fingerprint, add: Any) -> None:  # Any: a closure
    """Add the step that brings values near 0..1, by what they mean."""
    low, _, high = fingerprint.values
    if fingerprint.modality == "ct" and fingerprint.unit == "HU":
        low, high = max(low, HU_RANGE[0]), min(high, HU_RANGE[1])
        add(
            "HU mean the same everywhere; the window holds 99 % of the training values",
            "window",
            low=round(low),
            high=max(round(high), round(low) + 1),
        )
    elif fingerprint.dtype == "uint8":
        add("8-bit values already lie on one scale", "range", low=0.0, high=255.0)
    elif fingerprint.modality == "mri":
        add(
            "MRI has no unit: each image is put on its own scale, inside the body",
            "percentile",
            low=0.5,
            high=99.5,
            inside="nonzero",
        )
    else:
        add(
            "exposure and gain differ: each image is put on its own scale, outliers cut",
            "percentile",
            low=0.5,
            high=99.5,
        )
