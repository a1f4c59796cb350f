"""First weights: their spread, their source, and what they leave untouched."""

import pytest
import torch

from scanwright.nets import NetworkOptions, build_network, contained_randomness


def test_weights_have_the_variance_of_he() -> None:
    network = build_network("tutorial", NetworkOptions(size=(28, 28), outputs=10), seed=1)
    second, dense, last = network.trunk[2], network.head[2], network.head[5]
    # 18,432 and 102,400 draws: the standard error of a variance is 1 % and 0.4 %.
    assert second.weight.var().item() == pytest.approx(2 / (32 * 9), rel=0.05)
    assert dense.weight.var().item() == pytest.approx(2 / 1600, rel=0.02)
    assert last.weight.var().item() == pytest.approx(0.01 / 64, rel=0.2)
    assert not second.bias.any()


def test_signal_keeps_its_size_through_relu_layers() -> None:
    network = build_network("tutorial", NetworkOptions(size=(28, 28), outputs=10), seed=2)
    x = torch.randn(32, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    # E[relu(y)²] = E[x²] under He's variance (the paper's equation 9), within what 288 and
    # 18,432 drawn weights allow.
    maps = network.trunk[0](x).relu()
    assert maps.square().mean().item() == pytest.approx(1, rel=0.25)
    deeper = network.trunk[2](maps).relu()
    assert deeper.square().mean().item() == pytest.approx(maps.square().mean().item(), rel=0.25)


def test_first_predictions_are_nearly_equal_chances() -> None:
    network = build_network("compact", NetworkOptions(outputs=4), seed=0)
    x = torch.randn(8, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert network(x).softmax(1).detach() == pytest.approx(torch.full((8, 4), 0.25), abs=0.1)


def test_generator_is_advanced() -> None:
    generator = torch.Generator().manual_seed(4)
    options = NetworkOptions(size=(16, 16), width=0.125)
    one = build_network("compact", options, seed=generator)
    two = build_network("compact", options, seed=generator)
    again = build_network("compact", options, seed=torch.Generator().manual_seed(4))
    assert not torch.equal(one.head[-1].weight, two.head[-1].weight)
    assert torch.equal(one.head[-1].weight, again.head[-1].weight)


def test_contained_randomness_depends_on_the_seed_and_puts_the_state_back() -> None:
    before = torch.get_rng_state()
    draws = []
    for _ in range(2):
        with contained_randomness(torch.Generator().manual_seed(7)):
            draws.append(torch.rand(3))
    assert torch.equal(*draws)
    assert torch.equal(torch.get_rng_state(), before)


def test_state_comes_back_after_an_error() -> None:
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), contained_randomness(torch.Generator()):
        divide_by_zero_after_a_draw()
    assert torch.equal(torch.get_rng_state(), before)


def divide_by_zero_after_a_draw() -> float:
    torch.rand(3)
    return 1 / 0


def test_a_layer_starts_at_its_own_first_bias() -> None:
    head = build_network("detector", NetworkOptions(size=(32, 32), outputs=3, width=0.25)).head
    assert head.answers[0].bias.detach().sigmoid() == pytest.approx(torch.full((3,), 0.01))
    assert head.answers[1].bias.detach().exp() == pytest.approx(torch.full((4,), 2.0))
    for layer in head.answers:
        # 48 and 64 draws: the standard error of a variance is a fifth.
        assert layer.weight.var().item() == pytest.approx(0.01 / 16, rel=0.7)
