"""How classical features are measured."""

from typing import Literal, get_args

from scanwright.base import Options, option

Family = Literal[
    "intensity",
    "shape",
    "cooccurrence",
    "run_length",
    "size_zone",
    "tone_difference",
    "dependence",
    "gradient",
    "pattern",
    "wavelet",
    "thumbnail",
]
"""Name of a family of features."""

EVERYTHING: tuple[Family, ...] = get_args(Family)


class FeatureOptions(Options):
    """Which features are measured, and on what sampling and grey levels."""

    families: tuple[Family, ...] = option(
        EVERYTHING, help="Families of features; shape needs a mask and is left out without one."
    )
    longest: int = option(
        0, low=0, high=1024, help="Longest edge in elements; 0 takes 160 in 2-D and 48 in 3-D."
    )
    bins: int = option(32, low=2, high=256, help="Grey levels of texture: the range in equal bins.")
    width: float = option(
        0.0, low=0.0, help="Width of a grey level in the image's unit; 0 takes `bins` instead."
    )

    def longest_of(self, rank: int) -> int:
        """Return the longest edge for a rank."""
        return self.longest or {1: 512, 2: 160, 3: 48}[rank]


class RivalOptions(Options):
    """How the classical model is chosen."""

    families: tuple[str, ...] = option(
        ("logistic", "svm", "boosting", "forest"),
        help="Families of models to choose from, in the order in which they are tried.",
    )
    folds: int = option(4, low=2, high=10, help="Inner folds, by patient, that choose the model.")
    blend: bool = option(
        True, help="Let the mean of the best of each family be chosen, where it is better."
    )
    seconds: float = option(
        0.0, low=0.0, unit="s", help="Time for choosing and fitting one model; 0 leaves it free."
    )
    seed: int = option(0, low=0, help="Seed of inner folds and of the models.")
