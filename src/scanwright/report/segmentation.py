"""The masks of all cases of a split, measured: from them scores, figures and tables are made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from scanwright.base import InputError, ShapeError
from scanwright.image import Array, Geometry
from scanwright.metrics import MaskOptions, MaskScores, measure_masks, score_names
from scanwright.report.mask_results import MaskResults
from scanwright.report.measure import MeasureOptions, Scores, measure_scores
from scanwright.report.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class SegmentedCase:
    """What was measured of the masks of one case.

    Parameters
    ----------
    scores
        One for each class.
    patient
        Whom the case belongs to; the case itself when not given.
    columns
        Further facts by which results are broken down ("site": "A").
    """

    name: str
    scores: tuple[MaskScores, ...]
    patient: str = ""
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentationOutcomes:
    """True and predicted masks of N cases, as numbers.

    Parameters
    ----------
    labels
        Names of the K classes.
    cases
        N cases of K scores each.
    options
        By which definitions they were measured.
    volume_unit, length_unit
        "ml" and "mm"; in planes "mm²"; "pixels" where no physical size is known.

    Raises
    ------
    InputError
        There is no case.
    ShapeError
        A case has not one score for each class.
    """

    labels: tuple[str, ...]
    cases: tuple[SegmentedCase, ...] = field(repr=False)
    options: MaskOptions = field(default_factory=MaskOptions)
    volume_unit: str = "ml"
    length_unit: str = "mm"

    def __post_init__(self) -> None:
        if not self.cases:
            raise InputError("There is no case to measure.")
        for case in self.cases:
            if len(case.scores) != len(self.labels):
                raise ShapeError(
                    "A case has one score for each class.",
                    got=len(case.scores),
                    legal=len(self.labels),
                )

    @property
    def outcomes(self) -> Outcomes:
        """What all reports are made from."""
        values = {
            name: np.array([[own.values[name] for own in case.scores] for case in self.cases])
            for name in score_names(self.options)
        }
        truth = np.array([[own.true_volume for own in case.scores] for case in self.cases])
        guess = np.array([[own.guessed_volume for own in case.scores] for case in self.cases])
        names = dict.fromkeys(name for case in self.cases for name, _ in case.columns)
        return Outcomes(
            "segmentation",
            self.labels,
            truth,
            guess,
            cases=tuple(case.name for case in self.cases),
            patients=tuple(case.patient or case.name for case in self.cases),
            columns={
                name: tuple(dict(case.columns).get(name, "") for case in self.cases)
                for name in names
            },
            masks=MaskResults(values, self.options, self.volume_unit, self.length_unit),
        )

    def scores(self, options: MeasureOptions, rng: np.random.Generator) -> Scores:
        """Measure means over classes, and each class, with intervals over patients."""
        return measure_scores(self.outcomes, options, rng)


def measure_case(
    name: str,
    truth: Array,
    guess: Array,
    geometry: Geometry,
    *,
    classes: int,
    options: MaskOptions | None = None,
) -> SegmentedCase:
    """Measure the masks of one case.

    Parameters
    ----------
    truth, guess
        As `metrics.measure_masks` takes them.
    geometry
        Of the grid that both lie on.

    Raises
    ------
    ShapeError, LabelError
        As `metrics.measure_masks` does.
    """
    scores = measure_masks(truth, guess, geometry.spacing_mm, classes=classes, options=options)
    return SegmentedCase(name, scores)


def segmentation_units(geometries: Sequence[Geometry]) -> tuple[str, str]:
    """Return the units of volume and length that fit these grids.

    Examples
    --------
    >>> segmentation_units([Geometry.axial((3.0, 1.0, 1.0))])
    ('ml', 'mm')
    >>> segmentation_units([Geometry.pixels(2)])
    ('pixels', 'pixels')
    """
    if not all(geometry.is_physical for geometry in geometries):
        return "pixels", "pixels"
    return ("ml" if all(geometry.rank == 3 for geometry in geometries) else "mm²"), "mm"
