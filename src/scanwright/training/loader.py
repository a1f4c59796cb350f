"""Rows of a store as tensors: held in memory where they fit, else read from disk."""

import numpy as np
import numpy.typing as npt
import torch

from scanwright.training.sampler import Rows

IN_MEMORY_SHARE = 0.25
"""A store is held in memory when it takes less than this share of what is free."""


class Loader:
    """Gives batches of images by row number.

    Parameters
    ----------
    images
        Shape (N, C, *size), float32, in memory or memory-mapped.
    device
        Where batches are wanted.
    memory_bytes
        Free memory; decides whether the images are held.
    """

    def __init__(
        self, images: npt.NDArray[np.float32], device: torch.device, memory_bytes: int
    ) -> None:
        self._device = device
        self._held: torch.Tensor | None = None
        self._images = images
        if images.nbytes <= IN_MEMORY_SHARE * memory_bytes:
            self._held = torch.from_numpy(np.array(images))

    def gather(self, rows: Rows) -> torch.Tensor:
        """Return images of the rows, shape (B, C, *size), on the device."""
        if self._held is not None:
            batch = self._held[torch.from_numpy(np.asarray(rows, dtype=np.int64))]
        else:
            # Sorted reads run along the disk; the wanted order is restored afterwards.
            order = np.argsort(rows, kind="stable")
            block = np.empty((len(rows), *self._images.shape[1:]), dtype=np.float32)
            block[order] = self._images[np.asarray(rows)[order]]
            batch = torch.from_numpy(block)
        return batch.to(self._device, non_blocking=True)
