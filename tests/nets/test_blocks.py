"""The building blocks against their formulas, written out in loops; outputs and gradients."""

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from scanwright.nets import as_generator, contained_randomness
from scanwright.nets.blocks import (
    AVERAGE_POOL,
    CONV,
    MAX_POOL,
    DropPath,
    GlobalAverage,
    GlobalAverageAndMax,
    convolution,
    normalisation,
    rising,
    scaled,
)

SPACES = {1: (9,), 2: (6, 7), 3: (4, 5, 6)}
RANKS = sorted(SPACES)
Index = tuple[int, ...]


def plus(a: Index, b: Index) -> Index:
    return tuple(i + j for i, j in zip(a, b, strict=True))


def window_of(start: Index, edge: int) -> Iterator[Index]:
    """Every place in the window of `edge` that belongs to the output place `start`."""
    corner = tuple(edge * i for i in start)
    for offset in np.ndindex(*(edge,) * len(start)):
        yield plus(corner, offset)


def convolve(x: np.ndarray, f: np.ndarray, b: np.ndarray) -> np.ndarray:
    """y_k(i) = b_k + Σ_c Σ_p x_c(i + p) f_kc(p)."""
    space = tuple(n - m + 1 for n, m in zip(x.shape[1:], f.shape[2:], strict=True))
    y = np.zeros((f.shape[0], *space))
    for k in range(f.shape[0]):
        for i in np.ndindex(*space):
            y[(k, *i)] = b[k]
            for c in range(f.shape[1]):
                for p in np.ndindex(*f.shape[2:]):
                    y[(k, *i)] += x[(c, *plus(i, p))] * f[(k, c, *p)]
    return y


def convolve_slopes(
    x: np.ndarray, f: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂x_c(j) = Σ_k Σ_p g_k(j - p) f_kc(p); ∂L/∂f_kc(p) = Σ_i g_k(i) x_c(i + p); ∂L/∂b_k."""
    slope_x, slope_f, slope_b = np.zeros_like(x), np.zeros_like(f), np.zeros(f.shape[0])
    for k in range(f.shape[0]):
        for i in np.ndindex(*g.shape[1:]):
            slope_b[k] += g[(k, *i)]
            for c in range(f.shape[1]):
                for p in np.ndindex(*f.shape[2:]):
                    slope_f[(k, c, *p)] += g[(k, *i)] * x[(c, *plus(i, p))]
                    slope_x[(c, *plus(i, p))] += g[(k, *i)] * f[(k, c, *p)]
    return slope_x, slope_f, slope_b


def pool(x: np.ndarray, edge: int, summary: Callable[[list[float]], float]) -> np.ndarray:
    """y_c(i) = summary of x_c over the window that starts at edge · i."""
    space = tuple(n // edge for n in x.shape[1:])
    y = np.zeros((x.shape[0], *space))
    for c in range(x.shape[0]):
        for i in np.ndindex(*space):
            y[(c, *i)] = summary([x[(c, *place)] for place in window_of(i, edge)])
    return y


def max_pool_slope(x: np.ndarray, edge: int, g: np.ndarray) -> np.ndarray:
    """∂L/∂x_c(j) = g_c(i) where x_c(j) is the largest of its window i, else 0."""
    slope = np.zeros_like(x)
    for c in range(x.shape[0]):
        for i in np.ndindex(*g.shape[1:]):
            largest = max(window_of(i, edge), key=lambda place, c=c: x[(c, *place)])
            slope[(c, *largest)] += g[(c, *i)]
    return slope


def average_pool_slope(x: np.ndarray, edge: int, g: np.ndarray) -> np.ndarray:
    """∂L/∂x_c(j) = g_c(i) / window size, for every j in the window i."""
    slope = np.zeros_like(x)
    for c in range(x.shape[0]):
        for i in np.ndindex(*g.shape[1:]):
            for place in window_of(i, edge):
                slope[(c, *place)] += g[(c, *i)] / edge ** len(i)
    return slope


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape)


def output_and_slope(layer: nn.Module, x: np.ndarray) -> tuple[Tensor, Tensor, np.ndarray]:
    """Run one case, send a drawn gradient g back; return output, input with its slope, g."""
    entered = torch.tensor(x[None], requires_grad=True)
    left = layer.double()(entered)
    g = np.random.default_rng(9).normal(size=left.shape[1:])
    left.backward(torch.tensor(g[None]))
    return left[0].detach(), entered, g


@pytest.mark.parametrize("rank", RANKS)
def test_convolution_is_its_formula(rank: int) -> None:
    x, f, b = drawn(2, *SPACES[rank]), drawn(3, 2, *(3,) * rank), drawn(3)
    layer = CONV[rank](2, 3, 3)
    layer.weight.data, layer.bias.data = torch.tensor(f), torch.tensor(b)
    y, entered, g = output_and_slope(layer, x)
    np.testing.assert_allclose(y, convolve(x, f, b), rtol=1e-12, atol=1e-12)
    slope_x, slope_f, slope_b = convolve_slopes(x, f, g)
    np.testing.assert_allclose(entered.grad[0], slope_x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.weight.grad, slope_f, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.bias.grad, slope_b, rtol=1e-12, atol=1e-12)


def test_convolution_of_a_worked_example() -> None:
    x = np.arange(9.0).reshape(1, 3, 3)
    f = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])  # each element less its lower right neighbour
    assert convolve(x, f, np.zeros(1)).tolist() == [[[-4.0, -4.0], [-4.0, -4.0]]]


@pytest.mark.parametrize("edge", [2, 3])
@pytest.mark.parametrize("rank", RANKS)
def test_max_pooling_is_its_formula(rank: int, edge: int) -> None:
    x = drawn(2, *SPACES[rank])
    y, entered, g = output_and_slope(MAX_POOL[rank](edge), x)
    np.testing.assert_array_equal(y, pool(x, edge, max))
    np.testing.assert_allclose(entered.grad[0], max_pool_slope(x, edge, g), rtol=1e-12)


@pytest.mark.parametrize("edge", [2, 3])
@pytest.mark.parametrize("rank", RANKS)
def test_average_pooling_is_its_formula(rank: int, edge: int) -> None:
    x = drawn(2, *SPACES[rank])
    y, entered, g = output_and_slope(AVERAGE_POOL[rank](edge), x)
    mean = pool(x, edge, lambda values: math.fsum(values) / len(values))
    np.testing.assert_allclose(y, mean, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(entered.grad[0], average_pool_slope(x, edge, g), rtol=1e-12)


def test_dense_layer_is_its_formula() -> None:
    x, w, b = drawn(5), drawn(3, 5), drawn(3)
    layer = nn.Linear(5, 3)
    layer.weight.data, layer.bias.data = torch.tensor(w), torch.tensor(b)
    y, entered, g = output_and_slope(layer, x)
    for k in range(3):
        assert y[k].item() == pytest.approx(sum(w[k, i] * x[i] for i in range(5)) + b[k], 1e-12)
        for i in range(5):
            assert layer.weight.grad[k, i].item() == pytest.approx(g[k] * x[i], 1e-12)
        assert layer.bias.grad[k].item() == g[k]
    for i in range(5):
        slope = sum(g[k] * w[k, i] for k in range(3))
        assert entered.grad[0, i].item() == pytest.approx(slope, 1e-12)


def test_relu_is_its_formula() -> None:
    x = np.array([-2.0, -0.5, 0.5, 3.0])
    y, entered, g = output_and_slope(nn.ReLU(), x)
    assert y.tolist() == [max(0.0, value) for value in x]
    assert entered.grad[0].tolist() == [0.0, 0.0, g[2], g[3]]


@pytest.mark.parametrize("rank", RANKS)
def test_batch_normalisation_is_its_formula(rank: int) -> None:
    x = drawn(4, 3, *SPACES[rank])
    layer = normalisation(rank, 3, "batch").double().train()
    axes = (0, *range(2, x.ndim))
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    y = layer(torch.tensor(x)).detach()
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(variance + layer.eps), rtol=1e-9)


@pytest.mark.parametrize("norm", ["group", "instance"])
@pytest.mark.parametrize("rank", RANKS)
def test_group_and_instance_normalisation_look_at_one_case(rank: int, norm: str) -> None:
    x = torch.tensor(drawn(4, 12, *SPACES[rank]))
    layer = normalisation(rank, 12, norm).double()
    torch.testing.assert_close(layer(x)[1:2], layer(x[1:2]))
    assert layer(x).mean().abs() < 1e-6
    assert layer(x).var().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("rank", RANKS)
def test_global_pooling_takes_mean_and_maximum_over_space(rank: int) -> None:
    x = drawn(2, 3, *SPACES[rank])
    flat = x.reshape(2, 3, -1)
    np.testing.assert_allclose(GlobalAverage()(torch.tensor(x)), flat.mean(2), rtol=1e-12)
    both = GlobalAverageAndMax()(torch.tensor(x))
    np.testing.assert_allclose(both[:, :3], flat.mean(2), rtol=1e-12)
    np.testing.assert_array_equal(both[:, 3:], flat.max(2))


@pytest.mark.parametrize("rank", RANKS)
def test_padded_convolution_keeps_the_size(rank: int) -> None:
    layer = convolution(1, 2, (5, 3, 1)[:rank])
    assert layer(torch.zeros(1, 1, *SPACES[rank])).shape == (1, 2, *SPACES[rank])


def test_drop_path_drops_whole_cases_and_keeps_the_mean() -> None:
    branch = torch.ones(20_000, 2, 1)
    with contained_randomness(as_generator(0)):
        out = DropPath(0.25).train()(branch)
    assert out.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert bool((out[:, 0] == out[:, 1]).all())
    # 20,000 draws: the standard error of the mean is 0.004.
    assert out.mean().item() == pytest.approx(1, abs=0.02)


def test_drop_path_does_nothing_in_evaluation() -> None:
    branch = torch.ones(8, 2, 3)
    assert DropPath(0.5).eval()(branch) is branch
    assert DropPath(0.0).train()(branch) is branch


def test_scaled_widths_are_positive_multiples() -> None:
    assert [scaled(32, factor, multiple=4) for factor in (0.01, 0.5, 1.3)] == [4, 16, 40]


def test_chances_rise_from_zero_to_the_highest() -> None:
    assert rising(0.3, 4) == pytest.approx([0, 0.1, 0.2, 0.3])
    assert rising(0.3, 1) == [0.0]


def test_the_page_on_building_blocks_names_tests_that_exist() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "explanation" / "building-blocks.md").read_text(encoding="utf-8")
    files = set(re.findall(r"`((?:src|tests|docs)/[\w/]+\.py)`", page))
    names = set(re.findall(r"`(test_\w+)`", page))
    assert len(files) >= 5
    assert len(names) >= 10
    text = "".join((root / name).read_text(encoding="utf-8") for name in files)
    assert not {name for name in names if f"def {name}(" not in text}
