"""Simulated cohorts of X-ray, CT, MRI and ultrasound, made by their physics, with exact truth."""

from scanwright.phantom.blob import Blob, draw_blob
from scanwright.phantom.cohort import (
    CohortOptions,
    Truth,
    simulate_case,
    simulate_cohort,
)
from scanwright.phantom.lesions import LesionOptions, simulate_lesions

__all__ = [
    "Blob",
    "CohortOptions",
    "LesionOptions",
    "Truth",
    "draw_blob",
    "simulate_case",
    "simulate_cohort",
    "simulate_lesions",
]
