"""The report as a value: what was measured, on what, by what, and what to beware of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from scanwright.image import Image
from scanwright.metrics import Resamples
from scanwright.report.box_figures import box_figures
from scanwright.report.breakdown import (
    Difference,
    Mistake,
    Subgroup,
    measure_subgroups,
    worst_errors,
)
from scanwright.report.canvas import Figure
from scanwright.report.curves import (
    benefit_figure,
    precision_recall_figure,
    reliability_figure,
    roc_figure,
    score_histogram_figure,
)
from scanwright.report.mask_figures import mask_figures
from scanwright.report.measure import MeasureOptions, Scores, measure_scores
from scanwright.report.outcomes import Outcomes
from scanwright.report.section import Section
from scanwright.report.tallies import agreement_figure, confusion_figure, forest_figure
from scanwright.report.thumbnail import Thumbnail, picture_uri

Pictures = Callable[[int], Image | None]
"""Maps the place of a case among the outcomes to its image, or None where there is none."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what stands beside it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the recipe, with the reason for its value."""

    name: str
    value: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Inputs that were not used, and why."""

    reason: str
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitReport:
    """All about one split.

    Parameters
    ----------
    name
        "test", "validation", or another.
    figures
        ROC, precision-recall, calibration and so on, as the kind of task asks.
    errors
        The wrong decisions made with most confidence, as pictures.
    """

    name: str
    outcomes: Outcomes
    scores: Scores
    subgroups: tuple[Subgroup, ...]
    figures: tuple[Figure, ...]
    errors: tuple[Thumbnail, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The model against another one on the same cases of a split."""

    split: str
    model: str
    other: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a reader needs to judge a model.

    Parameters
    ----------
    title
        Of the run.
    purpose
        What the model does, to follow "the model": "tells malignant from benign lesions in
        breast ultrasound".
    splits
        At least one.
    decisions
        Settings of the recipe with the reasons for them.
    data, environment, provenance
        Facts: counts and sizes; versions and machine; hashes.
    left_out
        Inputs that were skipped or refused.
    learning
        Learning curves.
    samples
        A few cases as the network sees them.
    warnings
        What went less well than it should, in the reader's words.
    created
        Date, as it shall be printed.
    sections
        What a workflow adds, between the scores and the training.
    """

    title: str
    purpose: str
    splits: tuple[SplitReport, ...]
    decisions: tuple[Setting, ...] = ()
    data: tuple[Fact, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    learning: Figure | None = None
    samples: tuple[Thumbnail, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    environment: tuple[Fact, ...] = ()
    provenance: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()
    created: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def main(self) -> SplitReport:
        """The split that the verdict rests on: the test split, else the first."""
        return next((split for split in self.splits if split.name == "test"), self.splits[0])


def report_split(
    name: str,
    outcomes: Outcomes,
    options: MeasureOptions,
    rng: np.random.Generator,
    pictures: Pictures = lambda _: None,
) -> SplitReport:
    """Measure a split and draw its figures.

    A split of one class only is reported with what can be measured on it.
    """
    scores = measure_scores(outcomes, options, rng)
    resamples = Resamples.draw(outcomes.patients, min(500, options.replicates), rng)
    drawn = FIGURES[outcomes.kind](name, outcomes, scores, resamples)
    return SplitReport(
        name,
        outcomes,
        scores,
        measure_subgroups(outcomes, scores.scores, options, rng),
        tuple(figure for figure in drawn if figure is not None),
        _error_pictures(outcomes, options, pictures),
    )


def _class_figures(
    name: str, outcomes: Outcomes, scores: Scores, resamples: Resamples
) -> list[Figure | None]:
    return [
        roc_figure(name, outcomes, scores.scores, resamples),
        confusion_figure(name, outcomes),
        precision_recall_figure(name, outcomes, scores.scores),
        reliability_figure(name, outcomes, scores.scores),
        score_histogram_figure(name, outcomes),
        benefit_figure(name, outcomes),
    ]


def _finding_figures(
    name: str, outcomes: Outcomes, scores: Scores, resamples: Resamples
) -> list[Figure | None]:
    return [
        roc_figure(name, outcomes, scores.scores, resamples),
        precision_recall_figure(name, outcomes, scores.scores),
        forest_figure(name, scores),
        reliability_figure(name, outcomes, scores.scores),
        score_histogram_figure(name, outcomes),
    ]


def _number_figures(name: str, outcomes: Outcomes, _: Scores, __: Resamples) -> list[Figure | None]:
    return [agreement_figure(name, outcomes)]


FIGURES: Mapping[str, Callable[[str, Outcomes, Scores, Resamples], list[Figure | None]]] = (
    MappingProxyType(
        {
            "classes": _class_figures,
            "findings": _finding_figures,
            "grade": _class_figures,
            "number": _number_figures,
            "segmentation": mask_figures,
            "detection": box_figures,
        }
    )
)
"""The figures of each kind of task."""


def _error_pictures(
    outcomes: Outcomes, options: MeasureOptions, pictures: Pictures
) -> tuple[Thumbnail, ...]:
    found = []
    for mistake in worst_errors(outcomes):
        image = pictures(mistake.index)
        found.append(
            Thumbnail(
                picture_uri(image) if image is not None else "",
                _words(mistake, outcomes, options),
                f"Case {mistake.index + 1}: truly {mistake.truth}, decided {mistake.decided}.",
                is_wrong=True,
            )
        )
    return tuple(found)


def _words(mistake: Mistake, outcomes: Outcomes, options: MeasureOptions) -> tuple[str, ...]:
    name = mistake.case if options.show_names else f"Case {mistake.index + 1}"
    if outcomes.kind == "number":
        sure = f"off by {mistake.confidence:.4g} {outcomes.unit}".rstrip()
    else:
        sure = f"with probability {mistake.confidence:.2f}"
    return name, f"Truly {mistake.truth}", f"Decided {mistake.decided}, {sure}"
