"""Filters against noise that is alike everywhere: total variation, non-local means, wavelets.

Strengths are multiples of the noise that is found in the image, so that they mean the same for HU,
for bytes and for 0..1.
"""

import math
from typing import ClassVar, Literal

import numpy as np

from scanwright.base import option
from scanwright.transforms.filter import FilterTransform, Values, noise_level


class TotalVariation(FilterTransform):
    """Flatten what varies little and keep edges: total variation by Chambolle's projections.

    About 0.1 s per megapixel and 0.5 s per megavoxel. Axes count alike whatever their spacing.

    Method: A. Chambolle, An algorithm for total variation minimization and applications, JMIV
    20:89, 2004, as scikit-image has it.
    """

    kind: ClassVar[str] = "total_variation"

    strength: float = option(
        1.0, low=0.01, high=50, help="Weight of flatness, as a multiple of the noise found."
    )
    iterations: int = option(60, low=1, high=1000, help="Most steps of the solver.")

    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Denoise one channel."""
        from skimage.restoration import denoise_tv_chambolle

        del spacing
        noise = noise_level(values)
        if noise == 0:
            return values
        # In units of the noise single precision and the stopping rule serve any scale.
        middle = np.float32(values.mean())
        level = (values - middle) / np.float32(noise)
        smooth = denoise_tv_chambolle(level, weight=self.strength, max_num_iter=self.iterations)
        return middle + np.float32(noise) * np.asarray(smooth, dtype=np.float32)


class NonLocalMeans(FilterTransform):
    """Average each element with those whose surroundings look alike.

    About 0.6 s per megapixel, and 11 s per megavoxel, at the default patch and reach; time grows
    with the reach, to the power of the rank. Axes count alike whatever their spacing.

    Method: A. Buades, B. Coll and J.-M. Morel, A non-local algorithm for image denoising, CVPR
    2005, in the fast form of scikit-image.
    """

    kind: ClassVar[str] = "non_local_means"

    strength: float = option(
        1.2, low=0.01, high=20, help="How unlike patches may be, as a multiple of the noise found."
    )
    patch: int = option(5, low=3, high=15, help="Edge of the surroundings compared, in elements.")
    reach: int = option(5, low=1, high=30, help="How far is searched, in elements.")

    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Denoise one channel."""
        from skimage.restoration import denoise_nl_means

        del spacing
        noise = noise_level(values)
        if noise == 0:
            return values
        low, high = float(values.min()), float(values.max())
        scale = np.float32(high - low)
        padded, inner = _at_least(((values - np.float32(low)) / scale), self.patch + 2)
        smooth = denoise_nl_means(
            padded,
            patch_size=self.patch,
            patch_distance=self.reach,
            h=self.strength * noise / (high - low),
            sigma=noise / (high - low),
            fast_mode=True,
            channel_axis=None,
        )
        return np.float32(low) + scale * np.asarray(smooth[inner], dtype=np.float32)


class WaveletDenoise(FilterTransform):
    """Shrink small wavelet coefficients, which are mostly noise.

    "bayes" chooses a threshold for each band, "visu" one for all, which smooths more. Shifts of the
    grid are averaged over, as a single transform leaves crosses. About 0.15 s per megapixel and
    0.4 s per megavoxel.

    Method: S. G. Chang, B. Yu and M. Vetterli, Adaptive wavelet thresholding for image denoising
    and compression, IEEE TIP 9:1532, 2000; shifts: R. Coifman and D. Donoho, 1995. By scikit-image
    and PyWavelets.
    """

    kind: ClassVar[str] = "wavelet"

    strength: float = option(1.5, low=0.01, high=20, help="Multiple of the noise found.")
    threshold: Literal["bayes", "visu"] = option("bayes", help="How the threshold is chosen.")
    wavelet: Literal["sym4", "db2", "haar"] = option("sym4", help="The wavelet.")
    shifts: int = option(2, low=1, high=4, help="Shifts averaged over, along each axis.")

    def filtered(self, values: Values, spacing: tuple[float, ...]) -> Values:
        """Denoise one channel."""
        from skimage.restoration import denoise_wavelet

        del spacing
        noise = noise_level(values)
        if noise == 0 or max(values.shape) < 4:
            return values
        padded, inner = _at_least(values, 16)
        total = np.zeros(values.shape, dtype=np.float32)
        steps = list(np.ndindex(*(self.shifts,) * values.ndim))
        for step in steps:
            axes = tuple(range(values.ndim))
            moved = np.roll(padded, step, axes)
            smooth = denoise_wavelet(
                moved / np.float32(noise),
                sigma=self.strength,
                wavelet=self.wavelet,
                method="BayesShrink" if self.threshold == "bayes" else "VisuShrink",
                mode="soft",
                rescale_sigma=False,
                channel_axis=None,
            )
            total += np.roll(smooth, [-one for one in step], axes)[inner]
        return total * np.float32(noise / math.prod((self.shifts,) * values.ndim))


def _at_least(values: Values, least: int) -> tuple[Values, tuple[slice, ...]]:
    """Mirror short axes to `least` elements, and all by a little; return where the image lies."""
    widths = []
    for size in values.shape:
        missing = max(0, least - size)
        widths.append((missing // 2, missing - missing // 2))
    inner = tuple(
        slice(before, before + size) for (before, _), size in zip(widths, values.shape, strict=True)
    )
    return np.pad(values, widths, mode="symmetric"), inner
