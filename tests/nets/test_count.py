"""Counting parameters and multiply-adds."""

import torch
from torch import nn

from scanwright.nets import NetworkOptions, build_network, count_operations, count_parameters


def test_frozen_parameters_are_not_counted() -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    network[0].requires_grad_(requires_grad=False)
    assert count_parameters(network) == 3


def test_operations_by_hand_in_3d_with_groups_and_stride() -> None:
    network = nn.Conv3d(4, 6, 3, stride=2, padding=1, groups=2)
    assert count_operations(network, 4, (8, 8, 8)) == 6 * 4**3 * (4 // 2) * 27


def test_counting_leaves_the_network_as_it_was() -> None:
    network = build_network("compact", NetworkOptions(size=(16, 16), width=0.125)).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    count_operations(network, 1, (16, 16))
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_operations_grow_with_the_area() -> None:
    network = build_network("resnet18", NetworkOptions(size=(32, 32), width=0.125))
    head = count_parameters(network.head) - 2
    small, large = (count_operations(network, 1, (edge, edge)) - head for edge in (32, 64))
    assert large == 4 * small
