"""Whole cohorts of simulated patients, of any modality, with the truth about every image."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator, default_rng
from pydantic import model_validator

from scanwright.base import SILENT, InputError, Options, Progress, option
from scanwright.image import (
    BoxesTarget,
    Case,
    ClassTarget,
    LabelScheme,
    MaskTarget,
    Modality,
    Target,
)
from scanwright.phantom.brain_mri import FINDINGS as MRI_FINDINGS
from scanwright.phantom.brain_mri import PROTOCOLS as SEQUENCES
from scanwright.phantom.brain_mri import simulate_brain_mri
from scanwright.phantom.breast_ultrasound import FINDINGS as ULTRASOUND_FINDINGS
from scanwright.phantom.breast_ultrasound import PROTOCOLS as PROBES
from scanwright.phantom.breast_ultrasound import simulate_breast_ultrasound
from scanwright.phantom.chest_ct import FINDINGS as CT_FINDINGS
from scanwright.phantom.chest_ct import simulate_chest_ct
from scanwright.phantom.chest_xray import FINDINGS as XRAY_FINDINGS
from scanwright.phantom.chest_xray import simulate_chest_xray
from scanwright.phantom.order import Order, Picture

Protocol = Literal["", "flair", "t1", "t2", "linear", "curved"]
"""Ways of looking: a sequence of MRI, or a probe of ultrasound."""


@dataclass(frozen=True, slots=True)
class Study:
    """What one modality can simulate.

    Parameters
    ----------
    simulate
        Makes one picture.
    findings
        Classes it knows.
    usual
        How many of them are drawn when none are named.
    protocols
        Its ways of looking, the default first.
    """

    simulate: Callable[[Order], Picture]
    findings: tuple[str, ...]
    usual: int = 2
    protocols: tuple[str, ...] = ()


STUDIES = {
    Modality.XRAY: Study(simulate_chest_xray, XRAY_FINDINGS),
    Modality.CT: Study(simulate_chest_ct, CT_FINDINGS),
    Modality.MRI: Study(simulate_brain_mri, MRI_FINDINGS, protocols=tuple(SEQUENCES)),
    Modality.ULTRASOUND: Study(
        simulate_breast_ultrasound, ULTRASOUND_FINDINGS, protocols=tuple(PROBES)
    ),
}
"""Study by modality."""

GOLDEN_RATIO = (5**0.5 - 1) / 2
"""Step from patient to patient through the classes."""

MOST_CASES = 1_000_000
"""Largest cohort."""


class CohortOptions(Options):
    """Which patients and images to simulate."""

    modality: Modality = option(Modality.XRAY, help="How the images are made.")
    cases: int = option(240, low=1, high=MOST_CASES, help="Number of images.")
    images_per_patient: int = option(1, low=1, high=20, help="Images of each patient.")
    size: int = option(128, low=32, high=1024, help="Edge of a slice or picture, in elements.")
    rank: Literal[2, 3] = option(2, help="3 gives volumes (CT and MRI).")
    slices: int = option(8, low=2, high=200, help="Slices of a volume.")
    classes: tuple[str, ...] = option((), help="Classes; empty for the modality's first two.")
    prevalence: float = option(
        0.5, low=0, high=1, help="Share of patients that are not of the first class."
    )
    sites: int = option(3, low=1, high=50, help="Hospitals, each with a scanner of its own.")
    protocol: Protocol = option("", help="MRI sequence or probe; empty for the usual one.")
    seed: int = option(0, low=0, help="Decides every random choice.")

    @model_validator(mode="after")
    def _check(self) -> "CohortOptions":
        study = STUDIES.get(self.modality)
        if study is None:
            known = ", ".join(modality.value for modality in STUDIES)
            raise ValueError(f"modality must be one of {known}")
        unknown = [name for name in self.classes if name not in study.findings]
        if unknown or len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes must be different ones of {', '.join(study.findings)}")
        if self.protocol and self.protocol not in study.protocols:
            raise ValueError(f"protocol must be one of {', '.join(study.protocols) or 'none'}")
        if self.rank == 3 and self.modality not in (Modality.CT, Modality.MRI):
            raise ValueError("only CT and MRI make volumes (rank 3)")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes that are drawn."""
        study = STUDIES[self.modality]
        return self.classes or study.findings[: study.usual]


@dataclass(frozen=True, slots=True)
class Truth:
    """A simulated case with all that is known about it.

    Parameters
    ----------
    case
        The image, with its class or its boxes as target, patient and site.
    mask
        The finding on the image's own grid; empty where there is none.
    boxes
        One around each finding, so that none is lost where they overlap.
    sex
        "F" or "M".
    age_years
        At the time of the image.
    laterality
        "L", "R" or empty.
    body_part, view
        DICOM's words for Body Part Examined and View Position.
    """

    case: Case
    mask: MaskTarget
    boxes: BoxesTarget
    sex: str
    age_years: float
    laterality: str
    body_part: str
    view: str


def simulate_case(options: CohortOptions, index: int) -> Truth:
    """Simulate one image, whatever the others are.

    Parameters
    ----------
    options
        The cohort.
    index
        From 0 to `options.cases` - 1.

    Raises
    ------
    InputError
        There is no such index.
    """
    if not 0 <= index < options.cases:
        raise InputError("No such case.", got=index, legal=f"0 to {options.cases - 1}")
    order = _order(options, index)
    picture = STUDIES[options.modality].simulate(order)
    return truth_of(
        f"{options.modality.value}-{index:05d}", order, picture, ClassTarget(order.finding)
    )


def truth_of(name: str, order: Order, picture: Picture, target: Target) -> Truth:
    """Return what was simulated, as a case of that name with all that is known about it."""
    image = picture.image
    mask = MaskTarget(image.with_array(picture.labels[None]), LabelScheme.of_classes(picture.names))
    decade = int(order.age_years // 10) * 10
    case = Case(
        name=name,
        images={"image": image},
        target=target,
        patient=f"SIM-{order.patient:05d}",
        site=f"site-{order.site + 1}",
        subgroups={"sex": order.sex, "age": f"{decade}-{decade + 9}"},
    )
    return Truth(
        case=case,
        mask=mask,
        boxes=BoxesTarget(picture.boxes),
        sex=order.sex,
        age_years=order.age_years,
        laterality=picture.laterality,
        body_part=picture.body_part,
        view=picture.view,
    )


def simulate_cohort(options: CohortOptions, progress: Progress = SILENT) -> Iterator[Truth]:
    """Simulate all images of a cohort in turn."""
    progress.begin("Simulating", options.cases, "images")
    for index in range(options.cases):
        yield simulate_case(options, index)
        progress.step()
    progress.end()


def class_of(options: CohortOptions, patient: int) -> str:
    """Return a patient's class: in any run of patients, each as often as asked, within one or two.

    Multiples of the golden ratio fill the unit interval evenly, however many there are, so that
    no patient's class depends on how many others follow.
    """
    names = options.labels
    start = default_rng([options.seed, 1]).random()
    level = even_level(start, patient)
    if len(names) == 1 or level >= options.prevalence:
        return names[0]
    return names[1 + int(level / options.prevalence * (len(names) - 1))]


def even_level(start: float, number: int) -> float:
    """Return the place of a number, 0 to 1, on which any run of numbers lies evenly."""
    return (start + number * GOLDEN_RATIO) % 1


def _order(options: CohortOptions, index: int) -> Order:
    patient, image = divmod(index, options.images_per_patient)
    person = draw_person(options.seed, patient, options.sites, options.modality)
    return Order(
        finding=class_of(options, patient),
        size=options.size,
        slices=options.slices if options.rank == 3 else 0,
        seed=options.seed,
        patient=patient,
        image=image,
        site=person.site,
        sex=person.sex,
        age_years=person.age_years,
        protocol=options.protocol,
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Who is imaged, and where: number of the site, sex, and age."""

    site: int
    sex: str
    age_years: float


def draw_person(seed: int, patient: int, sites: int, modality: Modality) -> Person:
    """Draw a patient of a cohort; ultrasound is of a breast, so that its patients are women."""
    rng = default_rng([seed, patient, 0, 0])
    sex = "F" if modality is Modality.ULTRASOUND or rng.random() < 0.5 else "M"
    return Person(int(rng.integers(sites)), sex, _age(rng))


def _age(person: Generator) -> float:
    return float(np.round(np.clip(person.normal(57, 15), 20, 89), 1))
