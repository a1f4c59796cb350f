"""Networks and cases in, predictions out: preprocess, run, average, calibrate, decide."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.image import Case, Floats, Prediction
from scanwright.inference.compute import Compute, forward
from scanwright.inference.decision import Decision
from scanwright.inference.limits import InputLimits
from scanwright.inference.views import AS_IT_IS, Views
from scanwright.nets import Network
from scanwright.transforms import Pipeline


@dataclass(frozen=True, slots=True)
class Answer:
    """How outputs are read: the labels, and what turns outputs into scores and decisions."""

    labels: tuple[str, ...]
    decode: Callable[[Floats], Floats]
    decide: Callable[[Floats, Floats], Floats]
    decision: Decision
    is_scored_by_class: bool = True

    def scores(self, outputs: Floats) -> Floats:
        """Turn network outputs, shape (..., outputs), into scores (..., K)."""
        flat = outputs.reshape(-1, outputs.shape[-1])
        scaled = flat / self.decision.temperature
        if self.decision.shift:
            scaled = scaled + np.array(self.decision.shift)
        decoded = self.decode(scaled)
        if not self.is_scored_by_class:
            decoded = decoded * self.decision.scale + self.decision.offset
        return decoded.reshape(*outputs.shape[:-1], decoded.shape[-1])

    def decided(self, scores: Floats) -> list[tuple[str, ...]]:
        """Return the labels decided for, for scores (N, K)."""
        if not self.is_scored_by_class:
            return [() for _ in scores]
        chosen = self.decide(scores, np.array(self.decision.thresholds))
        return [
            tuple(label for label, on in zip(self.labels, row, strict=True) if on)
            for row in chosen.astype(bool)
        ]


@dataclass(frozen=True, slots=True)
class Predictor:
    """A trained ensemble, ready to answer; `input_shape` is (C, *size) of its networks."""

    networks: Sequence[nn.Module]
    pipeline: Pipeline
    answer: Answer
    limits: InputLimits
    compute: Compute
    input_shape: tuple[int, ...]
    views: Views = AS_IT_IS
    batch: int = 128

    def predict(self, cases: Iterable[Case]) -> Iterator[Prediction]:
        """Answer about cases, in their order, a batch at a time.

        Raises
        ------
        BundleError
            A case does not fit; see `InputLimits.check`.
        """
        waiting = iter(cases)
        while group := list(islice(waiting, self.batch)):
            warnings = [self.limits.check(case) for case in group]
            prepared = [self.prepare(case) for case in group]
            outputs = self.run(np.stack(prepared))
            yield from self._predictions([case.name for case in group], outputs, warnings)

    def prepare(self, case: Case) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """Preprocess one case to the network's input, shape (C, *size)."""
        prepared, _ = self.pipeline.apply(case)
        return np.ascontiguousarray(prepared.image.array, dtype=np.float32)

    @torch.inference_mode()
    def run(self, images: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Floats:
        """Run every network on (B, C, *size); return outputs (members, B, outputs)."""
        batch = torch.from_numpy(images).to(self.compute.device)
        results = []
        for network in self.networks:
            network.eval()
            results.append(forward(network, batch, self.compute, self.views).double().cpu().numpy())
        return np.stack(results)

    @torch.inference_mode()
    def features(self, images: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Floats:
        """Return what every network makes of images before its last layers.

        Parameters
        ----------
        images
            Shape (B, C, *size), prepared.

        Returns
        -------
        Shape (B, F): the mean of each feature map, all networks side by side.

        Raises
        ------
        BundleError
            A network does not open its feature maps.
        """
        batch = torch.from_numpy(images).to(self.compute.device)
        results = []
        for network in self.networks:
            if not isinstance(network, Network):
                raise BundleError("The network does not open its feature maps.")
            network.eval()
            kind, dtype = self.compute.device.type, self.compute.autocast
            with torch.autocast(kind, dtype=dtype, enabled=dtype is not None):
                maps = network.features(batch).float()
            results.append(maps.flatten(2).mean(dim=2) if maps.ndim > 2 else maps)
        return np.asarray(torch.cat(results, dim=1).double().cpu().numpy())

    def _predictions(
        self, names: list[str], outputs: Floats, warnings: list[tuple[str, ...]]
    ) -> Iterator[Prediction]:
        scores = self.answer.scores(outputs.mean(axis=0))
        spread = self.answer.scores(outputs).std(axis=0)
        labels = self.answer.labels
        for index, decided in enumerate(self.answer.decided(scores)):
            yield Prediction(
                names[index], labels, scores[index], decided, spread[index], warnings[index]
            )
