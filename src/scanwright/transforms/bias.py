"""The bias field of MRI: found by N4, divided out, and multiplied back by undo."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from scanwright.base import InputError, option, thread_count
from scanwright.image import Image
from scanwright.transforms.filter import Values, relative_spacing
from scanwright.transforms.transform import ValueTransform

LEAST_LENGTH = 16
"""Elements that shrinking leaves along an axis, where it has as many."""
LEAST_COUNT = 64
"""Elements below which there is nothing to fit a field to."""


@dataclass(frozen=True, slots=True)
class BiasField:
    """What each channel was divided by, shape (C, *space), 1 on average over the mask."""

    factor: npt.NDArray[np.float32] = field(repr=False)


class N4(ValueTransform):
    """Remove the slow shading of MRI, as a factor between smooth tissue and image (N4).

    The field is fitted on a shrunk image, inside a mask, and is 1 on average there, so that values
    keep their scale. Undoing multiplies it back. Values must not be below zero: it stands before
    z-scores. About 0.4 s per megavoxel, and a tenth of a second for a single slice, at
    the default shrink factor.

    Method: N. J. Tustison et al., N4ITK: improved N3 bias correction, IEEE TMI 29:1310, 2010, as
    SimpleITK has it; mask by N. Otsu's threshold.
    """

    kind: ClassVar[str] = "n4"

    shrink: int = option(4, low=1, high=16, help="By how much the image is shrunk for the fit.")
    levels: int = option(3, low=1, high=6, help="How often the field's mesh is made finer.")
    iterations: int = option(50, low=1, high=500, help="Most steps on each level.")
    mask: Literal["otsu", "nonzero", "all"] = option("otsu", help="Where the field is fitted.")

    def learn(self, image: Image) -> BiasField:
        """Return the field of each channel.

        Raises
        ------
        InputError
            Values are below zero.
        """
        if np.any(image.array < 0):
            raise InputError(
                "A bias field is a factor, and needs values that are not below zero.",
                got=f"values from {np.nanmin(image.array):.4g}",
                next='put "n4" before what shifts values; it is for MRI only',
            )
        return BiasField(np.stack([self._factor(channel, image) for channel in image.array]))

    def forward(self, image: Image, facts: BiasField) -> Image:
        """Divide one image by its field."""
        return image.with_array(image.array.astype(np.float32) / facts.factor)

    def backward(self, image: Image, facts: BiasField) -> Image:
        """Multiply one image by its field."""
        if len(facts.factor) != len(image.array):
            return image
        return image.with_array(image.array.astype(np.float32) * facts.factor)

    def _factor(self, channel: npt.NDArray[np.generic], image: Image) -> npt.NDArray[np.float32]:
        values = np.nan_to_num(channel.astype(np.float32), posinf=0, neginf=0)
        none = np.ones(values.shape, dtype=np.float32)
        inside = self._inside(values)
        if inside.sum() < LEAST_COUNT or values[inside].min() == values[inside].max():
            return none
        logarithm = self._fit(values, inside, relative_spacing(image))
        logarithm -= logarithm[inside].mean()
        factor: npt.NDArray[np.float32] = np.exp(logarithm).astype(np.float32)
        return factor if np.isfinite(factor).all() else none

    def _inside(self, values: Values) -> npt.NDArray[np.bool_]:
        if self.mask == "all":
            return values > 0
        level = 0.0
        if self.mask == "otsu" and values.min() < values.max():
            from skimage.filters import threshold_otsu

            level = float(threshold_otsu(values))
        inside: npt.NDArray[np.bool_] = values > level
        return inside

    def _fit(
        self, values: Values, inside: npt.NDArray[np.bool_], spacing: tuple[float, ...]
    ) -> Values:
        import SimpleITK

        # An axis of few elements keeps them: a mesh needs something to lie on.
        factors = [max(1, min(self.shrink, size // LEAST_LENGTH)) for size in values.shape]
        # Of one element is no axis at all for the mesh; a plane repeated is as good.
        repeats = [max(1, -(-4 // size)) for size in values.shape]
        whole = SimpleITK.GetImageFromArray(np.tile(values, repeats))
        where = SimpleITK.GetImageFromArray(np.tile(inside, repeats).astype(np.uint8))
        for one in (whole, where):
            one.SetSpacing(spacing[::-1])
        step = SimpleITK.N4BiasFieldCorrectionImageFilter()
        step.SetNumberOfThreads(thread_count())
        step.SetMaximumNumberOfIterations([self.iterations] * self.levels)
        step.Execute(SimpleITK.Shrink(whole, factors[::-1]), SimpleITK.Shrink(where, factors[::-1]))
        found = SimpleITK.GetArrayFromImage(step.GetLogBiasFieldAsImage(whole))
        logarithm: Values = found[tuple(slice(size) for size in values.shape)].astype(np.float32)
        return logarithm
