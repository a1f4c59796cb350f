"""Networks and cases in, boxes out: preprocess, run windows, fuse, go back to the case's grid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import torch
from torch import nn

from scanwright.base import SILENT, Progress
from scanwright.image import BoxPrediction, Case, Geometry, Image, moved_edges
from scanwright.inference.air import find_air
from scanwright.inference.box_decision import calibrated
from scanwright.inference.compute import Compute
from scanwright.inference.decision import Decision
from scanwright.inference.detection_forward import ensemble_looks
from scanwright.inference.fusion import FusionOptions
from scanwright.inference.limits import InputLimits
from scanwright.inference.proposals import MOST_HELD, Fused, Proposals, best_boxes
from scanwright.inference.quicken_runtime import RuntimeName, quickened_all
from scanwright.inference.segmentation_forward import mirror_sets
from scanwright.inference.window_weights import box_weights, expected_weights
from scanwright.inference.windows import Index, Read, Tiling, WindowOptions, reader
from scanwright.nets import Cells
from scanwright.transforms import Pipeline

FEW = 8
"""Windows of an image up to which nobody needs to be told how many are left."""


@dataclass(frozen=True, slots=True)
class DetectionPredictor:
    """A trained ensemble, ready to find.

    Parameters
    ----------
    networks
        One, or several whose boxes are fused; see `scanwright.nets.split_cells` for what they
        answer.
    pipeline
        Preprocessing, which may turn, crop and resample the image.
    labels
        What may be found, in the order of the networks' classes.
    limits
        What the networks may be asked about.
    compute
        Where and how.
    window
        Edges of the networks' input.
    options
        How images are cut.
    fusion
        How boxes that mean the same become one.
    decision
        What makes calibrated chances of scores, and from which chance on a box is reported.
    """

    networks: Sequence[nn.Module]
    pipeline: Pipeline
    labels: tuple[str, ...]
    limits: InputLimits
    compute: Compute
    window: Index
    options: WindowOptions = WindowOptions()  # noqa: RUF009  (frozen)
    fusion: FusionOptions = FusionOptions()  # noqa: RUF009  (frozen)
    decision: Decision = Decision()  # noqa: RUF009  (frozen)

    def quickened(self, runtime: RuntimeName = "auto") -> "DetectionPredictor":
        """Return a predictor whose networks answer the same sooner.

        Raises
        ------
        RecipeError, ResourceError
            The runtime is not known, or cannot be had here; see `choose_runtime`.
        """
        networks = quickened_all(self.networks, len(self.window), self.compute, runtime)
        return replace(self, networks=networks)

    def predict(
        self, cases: Iterable[Case], progress: Progress = SILENT
    ) -> Iterator[BoxPrediction]:
        """Find in cases, in their order, one at a time.

        Raises
        ------
        BundleError
            A case does not fit; see `InputLimits.check`.
        """
        for case in cases:
            yield self.predict_one(case, progress)

    def predict_one(self, case: Case, progress: Progress = SILENT) -> BoxPrediction:
        """Find in one case, on its own grid.

        Raises
        ------
        BundleError
            The case does not fit; see `InputLimits.check`.
        """
        warnings = self.limits.check(case)
        source = case.image
        image = self.pipeline.apply(case)[0].image
        proposals = self.proposals(image, progress)
        grid = (source.geometry, source.size)
        found = self.concluded(case.name, grid, image.geometry, proposals)
        return replace(found, warnings=warnings)

    def concluded(
        self, name: str, source: tuple[Geometry, Index], grid: Geometry, proposals: Proposals
    ) -> BoxPrediction:
        """Return what is found in a case, once its proposals are known.

        Parameters
        ----------
        source
            Geometry and size of the case's own grid.
        grid
            Of the prepared image, on which the proposals lie.
        """
        geometry, size = source
        edges, classes, scores = self.fused(proposals)
        moved = moved_edges(edges, grid, geometry)
        found = Proposals.of(moved, calibrated(scores, classes, self.decision), classes)
        found = found.within(size)
        return BoxPrediction(
            name,
            geometry,
            size,
            self.labels,
            found.edges,
            found.classes,
            found.scores,
            thresholds=self.decision.thresholds,
        )

    def proposals(self, image: Image, progress: Progress = SILENT) -> Proposals:
        """Return what the networks propose in a prepared image, on its grid.

        Raises
        ------
        BundleError
            A network gives values that are not finite.
        """
        return self.proposals_in(reader(image.array), image.size, progress)

    def proposals_in(self, read: Read, size: Index, progress: Progress = SILENT) -> Proposals:
        """Return the same of an image that is read box by box."""
        tiling = Tiling.of(size, self.window, self.options.overlap, self.options.batch)
        is_air = find_air(read, tiling) if self.options.skips_air else None
        starts = [start for start in product(*tiling.starts) if is_air is None or not is_air(start)]
        look = ensemble_looks(self.networks, self.compute, len(self.labels), self.options.mirrors)
        held = Proposals.none(len(size))
        progress = progress if tiling.count > FEW else SILENT
        progress.begin("windows", tiling.count)
        progress.step(tiling.count - len(starts))
        for first in range(0, len(starts), tiling.batch):
            group = starts[first : first + tiling.batch]
            images = torch.from_numpy(np.stack([read(start, tiling.window) for start in group]))
            parts = [held]
            with torch.inference_mode():
                for number, cells in enumerate(look(images)):
                    views = [(first + place) * self._looks + number for place in range(len(group))]
                    parts += self._shifted(cells, group, views, tiling)
            held = Proposals.joined(parts).surest(MOST_HELD)
            progress.step(len(group))
        progress.end()
        expected = self._looks * expected_weights(held.edges, tiling, self.fusion.border)
        return replace(held, expected=expected)

    def fused(self, proposals: Proposals, options: FusionOptions | None = None) -> Fused:
        """Return findings on the prepared grid: edges, classes, and scores not yet calibrated."""
        return proposals.fused(options or self.fusion)

    @property
    def _looks(self) -> int:
        """How often each window is looked at."""
        return len(self.networks) * len(mirror_sets(self.options.mirrors))

    def _shifted(
        self, cells: Cells, starts: Sequence[Index], views: Sequence[int], tiling: Tiling
    ) -> Iterator[Proposals]:
        """Give the boxes of each window where they lie in the image."""
        boxes = best_boxes(cells, self.fusion)
        for (edges, scores, classes), start, view in zip(boxes, starts, views, strict=True):
            moved = edges + np.array(start, dtype=np.float64)[:, None]
            found = Proposals.of(moved, scores, classes).within(tiling.size)
            weights = box_weights(found.edges, start, tiling, self.fusion.border)
            yield replace(found, weights=weights, views=np.full(len(found), view, dtype=np.int64))
