"""What every network in the catalog promises that answers for each element."""

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
    count_operations,
    count_parameters,
)

SIZES = {1: (40,), 2: (20, 24), 3: (16, 17, 16)}
PER_ELEMENT = [name for name in NETWORKS if answer_of(name) == "element"]
each_network = pytest.mark.parametrize("name", PER_ELEMENT)
each_rank = pytest.mark.parametrize("rank", sorted(SIZES))


def options_of(rank: int, **knobs: object) -> NetworkOptions:
    given = {"size": SIZES[rank], "channels": 2, "outputs": 3, "width": 0.125, **knobs}
    return NetworkOptions(rank=rank, **given)


def batch(rank: int, count: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(rank)
    return torch.randn(count, 2, *SIZES[rank], generator=generator)


def build(name: str, rank: int, seed: int = 0, **knobs: object) -> Network:
    return build_network(name, options_of(rank, **knobs), seed=seed)


@each_rank
@each_network
def test_every_element_has_an_answer(name: str, rank: int) -> None:
    network = build(name, rank).eval()
    x = batch(rank)
    logits, maps = network(x), network.features(x)
    assert logits.shape == (2, 3, *SIZES[rank])
    assert maps.shape[0] == 2
    assert maps.ndim == 2 + rank
    torch.testing.assert_close(logits, network.head(maps))


@each_rank
@each_network
def test_in_training_under_supervision_coarser_answers_follow(name: str, rank: int) -> None:
    network = build(name, rank, size=(33,) * rank, deep_supervision=True)
    x = torch.randn(2, 2, *(33,) * rank, generator=torch.Generator().manual_seed(0))
    answers = network.train()(x)
    assert isinstance(answers, tuple)
    assert len(answers) > 1
    edges = [answer.shape[2] for answer in answers]
    assert edges == [33, 17, 9, 5][: len(edges)]
    assert all(answer.shape[:2] == (2, 3) for answer in answers)
    assert isinstance(network.eval()(x), Tensor)


@each_rank
@each_network
@pytest.mark.parametrize("is_supervised", [False, True])
def test_gradient_reaches_every_parameter(name: str, rank: int, is_supervised: bool) -> None:
    network = build(name, rank, deep_supervision=is_supervised).train()
    answers = network(batch(rank))
    answers = answers if isinstance(answers, tuple) else (answers,)
    sum(answer.square().sum() for answer in answers).backward()
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


@each_rank
@each_network
@pytest.mark.parametrize("edge", [16, 19, 35])
def test_the_window_may_have_another_size_than_in_training(name: str, rank: int, edge: int) -> None:
    network = build(name, rank, size=(16,) * rank).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 2, *(edge,) * rank)).shape[2:] == (edge,) * rank


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
def test_first_answers_are_nearly_equal_chances(name: str) -> None:
    chances = build(name, 2)(batch(2)).softmax(1).detach()
    assert (chances - 1 / 3).abs().max() < 0.25


@each_network
def test_weights_come_back_from_a_file(name: str, tmp_path: Path) -> None:
    network, other = build(name, 2, seed=1), build(name, 2, seed=2)
    network.train()(batch(2))  # moves the running statistics
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    with torch.no_grad():
        assert torch.equal(network.eval()(batch(2)), other.eval()(batch(2)))


@each_network
def test_some_steps_learn_a_threshold(name: str) -> None:
    network = build(name, 2, outputs=2, width=0.25).train()
    x = batch(2, count=4)
    target = (x[:, 0] > 0.3).long()
    descent = torch.optim.Adam(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(40):
        loss = nn.functional.cross_entropy(network(x), target)
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


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
def test_half_width_has_fewer_parameters_and_operations(name: str) -> None:
    half, full = (build(name, 2, size=(32, 32), width=width) for width in (0.5, 1.0))
    assert 0.2 * count_parameters(full) < count_parameters(half) < 0.35 * count_parameters(full)
    assert count_operations(half, 2, (32, 32)) < 0.35 * count_operations(full, 2, (32, 32))


@each_rank
@each_network
def test_too_small_an_input_names_a_size_that_works(name: str, rank: int) -> None:
    tiny = options_of(rank).model_copy(update={"size": (1,) * rank})
    with pytest.raises(RecipeError, match="nearest") as caught:
        build_network(name, tiny)
    edge = int(str(caught.value.legal).split(" ", maxsplit=1)[0])
    legal = tiny.model_copy(update={"size": (edge,) * rank})
    network = build_network(name, legal)
    assert network.train()(torch.zeros(2, 2, *legal.size)).isfinite().all()
    assert network.eval()(torch.zeros(1, 2, *legal.size)).isfinite().all()


@each_network
def test_dropout_acts_in_training_alone(name: str) -> None:
    network, plain = build(name, 2, seed=1, dropout=0.5), build(name, 2, seed=1)
    with torch.no_grad():
        assert torch.equal(network.eval()(batch(2)), plain.eval()(batch(2)))
        maps = network.features(batch(2))
        draws = [network.head.train()(maps) for _ in range(2)]
    assert not torch.equal(*draws)


@pytest.mark.parametrize("norm", ["batch", "group", "instance"])
@each_network
def test_every_normalisation_trains(name: str, norm: str) -> None:
    network = build(name, 2, norm=norm)
    network.train()(batch(2)).sum().backward()
    assert all(weight.grad.isfinite().all() for weight in network.parameters())


@each_network
def test_stages_can_be_set_one_by_one(name: str) -> None:
    network = build(
        name,
        3,
        width=1.0,
        strides=((1, 1, 1), (1, 2, 2), (2, 2, 2)),
        kernels=((1, 3, 3), (3, 3, 3), (3, 3, 3)),
        features=(4, 6, 8),
        depth=(1, 2, 1),
        decoder_depth=(2, 1),
        deep_supervision=True,
    )
    shapes = [stage(maps).shape[1:] for stage, maps in stages_of(network, batch(3))]
    assert shapes == [(4, 16, 17, 16), (6, 16, 9, 8), (8, 8, 5, 4)]


def stages_of(network: Network, maps: Tensor) -> list[tuple[nn.Module, Tensor]]:
    """Pair each stage of the way down with what it takes."""
    pairs = []
    for stage in network.trunk.down:
        pairs.append((stage, maps))
        maps = stage(maps)
    return pairs


@each_network
@pytest.mark.parametrize(
    "wrong",
    [
        {"features": (4, 8)},
        {"strides": ((1, 1), (2, 2))},
        {"depth": (1, 1, 1, 1, 1, 1, 1)},
        {"decoder_depth": (1,) * 9},
        {"strides": ((1, 1), (16, 16), (2, 2)), "features": (4, 4, 4)},
    ],
    ids=str,
)
def test_stages_that_do_not_fit_each_other_are_refused(name: str, wrong: dict[str, object]) -> None:
    kernels = {"kernels": ((3, 3),) * 3} if "strides" in wrong else {}
    with pytest.raises(RecipeError, match="network"):
        build(name, 2, **wrong, **kernels)
