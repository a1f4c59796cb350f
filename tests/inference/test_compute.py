import pytest
import torch
from torch import nn

from scanwright.base import ResourceError
from scanwright.inference import Compute, Views, choose_compute, forward, to_device

CPU = Compute(torch.device("cpu"), None, 1)


@pytest.fixture(autouse=True)
def _threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ResourceError) as caught:
        choose_compute("abacus")
    assert caught.value.got == "abacus"
    assert "cpu" in str(caught.value.legal)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(ResourceError):
        choose_compute("cuda")
    assert choose_compute("auto").device.type in ("cpu", "mps")


def test_threads_and_precision_are_as_asked_for() -> None:
    compute = choose_compute("cpu", "float32", 1)
    assert (compute.is_cpu, compute.autocast, compute.threads) == (True, None, 1)
    assert torch.get_num_threads() == 1
    assert choose_compute("cpu", "bfloat16", 1).autocast is torch.bfloat16


def test_without_a_wish_all_threads_that_the_process_may_use_serve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCANWRIGHT_THREADS", "2")
    assert choose_compute("cpu", "float32").threads == 2


class FirstElement(nn.Module):
    """Output: the first value of each image."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1)[:, :1]


def test_outputs_are_averaged_over_the_image_and_each_flip() -> None:
    images = torch.arange(12.0).reshape(1, 1, 3, 4)  # corners 0, 3, 8
    network = FirstElement()
    assert forward(network, images, CPU).item() == 0
    assert forward(network, images, CPU, Views(flips=(1,))).item() == pytest.approx((0 + 3) / 2)
    assert forward(network, images, CPU, Views(flips=(0, 1))).item() == pytest.approx(
        (0 + 8 + 3) / 3
    )


def test_lower_precision_serves_inside_only() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 1, bias=False))
    nn.init.constant_(network[1].weight, 1.0)
    images = torch.full((1, 1, 2, 2), 1.001)
    half = Compute(torch.device("cpu"), torch.bfloat16, 1)
    assert forward(network, images, CPU).item() == pytest.approx(4.004)
    output = forward(network, images, half)
    assert output.dtype == torch.float32
    assert output.item() == pytest.approx(4.0)
    assert images.dtype == torch.float32


def test_planes_get_channels_innermost_and_volumes_do_not() -> None:
    plane = to_device(nn.Sequential(nn.Conv2d(3, 4, 3)), CPU.device)
    volume = to_device(nn.Sequential(nn.Conv3d(3, 4, 3)), CPU.device)
    assert next(plane.parameters()).is_contiguous(memory_format=torch.channels_last)
    assert next(volume.parameters()).is_contiguous()


def test_waiting_for_the_processor_returns_at_once() -> None:
    CPU.wait()
