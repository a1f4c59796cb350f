import torch
from torch import nn

from scanwright.training.average import WARMING, Average


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def change(of: nn.Module) -> None:
    with torch.no_grad():
        for parameter in of.parameters():
            parameter.add_(torch.randn_like(parameter))
    of(torch.randn(4, 2))  # changes the statistics of the normalisation


def test_the_average_follows_its_formula_with_a_warming_decay() -> None:
    ours = network()
    average = Average(ours, 0.5)
    expected = {name: value.clone() for name, value in ours.state_dict().items()}
    for step in range(12):
        change(ours)
        average.update(ours, step)
        decay = min(0.5, (1 + step) / (WARMING + step))
        for name, value in ours.state_dict().items():
            if value.is_floating_point():
                expected[name] = decay * expected[name] + (1 - decay) * value
            else:
                expected[name] = value.clone()
    for name, value in average.network.state_dict().items():
        torch.testing.assert_close(value, expected[name], msg=name)
    assert expected["1.num_batches_tracked"] == 12


def test_without_decay_the_average_is_the_network() -> None:
    ours = network()
    average = Average(ours, 0.0)
    change(ours)
    average.update(ours, 7)
    for name, value in average.network.state_dict().items():
        assert torch.equal(value, ours.state_dict()[name]), name


def test_the_average_is_a_copy_that_is_never_trained() -> None:
    ours = network().train()
    average = Average(ours, 0.9)
    assert not average.network.training
    assert not any(parameter.requires_grad for parameter in average.network.parameters())
    before = {name: value.clone() for name, value in average.network.state_dict().items()}
    change(ours)
    for name, value in average.network.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(parameter.requires_grad for parameter in ours.parameters())
