import numpy as np
import pytest
import torch

from scanwright.nets import NetworkOptions, build_network
from scanwright.training.loader import Loader
from scanwright.training.validate import predict_rows
from tests.training.builders import CPU, toy_images

LOADER = Loader(toy_images(), CPU.device, 1 << 30)


def network() -> torch.nn.Module:
    return build_network("compact", NetworkOptions(size=(16, 16), width=0.125, dropout=0.5))


@pytest.mark.parametrize("batch", [1, 3, 5, 100])
def test_outputs_do_not_depend_on_the_batch(batch: int) -> None:
    rows = np.array([4, 0, 31, 7, 7])
    found = predict_rows(network(), LOADER, rows, CPU, batch=batch)
    with torch.inference_mode():
        expected = network().eval()(torch.from_numpy(toy_images()[rows])).numpy()
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_a_network_in_training_is_neither_stopped_nor_changed(training: bool) -> None:
    ours = network().train(training)
    before = {name: tensor.clone() for name, tensor in ours.state_dict().items()}
    predict_rows(ours, LOADER, np.arange(8), CPU, batch=4)
    assert ours.training is training
    for name, tensor in ours.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_no_rows_have_no_outputs() -> None:
    assert len(predict_rows(network(), LOADER, np.zeros(0, dtype=np.int64), CPU, batch=4)) == 0
