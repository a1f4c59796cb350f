"""What every network in the catalog promises that answers for a case."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from scanwright.base import RecipeError
from scanwright.nets import (
    NETWORKS,
    Network,
    NetworkOptions,
    answer_of,
    build_network,
    count_parameters,
)

SIZES = {1: (32,), 2: (20, 24), 3: (12, 14, 16)}
PER_CASE = [name for name in NETWORKS if answer_of(name) == "case"]
each_network = pytest.mark.parametrize("name", PER_CASE)
each_rank = pytest.mark.parametrize("rank", sorted(SIZES))


def options_of(rank: int, **knobs: object) -> NetworkOptions:
    return NetworkOptions(rank=rank, size=SIZES[rank], channels=2, outputs=3, width=0.125, **knobs)


def batch(rank: int, count: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(rank)
    return torch.randn(count, 2, *SIZES[rank], generator=generator)


def build(name: str, rank: int, seed: int = 0) -> Network:
    return build_network(name, options_of(rank), seed=seed)


@each_rank
@each_network
def test_network_gives_one_row_for_each_case(name: str, rank: int) -> None:
    network = build(name, rank).eval()
    x = batch(rank)
    maps = network.features(x)
    assert network(x).shape == (3, 3)
    assert maps.shape[0] == 3
    assert maps.ndim == 2 + rank
    assert all(edge <= full for edge, full in zip(maps.shape[2:], SIZES[rank], strict=True))
    torch.testing.assert_close(network(x), network.head(maps))


@each_rank
@each_network
def test_gradient_reaches_every_parameter(name: str, rank: int) -> None:
    network = build(name, rank).train()
    network(batch(rank, count=8)).square().sum().backward()
    for label, parameter in network.named_parameters():
        assert parameter.grad is not None, label
        assert parameter.grad.isfinite().all(), label
        assert parameter.grad.any(), label


@each_rank
@each_network
def test_evaluation_is_repeatable_and_looks_at_each_case_alone(name: str, rank: int) -> None:
    network = build(name, rank).eval()
    x = batch(rank)
    with torch.no_grad():
        whole = network(x)
        assert torch.equal(whole, network(x))
        one_by_one = torch.cat([network(case) for case in x.split(1)])
    torch.testing.assert_close(whole, one_by_one, rtol=1e-4, atol=1e-5)


@each_network
def test_weights_depend_on_the_seed_alone(name: str) -> None:
    before = torch.get_rng_state()
    one, same, other = (build(name, 2, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    for key, value in one.state_dict().items():
        assert torch.equal(value, same.state_dict()[key]), key
    drawn = [key for key, value in one.named_parameters() if value.ndim > 1]
    assert not any(torch.equal(one.state_dict()[key], other.state_dict()[key]) for key in drawn)


@each_network
def test_weights_come_back_from_a_file(name: str, tmp_path: Path) -> None:
    network, other = build(name, 2, seed=1), build(name, 2, seed=2)
    network.train()(batch(2))  # moves the running statistics
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    with torch.no_grad():
        assert torch.equal(network.eval()(batch(2)), other.eval()(batch(2)))


@each_network
def test_one_step_down_the_slope_lowers_the_loss(name: str) -> None:
    network = build(name, 2).train()
    x, target = batch(2, count=6), torch.arange(6) % 3
    before = nn.functional.cross_entropy(network(x), target)
    before.backward()
    slope = sum(float(weight.grad.square().sum()) for weight in network.parameters())
    with torch.no_grad():
        for weight in network.parameters():
            weight.sub_(1e-3 * float(before) / slope * weight.grad)
        after = nn.functional.cross_entropy(network(x), target)
    assert after < before


@pytest.mark.parametrize("rank", [2, 3])
@each_network
def test_memory_format_does_not_change_the_outputs(name: str, rank: int) -> None:
    last = torch.channels_last if rank == 2 else torch.channels_last_3d
    network = build(name, rank).eval()
    x = batch(rank)
    with torch.no_grad():
        expected = network(x)
        found = network.to(memory_format=last)(x.to(memory_format=last))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@each_network
def test_forward_can_be_exported(name: str) -> None:
    """Without control flow that depends on the data; the batch stays free."""
    network = build(name, 2).eval()
    free = {"images": {0: torch.export.Dim("batch", min=1, max=64)}}
    program = torch.export.export(network, (batch(2),), dynamic_shapes=free)
    x = batch(2, count=5)
    with torch.no_grad():
        torch.testing.assert_close(program.module()(x), network(x), rtol=1e-4, atol=1e-5)


@each_network
def test_half_width_has_fewer_parameters(name: str) -> None:
    half, full = (
        count_parameters(build_network(name, NetworkOptions(size=(28, 28), width=width)))
        for width in (0.5, 1.0)
    )
    assert 0.15 * full < half < 0.6 * full


@each_rank
@each_network
def test_too_small_an_input_names_a_size_that_works(name: str, rank: int) -> None:
    tiny = options_of(rank).model_copy(update={"size": (1,) * rank})
    with pytest.raises(RecipeError, match="nearest") as caught:
        build_network(name, tiny)
    edge = int(str(caught.value.legal).split(" ", maxsplit=1)[0])
    legal = tiny.model_copy(update={"size": (edge,) * rank})
    network = build_network(name, legal).eval()
    assert network(torch.zeros(1, 2, *legal.size)).isfinite().all()


@each_network
def test_dropout_acts_in_training_alone(name: str) -> None:
    network = build_network(name, options_of(2, dropout=0.5), seed=1)
    plain = build_network(name, options_of(2), seed=1)
    with torch.no_grad():
        assert torch.equal(network.eval()(batch(2)), plain.eval()(batch(2)))
        maps = network.features(batch(2))
        draws = [network.head.train()(maps) for _ in range(2)]
    assert not torch.equal(*draws)


@pytest.mark.parametrize("norm", ["batch", "group", "instance"])
@each_network
def test_every_normalisation_that_is_not_refused_trains(name: str, norm: str) -> None:
    try:
        network = build_network(name, options_of(2, norm=norm))
    except RecipeError as error:
        assert "norm" in str(error.where)  # noqa: PT017  (refusal is one of two legal outcomes)
        return
    network.train()(batch(2)).sum().backward()
    assert all(weight.grad.isfinite().all() for weight in network.parameters())


@each_network
def test_a_classifier_refuses_the_knobs_of_a_network_that_outlines(name: str) -> None:
    with pytest.raises(RecipeError, match="deep_supervision"):
        build_network(name, options_of(2, deep_supervision=True))
