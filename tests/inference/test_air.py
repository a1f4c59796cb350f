import itertools

import numpy as np
import pytest

from scanwright.inference import Tiling, find_air, reader
from scanwright.inference.air import BLOCK, _by_block


def body_in_air(size: tuple[int, ...], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    image = rng.normal(-1000, 3, size)
    middle = tuple(slice(edge // 3, 2 * edge // 3) for edge in size)
    image[middle] = rng.normal(40, 20, image[middle].shape)
    return image[None].astype(np.float32)


@pytest.mark.parametrize("size", [(60,), (70, 90), (40, 50, 60)])
@pytest.mark.parametrize("slab", [1, 2**22])
def test_windows_that_touch_the_body_are_looked_at(
    size: tuple[int, ...], slab: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanwright.inference.air.SLAB_ELEMENTS", slab)
    image = body_in_air(size)
    tiling = Tiling.of(size, (8,) * len(size), 0.5)
    is_air = find_air(reader(image), tiling)
    found = 0
    for start in itertools.product(*tiling.starts):
        box = tuple(slice(a, a + 8) for a in start)
        if is_air(start):
            assert image[(0, *box)].max() < -900
            found += 1
    assert found > 0


@pytest.mark.parametrize("size", [(7,), (16,), (17, 8), (9, 24, 5)])
def test_blocks_have_the_extremes_of_their_elements(size: tuple[int, ...]) -> None:
    slab = np.random.default_rng(0).normal(size=(2, *size)).astype(np.float32)
    for extreme in (np.minimum, np.maximum):
        got = _by_block(slab, extreme)
        assert got.shape == (2, *(-(-edge // BLOCK) for edge in size))
        for place in np.ndindex(*got.shape[1:]):
            block = slab[(slice(None), *(slice(at * BLOCK, (at + 1) * BLOCK) for at in place))]
            expected = extreme.reduce(block.reshape(2, -1), axis=1)
            assert got[(slice(None), *place)].tolist() == expected.tolist()


def test_one_element_that_stands_out_keeps_its_window() -> None:
    image = body_in_air((64, 64))
    image[0, 2, 2] = 40
    is_air = find_air(reader(image), Tiling.of((64, 64), (8, 8), 0.0))
    assert not is_air((0, 0))
    assert is_air((0, 32))


def test_any_channel_may_stand_out() -> None:
    image = np.concatenate([body_in_air((64, 64)), np.zeros((1, 64, 64), np.float32)])
    image[1, :4] = 1
    is_air = find_air(reader(image), Tiling.of((64, 64), (8, 8), 0.0))
    assert not is_air((0, 56))
    assert is_air((56, 56))


def test_metal_hides_nothing() -> None:
    image = body_in_air((256, 256))
    image[0, 128, 128] = 1e6
    is_air = find_air(reader(image), Tiling.of((256, 256), (16, 16), 0.0))
    assert not is_air((96, 96))


def test_windows_that_reach_outside_are_judged_by_what_is_inside() -> None:
    image = body_in_air((12, 60))
    is_air = find_air(reader(image), Tiling.of((12, 60), (16, 16), 0.5))
    assert is_air((-2, 0))
    assert not is_air((-2, 20))


def test_what_is_outside_may_have_a_value_in_the_middle() -> None:
    image = np.zeros((1, 96, 96), np.float32)
    image[0, 40:60, 40:60] = np.random.default_rng(0).normal(0, 2, (20, 20))
    is_air = find_air(reader(image), Tiling.of((96, 96), (8, 8), 0.0))
    assert is_air((0, 0))
    assert is_air((88, 40))
    assert not is_air((40, 40))


def test_an_even_organ_is_no_air() -> None:
    image = np.zeros((1, 96, 96), np.float32)
    image[0, 16:80, 16:80] = 1
    image[0, 40:48, 40:48] = 2
    is_air = find_air(reader(image), Tiling.of((96, 96), (8, 8), 0.0))
    assert not is_air((24, 24))
    assert is_air((0, 0))
