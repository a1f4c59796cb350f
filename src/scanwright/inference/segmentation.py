"""Networks and cases in, outlines out: preprocess, run windows, go back to the case's own grid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log

from torch import nn

from scanwright.base import SILENT, Progress
from scanwright.image import Case, Image, LabelScheme, MaskPrediction
from scanwright.inference.air import find_air
from scanwright.inference.compute import Compute
from scanwright.inference.export import LabelRule, export_labels, map_grids
from scanwright.inference.limits import InputLimits
from scanwright.inference.outlines import BACKGROUND, Outlines
from scanwright.inference.refine import Refinement
from scanwright.inference.segmentation_forward import ensemble_forward
from scanwright.inference.segmentation_measure import element_mm, measure
from scanwright.inference.windows import (
    Index,
    Slab,
    Tiling,
    WindowOptions,
    looked_at,
    predict_windows,
    reader,
)
from scanwright.transforms import Pipeline

SURE = 10.0
"""Logit by which elements that no network saw are called background."""


@dataclass(frozen=True, slots=True)
class SegmentationPredictor:
    """A trained ensemble, ready to outline.

    Parameters
    ----------
    networks
        One, or several whose logits are averaged; (B, C, *window) → (B, outputs, *window).
    pipeline
        Preprocessing, which may turn, crop and resample the image.
    scheme
        What is outlined. Exclusive names: one output more than names, background first. Names
        that overlap: one output each.
    limits
        What the networks may be asked about.
    compute
        Where and how.
    window
        Edges of the networks' input.
    options
        How images are cut.
    thresholds
        Names that overlap: the probability above which an element belongs to each; 0.5 if unset.
    refinements
        What is done to the labels afterwards.
    """

    networks: Sequence[nn.Module]
    pipeline: Pipeline
    scheme: LabelScheme
    limits: InputLimits
    compute: Compute
    window: Index
    options: WindowOptions = WindowOptions()  # noqa: RUF009  (frozen)
    thresholds: tuple[float, ...] = ()
    refinements: tuple[Refinement, ...] = ()

    def predict(
        self, cases: Iterable[Case], progress: Progress = SILENT
    ) -> Iterator[MaskPrediction]:
        """Outline cases, in their order, one at a time.

        Raises
        ------
        BundleError
            A case does not fit; see `InputLimits.check`.
        """
        for case in cases:
            yield self.predict_one(case, progress)

    def predict_one(self, case: Case, progress: Progress = SILENT) -> MaskPrediction:
        """Outline one case on its own grid."""
        warnings = self.limits.check(case)
        source = case.image
        prepared, _ = self.pipeline.apply(case)
        image = prepared.image
        del prepared
        grid = map_grids((image.size, image.geometry), (source.size, source.geometry))
        labels = export_labels(
            self.logits(image, progress), grid, self.rule, threads=self.compute.threads
        )
        outlines = Outlines(labels, self.scheme, element_mm(source.geometry))
        for refinement in self.refinements:
            refinement.apply(outlines)
        sizes = measure(outlines, source.geometry)
        return MaskPrediction(
            case.name,
            Image(labels, source.geometry, source.modality),
            self.scheme,
            volumes_ml=sizes.volumes_ml,
            areas_mm2=sizes.areas_mm2,
            diameters_mm=sizes.diameters_mm,
            warnings=warnings,
        )

    def logits(self, image: Image, progress: Progress = SILENT) -> Iterator[Slab]:
        """Give the ensemble's logits of a prepared image, slab by slab."""
        read = reader(image.array)
        tiling = Tiling.of(image.size, self.window, self.options.overlap, self.options.batch)
        return predict_windows(
            ensemble_forward(self.networks, self.compute, self.options.mirrors),
            read,
            tiling,
            background=self.background,
            is_empty=find_air(read, tiling) if self.options.skips_air else looked_at,
            progress=progress,
        )

    @property
    def rule(self) -> LabelRule:
        """How logits become labels."""
        if self.scheme.is_exclusive:
            return LabelRule(values=(BACKGROUND, *(min(group) for group in self.scheme.values)))
        chances = self.thresholds or (0.5,) * len(self.scheme.names)
        return LabelRule(thresholds=tuple(log(chance / (1 - chance)) for chance in chances))

    @property
    def background(self) -> tuple[float, ...]:
        """Logits of elements that no network saw."""
        names = len(self.scheme.names)
        first = (SURE,) if self.scheme.is_exclusive else ()
        return (*first, *(-SURE,) * names)
