import pytest
import torch

from scanwright.base import BundleError
from scanwright.inference.compute import Compute
from scanwright.inference.detection_forward import ensemble_looks, mirrored
from scanwright.nets import Cells, split_cells
from tests.inference.spots import Spots

CPU = Compute(torch.device("cpu"), None, 1)


def test_mirrored_cells_lie_where_the_mirrored_window_shows_them() -> None:
    low, high = torch.tensor([[[1.0], [2.0]]]), torch.tensor([[[4.0], [6.0]]])
    cells = Cells(torch.zeros(1, 1, 1), low, high, (low + high) / 2, torch.ones(1, 1, 1))
    found = mirrored(cells, (1,), (10, 12))
    assert found.low.flatten().tolist() == [1.0, 5.0]
    assert found.high.flatten().tolist() == [4.0, 9.0]
    assert found.centre.flatten().tolist() == [2.5, 7.0]
    again = mirrored(found, (1,), (10, 12))
    assert torch.equal(again.low, low)
    assert mirrored(cells, (), (10, 12)) is cells


def test_every_network_looks_at_every_mirrored_view() -> None:
    images = torch.zeros(2, 1, 12, 10)
    images[0, 0, 3, 7] = 0.5
    look = ensemble_looks([Spots(), Spots(steep=1.0)], CPU, 2, (0, 1))
    found = list(look(images))
    assert len(found) == 2 * 4
    for cells in found:
        assert cells.logits.shape == (2, 2, 120)
        best = cells.logits[0, 0].argmax()
        assert cells.centre[0, :, best].tolist() == [3.0, 7.0]


def test_answers_are_those_of_the_network_alone() -> None:
    images = torch.rand(1, 1, 8, 8, 8)
    (found,) = ensemble_looks([Spots()], CPU, 2)(images)
    expected = split_cells(Spots()(images), 2, 3)
    assert torch.equal(found.joined(), expected.joined())


def test_networks_are_put_into_evaluation_mode() -> None:
    network = torch.nn.Sequential(Spots(), torch.nn.Dropout(0.5)).train()
    ensemble_looks([network], CPU, 2)
    assert not any(layer.training for layer in network.modules())


def test_an_ensemble_without_networks_is_refused() -> None:
    with pytest.raises(BundleError):
        ensemble_looks([], CPU, 2)
