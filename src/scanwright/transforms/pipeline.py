"""Transforms in a row: applied with a trace, undone by it, and written as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from scanwright.base import Catalog, Options, Plain, RecipeError
from scanwright.image import Case, Image
from scanwright.transforms.bias import N4
from scanwright.transforms.collimation import CropCollimation
from scanwright.transforms.contrast import Clahe, Unsharp
from scanwright.transforms.denoise import NonLocalMeans, TotalVariation, WaveletDenoise
from scanwright.transforms.diffusion import AnisotropicDiffusion, SpeckleDiffusion
from scanwright.transforms.fan import CropFan
from scanwright.transforms.histogram import MatchHistogram
from scanwright.transforms.intensity import Percentile, Range, Standardise, Window, ZScore
from scanwright.transforms.inversion import FixInversion
from scanwright.transforms.metal import ClipMetal
from scanwright.transforms.orient import Orient
from scanwright.transforms.place import CropToContent, Pad
from scanwright.transforms.polarity import Grey, Invert
from scanwright.transforms.regrid import Resample, Resize
from scanwright.transforms.transform import GridTransform, Trace, Transform, ValueTransform

AnyTransform = type[ValueTransform] | type[GridTransform]

TRANSFORMS: Catalog[AnyTransform] = Catalog(
    "transform",
    {
        cls.kind: cls
        for cls in (
            Orient, Resample, Resize, CropToContent, Pad,
            Window, Range, Percentile, ZScore, Standardise, Grey, Invert,
            CropFan, CropCollimation, FixInversion, ClipMetal, N4, MatchHistogram, Clahe, Unsharp,
            TotalVariation, NonLocalMeans, WaveletDenoise, AnisotropicDiffusion, SpeckleDiffusion,
        )
    },
    group="scanwright.transforms",
)  # fmt: skip
"""Every kind of transform by the name it has in a recipe."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Transforms in the order in which they are applied."""

    steps: tuple[Transform, ...] = ()

    def apply(self, case: Case, rng: np.random.Generator | None = None) -> tuple[Case, Trace]:
        """Apply every step.

        Parameters
        ----------
        case
            Left as it is.
        rng
            Source of what is random; a fixed one when not given.

        Returns
        -------
        The new case, and the trace that `undo` needs.
        """
        if rng is None:
            rng = np.random.default_rng(0)
        trace = []
        for step in self.steps:
            drawn = step.draw(case, rng)
            case = step.apply(case, drawn)
            trace.append((step, drawn))
        return case, tuple(trace)

    def apply_image(self, image: Image) -> Image:
        """Apply every step to a single image, forgetting the trace."""
        return self.apply(Case.of(image))[0].image

    def to_plain(self) -> list[dict[str, Plain]]:
        """Return one table per step: its kind and its options (those unset are left out)."""
        tables: list[dict[str, Plain]] = []
        for step in self.steps:
            assert isinstance(step, Options)  # every catalogued transform is
            options = step.model_dump(mode="json", exclude_none=True)
            tables.append({"kind": step.kind, **options})
        return tables

    @classmethod
    def from_plain(cls, tables: Iterable[Mapping[str, Plain]]) -> "Pipeline":
        """Make a pipeline from one table per step.

        Raises
        ------
        RecipeError
            A kind or an option is unknown (the nearest right one is named), or illegal.
        """
        return cls(tuple(_step(table, place) for place, table in enumerate(tables)))


def undo(case: Case, trace: Trace) -> Case:
    """Take back what a trace says was done, last step first.

    Values that were clipped or cut away come back as the edge or the filling, not as they were.
    """
    for step, drawn in reversed(trace):
        case = step.undo(case, drawn)
    return case


def _step(table: Mapping[str, Plain], place: int) -> Transform:
    options = dict(table)
    kind = options.pop("kind", None)
    where = f"preprocessing[{place}]"
    if not isinstance(kind, str):
        raise RecipeError(
            'A step needs a "kind".', got=dict(table), legal=", ".join(TRANSFORMS), where=where
        )
    return cast("Transform", TRANSFORMS[kind].parse(options, where))
