import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.base import BundleError
from scanwright.inference import (
    Slab,
    Tiling,
    gaussian_weights,
    predict_windows,
    reader,
    window_starts,
)
from scanwright.inference.windows import _roomy


def image_of(size: tuple[int, ...], channels: int = 2, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(channels, *size)).astype(np.float32)


def whole(slabs: list[Slab]) -> np.ndarray:
    for before, after in itertools.pairwise(slabs):
        assert after.start == before.start + before.logits.shape[1]
    return np.concatenate([slab.logits for slab in slabs], axis=1)


def run(image: np.ndarray, tiling: Tiling, forward, **facts: object) -> np.ndarray:
    outputs = facts.pop("outputs", len(image))
    slabs = predict_windows(forward, reader(image), tiling, background=(0.0,) * outputs, **facts)  # type: ignore[arg-type]  # facts by name
    return whole([Slab(slab.start, slab.logits.copy()) for slab in slabs])


@given(
    size=st.integers(1, 300), window=st.integers(1, 96), overlap=st.sampled_from([0.0, 0.3, 0.5])
)
def test_windows_cover_an_axis_and_share_at_least_what_was_asked(
    size: int, window: int, overlap: float
) -> None:
    starts = window_starts(size, window, overlap)
    assert starts[0] <= 0
    assert starts[-1] + window >= size
    steps = np.diff(starts)
    assert (steps <= np.ceil(window * (1 - overlap))).all()
    assert (steps >= 0).all()
    if size > window:
        assert starts[0] == 0
        assert starts[-1] + window == size


def test_windows_lie_where_nnunet_puts_them() -> None:
    # compute_steps_for_sliding_window of nnunetv2 2.8.1
    assert window_starts(256, 96, 0.5) == (0, 40, 80, 120, 160)
    assert window_starts(128, 96, 0.5) == (0, 32)
    assert window_starts(110, 64, 0.5) == (0, 23, 46)


@pytest.mark.parametrize("window", [(5,), (8, 6), (4, 6, 8)])
def test_weights_are_highest_in_the_middle_and_alike_on_all_sides(window: tuple[int, ...]) -> None:
    weights = gaussian_weights(window)
    assert weights.shape == window
    assert weights.min() > 0
    assert weights.max() == 1
    assert np.array_equal(weights, np.flip(weights))
    assert weights[tuple(edge // 2 for edge in window)] == 1


@settings(max_examples=25, deadline=None)
@given(data=st.data(), rank=st.integers(1, 3), overlap=st.sampled_from([0.0, 0.4, 0.5]))
def test_windows_of_a_pointwise_network_blend_back_to_the_whole(
    data: st.DataObject, rank: int, overlap: float
) -> None:
    size = data.draw(st.tuples(*[st.integers(1, 20)] * rank))
    window = data.draw(st.tuples(*[st.integers(1, 9)] * rank))
    image = image_of(size)
    tiling = Tiling.of(size, window, overlap, data.draw(st.integers(1, 3)))
    got = run(image, tiling, lambda windows: 2 * windows + 1)
    np.testing.assert_allclose(got, 2 * image + 1, atol=1e-4)


@pytest.mark.parametrize("slab_bytes", [1, 2**25])
def test_slabs_are_the_weighted_mean_over_all_windows(
    slab_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanwright.inference.windows.SLAB_BYTES", slab_bytes)
    size, window = (17, 12, 9), (8, 6, 9)
    image = image_of(size, channels=1)
    tiling = Tiling.of(size, window, 0.5)
    ramp = torch.arange(window[0] * 1.0).view(1, 1, -1, 1, 1)  # depends on the place in the window

    def forward(windows: torch.Tensor) -> torch.Tensor:
        return torch.cat([windows * ramp, windows - ramp], dim=1)

    sums, total = np.zeros((2, *size)), np.zeros(size)
    for start in itertools.product(*tiling.starts):
        box = tuple(slice(a, a + n) for a, n in zip(start, window, strict=True))
        logits = forward(torch.from_numpy(image[(slice(None), *box)][None]))[0].numpy()
        weights = gaussian_weights(window).astype(np.float64)
        sums[(slice(None), *box)] += logits * weights
        total[box] += weights
    np.testing.assert_allclose(run(image, tiling, forward, outputs=2), sums / total, atol=1e-4)


def test_batches_change_nothing() -> None:
    image = image_of((20, 20))
    one = run(image, Tiling.of((20, 20), (8, 8), 0.5), torch.sin)
    four = run(image, Tiling.of((20, 20), (8, 8), 0.5, 4), torch.sin)
    assert np.array_equal(one, four)


def test_windows_left_out_are_background_and_not_run() -> None:
    image = image_of((16, 8), channels=2)
    seen = []

    def forward(windows: torch.Tensor) -> torch.Tensor:
        seen.append(len(windows))
        return windows

    tiling = Tiling.of((16, 8), (8, 8), 0.0)
    slabs = predict_windows(
        forward, reader(image), tiling, background=(3.0, -3.0), is_empty=lambda start: start[0] == 8
    )
    got = whole([Slab(slab.start, slab.logits.copy()) for slab in slabs])
    assert seen == [1]
    np.testing.assert_allclose(got[:, :8], image[:, :8], atol=1e-5)
    assert (got[0, 8:] == 3).all()
    assert (got[1, 8:] == -3).all()


def test_an_image_without_anything_runs_no_network() -> None:
    def forward(windows: torch.Tensor) -> torch.Tensor:
        raise AssertionError

    tiling = Tiling.of((9, 9), (4, 4), 0.5)
    slabs = predict_windows(
        forward, reader(image_of((9, 9))), tiling, background=(1.0, 0.0), is_empty=lambda _: True
    )
    got = whole([Slab(slab.start, slab.logits.copy()) for slab in slabs])
    assert got.shape == (2, 9, 9)
    assert (got[0] == 1).all()


def test_progress_counts_every_window() -> None:
    class Heard:
        def __init__(self) -> None:
            self.total, self.steps, self.ended = 0.0, 0.0, 0

        def begin(self, stage: str, total: float, unit: str = "") -> None:
            self.total = total

        def step(self, amount: float = 1, note: str = "") -> None:
            self.steps += amount

        def end(self) -> None:
            self.ended += 1

    heard = Heard()
    tiling = Tiling.of((20, 20), (8, 8), 0.5, 3)
    run(
        image_of((20, 20)),
        tiling,
        lambda windows: windows,
        progress=heard,
        is_empty=lambda start: start[1] == 0,
    )
    assert heard.total == tiling.count == 16
    assert (heard.steps, heard.ended) == (16, 1)


def test_nan_is_refused() -> None:
    with pytest.raises(BundleError, match="finite"):
        run(image_of((8, 8)), Tiling.of((8, 8), (8, 8), 0.5), lambda w: w * float("nan"))


def test_an_answer_of_another_shape_is_refused() -> None:
    with pytest.raises(BundleError, match="shape"):
        run(image_of((8, 8)), Tiling.of((8, 8), (8, 8), 0.5), lambda w: w[..., :4])


def test_a_box_beyond_the_image_is_filled_with_zeros() -> None:
    image = np.ones((1, 3, 3), dtype=np.int16)
    box = reader(image)((-1, 2), (3, 3))
    assert box.dtype == np.float32
    assert box[0].tolist() == [[0, 0, 0], [1, 0, 0], [1, 0, 0]]
    assert not reader(image)((5, 5), (2, 2)).any()


@pytest.mark.parametrize(("size", "expected"), [(29, "cuda"), (31, "cpu")])
def test_sums_leave_the_graphics_processor_where_the_network_needs_its_memory(
    size: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (100, 200))
    assert _roomy(torch.device("cuda"), size).type == expected
    assert _roomy(torch.device("cpu"), size).type == "cpu"
