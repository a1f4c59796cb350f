"""The digital phantom of IBSI, and what its reference manual says that features of it are.

A. Zwanenburg, S. Leger, M. Vallières, S. Löck: Image biomarker standardisation initiative,
reference manual, arXiv 1612.07003v11: phantom in section 5.1, values in the benchmark tables of
sections 3.1 to 3.11, matrices in appendix A. Values are given there with three digits.
"""

import numpy as np

OUT = 0
"""Outside the region."""

PHANTOM = np.array(
    [
        [[1, 4, 4, 1, 1], [1, 4, 6, 1, 1], [4, 1, 6, 4, 1], [4, 4, 6, 4, 1]],
        [[1, 4, 4, 1, 1], [1, 1, 6, 1, 1], [OUT, 1, 3, 1, 1], [4, 4, 6, 1, 1]],
        [[1, 4, 4, OUT, OUT], [1, 1, 1, 1, 1], [1, 1, OUT, 1, 1], [1, 1, 6, 1, 1]],
        [[1, 4, 4, OUT, OUT], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 6, 1, 1]],
    ]
)
"""Grey levels, shape (Z, Y, X) = (4, 4, 5); voxels of 2 mm."""

SPACING_MM = (2.0, 2.0, 2.0)

MERGED_PLANES = (
    {(1, 1): 22, (1, 4): 17, (1, 6): 6, (4, 4): 16, (4, 6): 11, (6, 6): 4},
    {
        (1, 1): 42, (1, 3): 5, (1, 4): 8, (1, 6): 8,
        (3, 4): 1, (3, 6): 2, (4, 4): 4, (4, 6): 3,
    },
    {(1, 1): 56, (1, 4): 7, (1, 6): 4, (4, 4): 2},
    {(1, 1): 70, (1, 4): 7, (1, 6): 5, (4, 4): 2},
)  # fmt: skip
"""Appendix A: co-occurrence of each plane, its four directions merged; (i, j) with i <= j."""

INTENSITY = {
    "mean": 2.15, "variance": 3.05, "skewness": 1.08, "kurtosis": -0.355, "median": 1,
    "minimum": 1, "percentile_10": 1, "percentile_90": 4, "maximum": 6, "interquartile_range": 3,
    "range": 5, "mean_absolute_deviation": 1.55, "robust_mean_absolute_deviation": 1.11,
    "median_absolute_deviation": 1.15, "coefficient_of_variation": 0.812,
    "quartile_coefficient_of_dispersion": 0.6, "energy": 567, "root_mean_square": 2.77,
}  # fmt: skip
HISTOGRAM = {"entropy": 1.27, "uniformity": 0.512}

SHAPE = {
    "volume": 556, "volume_by_counting": 592, "surface": 388, "surface_to_volume": 0.698,
    "compactness_1": 0.0411, "compactness_2": 0.599, "spherical_disproportion": 1.19,
    "sphericity": 0.843, "asphericity": 0.186, "maximum_diameter": 13.1,
    "major_axis_length": 11.4, "minor_axis_length": 9.31, "least_axis_length": 8.54,
    "elongation": 0.816, "flatness": 0.749, "density_in_box": 0.869,
}  # fmt: skip

COOCCURRENCE = {
    "joint_maximum": 0.509, "joint_average": 2.15, "joint_variance": 3.13, "joint_entropy": 2.57,
    "difference_average": 1.38, "difference_variance": 3.21, "difference_entropy": 1.64,
    "sum_average": 4.3, "sum_variance": 7.41, "sum_entropy": 2.11, "angular_second_moment": 0.291,
    "contrast": 5.12, "dissimilarity": 1.38, "inverse_difference": 0.688,
    "normalised_inverse_difference": 0.856, "inverse_difference_moment": 0.631,
    "normalised_inverse_difference_moment": 0.902, "inverse_variance": 0.0574,
    "correlation": 0.183, "autocorrelation": 5.19, "cluster_tendency": 7.41,
    "cluster_shade": 17.4, "cluster_prominence": 147, "information_correlation_1": -0.0288,
    "information_correlation_2": 0.269,
}  # fmt: skip
"""3-D, directions merged."""

RUN_LENGTH = {
    "short_run_emphasis": 0.729, "long_run_emphasis": 2.76, "low_grey_level_emphasis": 0.607,
    "high_grey_level_emphasis": 9.64, "short_run_low_grey_level_emphasis": 0.372,
    "short_run_high_grey_level_emphasis": 8.67, "long_run_low_grey_level_emphasis": 2.16,
    "long_run_high_grey_level_emphasis": 15.6, "grey_level_non_uniformity": 281,
    "normalised_grey_level_non_uniformity": 0.43, "run_length_non_uniformity": 328,
    "normalised_run_length_non_uniformity": 0.501, "percentage": 0.68,
    "grey_level_variance": 3.48, "run_length_variance": 0.598, "run_length_entropy": 2.62,
}  # fmt: skip
"""3-D, directions merged."""

RUN_LENGTH_PLANES = {
    "short_run_emphasis": 0.641, "long_run_emphasis": 3.78, "low_grey_level_emphasis": 0.604,
    "high_grey_level_emphasis": 9.82, "short_run_low_grey_level_emphasis": 0.294,
    "short_run_high_grey_level_emphasis": 8.57, "long_run_low_grey_level_emphasis": 3.14,
    "long_run_high_grey_level_emphasis": 17.4, "grey_level_non_uniformity": 5.2,
    "normalised_grey_level_non_uniformity": 0.46, "run_length_non_uniformity": 6.12,
    "normalised_run_length_non_uniformity": 0.492, "percentage": 0.627,
    "grey_level_variance": 3.35, "run_length_variance": 0.761, "run_length_entropy": 2.17,
}  # fmt: skip
"""2-D: mean over the four planes and the four directions of each."""

SIZE_ZONE = {
    "small_zone_emphasis": 0.255, "large_zone_emphasis": 550, "low_grey_level_emphasis": 0.253,
    "high_grey_level_emphasis": 15.6, "small_zone_low_grey_level_emphasis": 0.0256,
    "small_zone_high_grey_level_emphasis": 2.76, "large_zone_low_grey_level_emphasis": 503,
    "large_zone_high_grey_level_emphasis": 1490, "grey_level_non_uniformity": 1.4,
    "normalised_grey_level_non_uniformity": 0.28, "zone_size_non_uniformity": 1,
    "normalised_zone_size_non_uniformity": 0.2, "percentage": 0.0676,
    "grey_level_variance": 2.64, "zone_size_variance": 331, "zone_size_entropy": 2.32,
}  # fmt: skip
"""3-D."""

TONE_DIFFERENCE = {
    "coarseness": 0.0296, "contrast": 0.584, "busyness": 6.54, "complexity": 13.5,
    "strength": 0.763,
}  # fmt: skip
"""3-D."""

DEPENDENCE = {
    "low_dependence_emphasis": 0.045, "high_dependence_emphasis": 109,
    "low_grey_level_emphasis": 0.693, "high_grey_level_emphasis": 7.66,
    "low_dependence_low_grey_level_emphasis": 0.00963,
    "low_dependence_high_grey_level_emphasis": 0.736,
    "high_dependence_low_grey_level_emphasis": 102,
    "high_dependence_high_grey_level_emphasis": 235, "grey_level_non_uniformity": 37.9,
    "normalised_grey_level_non_uniformity": 0.512,
}  # fmt: skip
"""3-D, coarseness 0."""


def agrees(value: float, reference: float) -> bool:
    """Whether a value is the reference, which is rounded to three digits."""
    if reference == 0:
        return abs(value) < 5e-4
    digit = 10.0 ** (np.floor(np.log10(abs(reference))) - 2)
    # Half a digit for the rounding, and 2 % of one for the tables' own ties.
    return abs(value - reference) <= 0.52 * digit
