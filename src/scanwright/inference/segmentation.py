"""Networks and cases in, outlines out: preprocess, run windows, go back to the case's own grid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log, prod

from torch import nn

from scanwright.base import SILENT, Progress, ResourceError, read_machine
from scanwright.image import Case, Image, LabelScheme, MaskPrediction
from scanwright.inference.air import find_air
from scanwright.inference.cascade import Found
from scanwright.inference.compute import Compute
from scanwright.inference.export import LabelRule, export_labels, map_grids
from scanwright.inference.limits import InputLimits
from scanwright.inference.outlines import BACKGROUND, Outlines
from scanwright.inference.quicken_runtime import RuntimeName, quickened_all
from scanwright.inference.refine import Refinement
from scanwright.inference.segmentation_forward import ensemble_forward
from scanwright.inference.segmentation_measure import element_mm, measure
from scanwright.inference.windows import (
    Index,
    Slab,
    Tiling,
    WindowOptions,
    predict_windows,
    reader,
)
from scanwright.transforms import Pipeline

GIB = 2**30

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
    finder
        Looks first, at low resolution; these networks then look only where it found something.
    margin_mm
        How far around what was found they look.
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
    finder: "SegmentationPredictor | None" = None
    margin_mm: float = 10.0

    def quickened(self, runtime: RuntimeName = "auto") -> "SegmentationPredictor":
        """Return a predictor whose networks answer the same sooner.

        Raises
        ------
        RecipeError, ResourceError
            The runtime is not known, or cannot be had here; see `choose_runtime`.
        """
        rank, compute = len(self.window), self.compute
        has_finder = self.finder is not None
        networks = quickened_all(self.networks, rank, compute, runtime, has_company=has_finder)
        finder = None if self.finder is None else self.finder.quickened(runtime)
        return replace(self, networks=networks, finder=finder)

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
        """Outline one case on its own grid.

        Raises
        ------
        BundleError
            The case does not fit; see `InputLimits.check`.
        ResourceError
            There is not enough memory for it.
        """
        warnings = self.limits.check(case)
        found = None
        if self.finder is not None:
            found = Found.by(self.finder.predict_one(case, progress))
        source = case.image
        image = self.pipeline.apply(case)[0].image
        self._check_memory(image.size, source.size)
        grid = map_grids((image.size, image.geometry), (source.size, source.geometry))
        slabs = self.logits(image, progress, found)
        labels = export_labels(slabs, grid, self.rule, threads=self.compute.threads)
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

    def logits(
        self, image: Image, progress: Progress = SILENT, found: Found | None = None
    ) -> Iterator[Slab]:
        """Give the ensemble's logits of a prepared image, slab by slab."""
        read = reader(image.array)
        tiling = Tiling.of(image.size, self.window, self.options.overlap, self.options.batch)
        skips = [find_air(read, tiling)] if self.options.skips_air else []
        if found is not None:
            skips.append(found.misses(tiling, image.geometry, self.margin_mm))
        return predict_windows(
            ensemble_forward(self.networks, self.compute, self.options.mirrors),
            read,
            tiling,
            background=self.background,
            is_empty=lambda start: any(skip(start) for skip in skips),
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

    def _check_memory(self, size: Index, source_size: Index) -> None:
        """Refuse what would not fit before hours are spent on it."""
        depth = min(size[0], self.window[0])
        ring = 4 * (len(self.background) + 1) * depth * prod(size[1:])
        labels = prod(source_size) * (1 if self.scheme.is_exclusive else len(self.scheme.names))
        free = read_machine().memory_bytes
        if self.compute.is_cpu and ring + labels > free:
            raise ResourceError(
                "The image does not fit in memory.",
                got=f"{(ring + labels) / GIB:.1f} GiB for {' × '.join(map(str, size))} elements",
                legal=f"{free / GIB:.1f} GiB, which are free",
                next="close other programs, or cut the image",
            )
