from pathlib import Path

import numpy as np
import pytest
import torch

from scanwright.training.loader import Loader

CPU = torch.device("cpu")
IMAGES = np.random.default_rng(0).normal(size=(9, 2, 3, 4)).astype(np.float32)
HELD, READ = 1 << 30, 1


@pytest.fixture
def mapped(tmp_path: Path) -> np.ndarray:
    np.save(tmp_path / "images.npy", IMAGES)
    return np.load(tmp_path / "images.npy", mmap_mode="r")


@pytest.mark.parametrize("rows", [[0], [8, 0, 3], [2, 2, 1], [5, 4, 3, 2]])
@pytest.mark.parametrize("memory", [HELD, READ])
def test_rows_come_in_the_order_asked_for_from_memory_and_from_disk(
    mapped: np.ndarray, memory: int, rows: list[int]
) -> None:
    batch = Loader(mapped, CPU, memory).gather(np.array(rows))
    assert batch.dtype == torch.float32
    np.testing.assert_array_equal(batch.numpy(), IMAGES[rows])


def test_what_fits_is_held_and_what_does_not_is_left_on_disk(mapped: np.ndarray) -> None:
    assert Loader(mapped, CPU, 4 * IMAGES.nbytes)._held is not None
    assert Loader(mapped, CPU, 4 * IMAGES.nbytes - 1)._held is None


@pytest.mark.parametrize("memory", [HELD, READ])
def test_a_batch_can_be_changed_without_changing_the_images(
    mapped: np.ndarray, memory: int
) -> None:
    loader = Loader(mapped, CPU, memory)
    loader.gather(np.array([1, 2])).zero_()
    np.testing.assert_array_equal(loader.gather(np.array([1, 2])).numpy(), IMAGES[[1, 2]])
