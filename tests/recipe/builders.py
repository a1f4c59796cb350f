"""Fingerprints, entries and recipes, for the tests of recipes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scanwright.base import FileError
from scanwright.data import Entry
from scanwright.image import ClassTarget, Image
from scanwright.recipe import (
    Development,
    Fingerprint,
    Intensities,
    MaskFacts,
    NetworkChoice,
    Recipe,
    TaskChoice,
)


def fingerprint(**facts: object) -> Fingerprint:
    """Return the fingerprint of 500 X-rays of two classes, with other facts by name."""
    given = {
        "kind": "classes",
        "labels": ("healthy", "ill"),
        "counts": {"healthy": 300, "ill": 200},
        "train": 500,
        "rank": 2,
        "median_size": (256, 256),
        "smallest": (200, 200),
        "largest": (300, 300),
        "channels": (1,),
        "modality": "x-ray",
        "modalities": ("x-ray",),
        "dtype": "uint16",
        "values": (10.0, 500.0, 4000.0),
        "means": (400.0, 600.0),
        **facts,
    }
    return Fingerprint(**given)  # type: ignore[arg-type]  # facts by name


def volumes(**facts: object) -> Fingerprint:
    """Return the fingerprint of CT volumes of thick slices."""
    given = {
        "rank": 3,
        "median_size": (40, 512, 512),
        "smallest": (30, 512, 512),
        "largest": (60, 512, 512),
        "spacing_mm": ((5.0, 5.0, 5.0), (0.7, 0.8, 0.9), (0.7, 0.8, 0.9)),
        "modality": "ct",
        "modalities": ("ct",),
        "unit": "HU",
        "dtype": "int16",
        "values": (-1000.0, 20.0, 1200.0),
        **facts,
    }
    return fingerprint(**given)


@dataclass(frozen=True, slots=True)
class Held:
    """An image in memory, or one that cannot be read."""

    image: Image | None

    @property
    def files(self) -> tuple[Path, ...]:
        """No file."""
        return ()

    @property
    def source(self) -> str:
        """No place."""
        return "memory"

    def read(self) -> Image:
        """Return the image."""
        if self.image is None:
            raise FileError("It cannot be read.")
        return self.image


def entry(number: int, image: Image | None, **facts: object) -> Entry:
    """Return a case that holds its image, its header filled in from it."""
    given = {} if image is None else {"size": image.size, "modality": image.modality}
    return Entry(f"case {number}", Held(image), ClassTarget("ill"), **{**given, **facts})  # type: ignore[arg-type]  # facts by name


def development(
    images: Sequence[Image | None], validation: Sequence[Image] = (), **facts: object
) -> Development:
    """Return the cases of some images."""
    train = [entry(number, image, **facts) for number, image in enumerate(images)]
    more = [entry(1000 + number, image, **facts) for number, image in enumerate(validation)]
    return Development(train, more, "classes", ("healthy", "ill"), {"ill": len(train)})


def noise(*shape: int, seed: int = 0, dtype: str = "uint16") -> Image:
    """Return an image (C, *space) of noise."""
    values = np.random.default_rng(seed).uniform(1, 200, shape)
    return Image.from_array(values.astype(dtype))


def recipe(**changes: object) -> Recipe:
    """Return a small recipe, with settings changed by name ("training__batch")."""
    made = Recipe(
        task=TaskChoice(labels=("healthy", "ill")),
        preprocessing=(
            {"kind": "percentile", "low": 0.5, "high": 99.5},
            {"kind": "resize", "size": [16, 16]},
        ),
        network=NetworkChoice(name="tutorial", size=(16, 16)),
    )
    return made.changed({name.replace("__", "."): value for name, value in changes.items()})


def mask_facts(**facts: object) -> MaskFacts:
    """Return what is known of 20 outlined CT volumes, with other facts by name."""
    given = {
        "values": ((1,), (2,)),
        "cases": 20,
        "size": (90, 256, 256),
        "spacing_mm": (1.5, 0.8, 0.8),
        "fine_mm": (1.0, 0.7, 0.7),
        "inside": (Intensities(mean=80.0, deviation=40.0, low=-60.0, median=85.0, high=240.0),),
        "present": {"organ": 20, "lesion": 12},
        "smallest": {"organ": 60.0, "lesion": 8.0},
        "outlined": 0.05,
        **facts,
    }
    return MaskFacts(**given)  # type: ignore[arg-type]  # facts by name


def outlined_volumes(**facts: object) -> Fingerprint:
    """Return the fingerprint of outlined CT volumes."""
    given = {
        "kind": "segmentation",
        "labels": ("organ", "lesion"),
        "train": 20,
        "masks": mask_facts(),
        **facts,
    }
    return volumes(**given)
