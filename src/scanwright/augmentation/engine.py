"""The few things that all changes of values are made of, compiled and for tensors anywhere."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from scanwright.augmentation.drawn import Floats, Ints
from scanwright.augmentation.spatial import is_compiled
from scanwright.augmentation.threads import in_parts
from scanwright.augmentation.weights import Band, dense, join_axes

MEAN, DEVIATION, LOW, HIGH = 0, 1, 2, 3
"""Columns of measures."""


class Engine(Protocol):
    """Works in place on some rows of values, shape (G, N), or of images, shape (V, *space)."""

    def measure(self, values: Tensor, rows: Ints) -> Floats:
        """Return mean, deviation, lowest and highest value of some rows, shape (R, 4)."""

    def scale(self, values: Tensor, rows: Ints, lines: Floats) -> None:
        """Replace x by `a * x + b`, not below and not above two limits; lines (R, 4)."""

    def bend(self, values: Tensor, rows: Ints, curves: Floats, *, keeps_mean: bool) -> None:
        """Bend between the lowest and the highest value; curves (R, 2): gamma, if negative 1."""

    def sum_neighbours(self, images: Tensor, rows: Ints, bands: Sequence[Band]) -> None:
        """Replace elements by weighted sums of their neighbours, one axis after the other."""


def engine_for(images: Tensor) -> Engine:
    """Return what computes fastest where the images are."""
    return CompiledEngine() if is_compiled(images) else TensorEngine()


class CompiledEngine:
    """Kernels for float32 in the processor's memory."""

    def measure(self, values: Tensor, rows: Ints) -> Floats:
        """Return mean, deviation, lowest and highest value of some rows, shape (R, 4)."""
        from scanwright.augmentation.tone import measure

        out = np.empty((len(rows), 4))
        array = values.numpy()

        def work(part: Ints) -> None:
            found = np.empty((len(part), 4))
            measure(array, rows[part], found)
            out[part] = found

        in_parts(np.arange(len(rows)), work)
        return out

    def scale(self, values: Tensor, rows: Ints, lines: Floats) -> None:
        """Replace x by `a * x + b`, not below and not above two limits; lines (R, 4)."""
        from scanwright.augmentation.tone import scale

        array = values.numpy()
        in_parts(np.arange(len(rows)), lambda part: scale(array, rows[part], lines[part]))

    def bend(self, values: Tensor, rows: Ints, curves: Floats, *, keeps_mean: bool) -> None:
        """Bend between the lowest and the highest value; curves (R, 2): gamma, if negative 1."""
        from scanwright.augmentation.tone import bend_all

        array = values.numpy()
        in_parts(
            np.arange(len(rows)),
            lambda part: bend_all(array, rows[part], curves[part], keeps_mean),
        )

    def sum_neighbours(self, images: Tensor, rows: Ints, bands: Sequence[Band]) -> None:
        """Replace elements by weighted sums of their neighbours, one axis after the other."""
        from scanwright.augmentation.bands import sum_neighbours

        array = images.numpy()
        if images.ndim == 3:  # a plane is a volume of one
            array = array[:, None]
            alone = np.ones((len(rows), 1, 1), np.float32)
            bands = ((np.zeros((len(rows), 1), np.int64), alone), *bands)
        firsts, weights = join_axes(bands)
        in_parts(
            np.arange(len(rows)),
            lambda part: sum_neighbours(array, rows[part], firsts[part], weights[part]),
        )


class TensorEngine:
    """The same by torch, for other devices and types."""

    def measure(self, values: Tensor, rows: Ints) -> Floats:
        """Return mean, deviation, lowest and highest value of some rows, shape (R, 4)."""
        part = values[_index(rows, values)]
        deviation, mean = torch.std_mean(part, dim=1, correction=0)
        found = torch.stack([mean, deviation, part.amin(dim=1), part.amax(dim=1)], dim=1)
        result: Floats = found.double().cpu().numpy()
        return result

    def scale(self, values: Tensor, rows: Ints, lines: Floats) -> None:
        """Replace x by `a * x + b`, not below and not above two limits; lines (R, 4)."""
        index = _index(rows, values)
        slope, offset, low, high = torch.from_numpy(lines.T[:, :, None]).to(values)
        values[index] = torch.minimum(torch.maximum(values[index] * slope + offset, low), high)

    def bend(self, values: Tensor, rows: Ints, curves: Floats, *, keeps_mean: bool) -> None:
        """Bend between the lowest and the highest value; curves (R, 2): gamma, if negative 1."""
        from scanwright.augmentation.tone import LEAST_DEVIATION

        before = self.measure(values, rows)
        ends = before[:, [LOW, HIGH]]
        ends = np.where(curves[:, 1:] > 0, ends[:, ::-1], ends)  # the first stays where it is
        self._bend_between(values, rows, np.column_stack([ends, curves[:, 0]]))
        if keeps_mean:
            after = self.measure(values, rows)
            slope = before[:, DEVIATION] / np.maximum(after[:, DEVIATION], LEAST_DEVIATION)
            offset = before[:, MEAN] - after[:, MEAN] * slope
            limits = np.full((len(rows), 2), [-np.inf, np.inf])
            self.scale(values, rows, np.column_stack([slope, offset, limits]))

    @staticmethod
    def _bend_between(values: Tensor, rows: Ints, curves: Floats) -> None:
        index = _index(rows, values)
        zero, end, gamma = torch.from_numpy(curves.T[:, :, None]).to(values)
        span = end - zero
        unit = ((values[index] - zero) / torch.where(span == 0, 1, span)).clamp_(0, 1)
        bent = unit.pow_(gamma) * span + zero
        values[index] = torch.minimum(
            torch.maximum(bent, torch.minimum(zero, end)), torch.maximum(zero, end)
        )

    def sum_neighbours(self, images: Tensor, rows: Ints, bands: Sequence[Band]) -> None:
        """Replace elements by weighted sums of their neighbours, one axis after the other."""
        index = _index(rows, images)
        part = images[index]
        for axis, band in enumerate(bands, start=1):
            matrices = torch.from_numpy(dense(band)).to(part)  # (R, n, n)
            lines = part.movedim(axis, 1)
            summed = matrices @ lines.flatten(2)
            part = summed.reshape(lines.shape).movedim(1, axis)
        images[index] = part


def _index(rows: Ints, like: Tensor) -> Tensor:
    return torch.from_numpy(rows).to(like.device)
