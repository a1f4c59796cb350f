"""Compiled copying of windows that are only cut and mirrored."""

import numpy as np

from scanwright.augmentation.compiled import compiled
from scanwright.augmentation.ray import Ints, Labels, Values


@compiled
def copy_window(images: Values | Labels, out: Values | Labels, rows: Ints, starts: Ints) -> None:
    """Copy the windows of images that are only cut and mirrored.

    Parameters
    ----------
    images, out
        Shapes (B, C, Z, Y, X), contiguous, of one type.
    rows
        Which of the batch.
    starts
        Shape (B, 3, 2): along each axis where the first element is read, and the step, 1 or -1.
    """
    channels, depth, height, width = out.shape[1], out.shape[2], out.shape[3], out.shape[4]
    values, results = images.reshape(-1), out.reshape(-1)
    for row in rows:
        first, step = starts[row, 2, 0], starts[row, 2, 1]
        for line in range(channels * depth * height):
            channel, rest = divmod(line, depth * height)
            z = starts[row, 0, 0] + starts[row, 0, 1] * (rest // height)
            y = starts[row, 1, 0] + starts[row, 1, 1] * (rest % height)
            source = ((row * channels + channel) * images.shape[2] + z) * images.shape[3] + y
            begin = np.uint64(source * images.shape[4] + first)
            target = np.uint64((row * channels * depth * height + line) * width)
            if step > 0:
                for i in range(np.uint64(width)):
                    results[target + i] = values[begin + i]
            else:
                for i in range(np.uint64(width)):
                    results[target + i] = values[begin - i]
