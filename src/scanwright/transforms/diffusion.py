"""Filters by diffusion that stops at edges: Perona and Malik's, by curvature, and for speckle."""

from typing import ClassVar, Literal

import numpy as np

from scanwright.base import option, thread_count
from scanwright.transforms.filter import FilterTransform, Values

QUIET_SHARE = 0.1
"""Quantile of the blocks' relative spread that stands for pure speckle."""
BLOCK = 8
"""Edge of a block, in elements."""
LEAST_ECHO = np.float32(1e-3)
"""Added to echoes that are not compressed, as the relative spread of nothing is not defined."""


class AnisotropicDiffusion(FilterTransform):
    """Diffuse values where they vary little, not across edges.

    "curvature" moves along edges and keeps thin structures; "gradient" is Perona and Malik's. The
    spacing of the axes counts. About 0.5 s per megapixel and 0.9 s per megavoxel.

    Methods: P. Perona and J. Malik, IEEE PAMI 12:629, 1990; R. Whitaker and X. Xue, Variable-
    conductance, level-set curvature for image denoising, ICIP 2001; both as SimpleITK has them.
    """

    kind: ClassVar[str] = "anisotropic_diffusion"

    equation: Literal["curvature", "gradient"] = option("curvature", help="What diffuses.")
    conductance: float = option(
        1.0, low=0.1, high=20, help="Steps that are smoothed, in mean gradients of the image."
    )
    iterations: int = option(5, low=1, high=200, help="Steps in time, each as long as is stable.")

    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Diffuse one channel."""
        import SimpleITK

        image = SimpleITK.GetImageFromArray(values)
        image.SetSpacing(spacing[::-1])
        by_curvature = self.equation == "curvature"
        step = (
            SimpleITK.CurvatureAnisotropicDiffusionImageFilter()
            if by_curvature
            else SimpleITK.GradientAnisotropicDiffusionImageFilter()
        )
        step.SetNumberOfThreads(thread_count())
        step.SetTimeStep(0.98 / 2 ** (values.ndim + 1))  # the limit of stability, spacing 1
        step.SetNumberOfIterations(self.iterations)
        step.SetConductanceParameter(self.conductance)
        changed: Values = SimpleITK.GetArrayFromImage(step.Execute(image))
        return changed


class SpeckleDiffusion(FilterTransform):
    """Diffuse speckle of ultrasound, and not across edges (SRAD).

    Speckle grows with the echo, so that its relative spread, not its size, tells it from an edge. A
    picture shows the logarithm of the echo: it is taken back with the display's range and made
    anew. The spread of pure speckle is measured anew at each step, in the quietest blocks of the
    picture. The spacing of the axes counts. About 1 s per megapixel and 1.2 s per megavoxel at the
    default number of steps.

    Method: Y. Yu and S. T. Acton, Speckle reducing anisotropic diffusion, IEEE TIP 11:1260, 2002.
    Its instantaneous coefficient of variation is the relative spread of an element's neighbours
    about their mean, which is how it is taken here for any rank and spacing; the flow between two
    elements has the mean of their two coefficients, so that nothing is lost.
    """

    kind: ClassVar[str] = "speckle_diffusion"

    iterations: int = option(60, low=1, high=2000, help="Steps in time.")
    time_step: float = option(0.5, low=0.001, high=1, help="Length of a step; 1 is the stable end.")
    range_db: float = option(
        50.0, low=0, high=200, unit="dB",
        help="Dynamic range of the display, from black to white; 0 for echoes not compressed.",
    )  # fmt: skip

    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Diffuse one channel."""
        low, high = np.float32(values.min()), np.float32(values.max())
        share = (values - low) / (high - low)
        if self.range_db == 0:
            echo = self._diffused(share + LEAST_ECHO, spacing) - LEAST_ECHO
            return low + (high - low) * echo
        nepers = np.float32(self.range_db * np.log(10) / 20)
        echo = self._diffused(np.exp(nepers * (share - 1)), spacing)
        decibels: Values = low + (high - low) * (1 + np.log(echo) / nepers)
        return decibels

    def _diffused(self, echo: Values, spacing: tuple[float, ...]) -> Values:
        weights = [1 / step**2 for step in spacing]
        weights = [weight / (2 * sum(weights)) for weight in weights]  # of all neighbours: 1
        for _ in range(self.iterations):
            steps = [np.diff(echo, axis=axis) for axis in range(echo.ndim)]
            flow = _coefficient(_variation(echo, steps, weights), _speckle(echo))
            change = np.zeros_like(echo)
            for axis, (step, weight) in enumerate(zip(steps, weights, strict=True)):
                ahead, behind = _ends(echo.ndim, axis)
                moved = np.float32(0.5 * self.time_step * weight) * step
                moved *= flow[ahead] + flow[behind]
                change[behind] += moved
                change[ahead] -= moved
            echo += change
        return echo


def _variation(echo: Values, steps: list[Values], weights: list[float]) -> Values:
    """Return the squared relative spread of each element's neighbours; edges are mirrored."""
    mean, square = np.zeros_like(echo), np.zeros_like(echo)
    for axis, (step, weight) in enumerate(zip(steps, weights, strict=True)):
        ahead, behind = _ends(echo.ndim, axis)
        part = np.float32(weight) * step
        mean[behind] += part
        mean[ahead] -= part
        part = part * step
        square[behind] += part
        square[ahead] += part
    return np.maximum(square - mean**2, 0) / (echo + mean) ** 2


def _coefficient(variation: Values, speckle: float) -> Values:
    """Return how freely values flow: 1 in pure speckle, 0 at an edge."""
    excess = (variation - np.float32(speckle)) / np.float32(speckle * (1 + speckle))
    flow: Values = 1 / (1 + np.maximum(excess, 0))
    return flow


def _speckle(echo: Values) -> float:
    """Return the squared relative spread of the quietest blocks that are not empty."""
    edges = [min(BLOCK, size) for size in echo.shape]
    inner = echo[
        tuple(slice(size // edge * edge) for size, edge in zip(echo.shape, edges, strict=True))
    ]
    split = [
        part for size, edge in zip(inner.shape, edges, strict=True) for part in (size // edge, edge)
    ]
    within = tuple(range(1, 2 * echo.ndim, 2))
    blocks = inner.reshape(split)
    mean = blocks.mean(axis=within)
    spread = blocks.std(axis=within) / mean
    spread = spread[spread > 1e-3]
    return max(float(np.quantile(spread, QUIET_SHARE)) ** 2, 1e-8) if spread.size else 1e-8


def _ends(rank: int, axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return what picks all elements but the first along an axis, and all but the last."""
    whole = [slice(None)] * rank
    ahead, behind = list(whole), list(whole)
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    return tuple(ahead), tuple(behind)
