"""Images with any number of findings, each with an exact box, and images without one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.random import Generator, default_rng
from pydantic import model_validator

from scanwright.base import InputError, Options, option
from scanwright.image import BoxesTarget, Modality
from scanwright.phantom.brain_mri import simulate_brain_mri
from scanwright.phantom.breast_ultrasound import simulate_breast_ultrasound
from scanwright.phantom.chest_ct import simulate_chest_ct
from scanwright.phantom.chest_xray import simulate_chest_xray
from scanwright.phantom.cohort import MOST_CASES, Truth, draw_person, even_level, truth_of
from scanwright.phantom.lung_ct import simulate_lung_ct
from scanwright.phantom.order import Lesion, Order, Picture


@dataclass(frozen=True, slots=True)
class Search:
    """What there is to find in images of one modality and rank.

    Parameters
    ----------
    simulate
        Makes one image that shows the lesions of its order.
    names
        Of the findings.
    diameters_mm
        Smallest and largest, unless others are asked for.
    """

    simulate: Callable[[Order], Picture]
    names: tuple[str, ...]
    diameters_mm: tuple[float, float]


SEARCHES = {
    (Modality.XRAY, 2): Search(simulate_chest_xray, ("nodule",), (12.0, 32.0)),
    (Modality.CT, 2): Search(simulate_chest_ct, ("nodule",), (6.0, 24.0)),
    (Modality.CT, 3): Search(simulate_lung_ct, ("nodule",), (4.0, 20.0)),
    (Modality.MRI, 2): Search(simulate_brain_mri, ("tumour",), (8.0, 28.0)),
    (Modality.MRI, 3): Search(simulate_brain_mri, ("tumour",), (8.0, 28.0)),
    (Modality.ULTRASOUND, 2): Search(
        simulate_breast_ultrasound, ("benign", "malignant"), (5.0, 14.0)
    ),
}
"""What is searched for, by modality and rank; CT of rank 3 is of thin slices of one lung."""


class LesionOptions(Options):
    """Which images with findings to simulate; each is of a patient of its own."""

    modality: Modality = option(Modality.CT, help="How the images are made.")
    cases: int = option(200, low=1, high=MOST_CASES, help="Number of images.")
    size: int = option(128, low=32, high=1024, help="Edge of a slice or picture, in elements.")
    rank: Literal[2, 3] = option(2, help="3 gives volumes (CT and MRI).")
    slices: int = option(128, low=2, high=512, help="Slices of a volume.")
    names: tuple[str, ...] = option((), help="What is to be found; empty for all there is.")
    empty: float = option(0.25, low=0, high=1, help="Share of images without a finding.")
    most: int = option(3, low=1, high=20, help="Most findings of an image.")
    smallest_mm: float = option(
        0.0, low=0, high=60, unit="mm", help="Smallest diameter; 0 for the modality's usual."
    )
    largest_mm: float = option(
        0.0, low=0, high=60, unit="mm", help="Largest diameter; 0 for the modality's usual."
    )
    sites: int = option(3, low=1, high=50, help="Hospitals, each with a scanner of its own.")
    seed: int = option(0, low=0, help="Decides every random choice.")

    @model_validator(mode="after")
    def _check(self) -> "LesionOptions":
        if (self.modality, self.rank) not in SEARCHES:
            pairs = ", ".join(f"{modality.value} of rank {rank}" for modality, rank in SEARCHES)
            raise ValueError(f"there are findings in {pairs}")
        known = self.search.names
        if not set(self.names) <= set(known) or len(set(self.names)) != len(self.names):
            raise ValueError(f"names must be different ones of {', '.join(known)}")
        low, high = self.diameters_mm
        if low > high:
            raise ValueError(f"smallest_mm must not exceed largest_mm, but {low:g} > {high:g}")
        return self

    @property
    def search(self) -> Search:
        """What there is to find."""
        return SEARCHES[self.modality, self.rank]

    @property
    def labels(self) -> tuple[str, ...]:
        """What is found."""
        return self.names or self.search.names

    @property
    def diameters_mm(self) -> tuple[float, float]:
        """Smallest and largest diameter."""
        low, high = self.search.diameters_mm
        return self.smallest_mm or low, self.largest_mm or high


def simulate_lesions(options: LesionOptions, index: int) -> Truth:
    """Simulate one image with its findings as boxes, whatever the other images are.

    Parameters
    ----------
    options
        The cohort.
    index
        From 0 to `options.cases` - 1; also the patient's number.

    Raises
    ------
    InputError
        There is no such index.
    """
    if not 0 <= index < options.cases:
        raise InputError("No such case.", got=index, legal=f"0 to {options.cases - 1}")
    person = draw_person(options.seed, index, options.sites, options.modality)
    order = Order(
        finding=options.labels[0],
        size=options.size,
        slices=options.slices if options.rank == 3 else 0,
        seed=options.seed,
        patient=index,
        image=0,
        site=person.site,
        sex=person.sex,
        age_years=person.age_years,
    )
    order = replace(order, lesions=_draw_lesions(options, index, order.rng("class")))
    picture = options.search.simulate(order)
    name = f"{options.modality.value}-{index:05d}"
    return truth_of(name, order, picture, BoxesTarget(picture.boxes))


def _draw_lesions(options: LesionOptions, index: int, rng: Generator) -> tuple[Lesion, ...]:
    """Draw what an image shows; a number more is half as frequent, and small is as large."""
    start = default_rng([options.seed, 2]).random()
    if even_level(start, index) < options.empty:
        return ()
    shares = 0.5 ** np.arange(options.most)
    count = 1 + int(rng.choice(options.most, p=shares / shares.sum()))
    low, high = np.log(options.diameters_mm)
    return tuple(
        Lesion(str(rng.choice(options.labels)), float(np.exp(rng.uniform(low, high))))
        for _ in range(count)
    )
